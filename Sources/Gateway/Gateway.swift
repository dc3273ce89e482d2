package import Logging
import NIOCore
import NIOPosix
package import Providers
import ServiceLifecycle

/// The gateway as one service: both listeners, the model directory, and their orderly end.
package struct Gateway: Service {
    /// Where the listeners are, known once both are bound.
    package struct Addresses: Sendable, Hashable {
        package let port: Int
        package let adminPort: Int
    }

    private let settings: GatewaySettings
    let lister: ModelDirectory.Lister
    let keyFetch: TokenKeyFetch
    private let sink: LogSink
    let logger: Logger
    let reloader: Reloader
    private let memory: @Sendable () -> Int?
    let admissionClock: AdmissionClock
    private let clock: any LoopClock
    private let dice: @Sendable () -> RouteDice
    private let journalDisk: JournalDisk
    private let onBootstrapKey: @Sendable (String) -> Void
    private let onListening: @Sendable (Addresses) -> Void

    /// A gateway that does not listen yet.
    ///
    /// `lister` asks a provider for its models; `sink` takes the request log and stays the caller's; `reloader` says when
    /// and how the settings are read again; `memory` tells how many bytes of the process are in memory; exchanges wait
    /// by `clock`, and limits are counted by `admissionClock`; each event loop draws from a generator that `dice` makes;
    /// `onBootstrapKey` is given the first key of an installation that nobody could use without it, for a person's eyes
    /// alone; `onListening` is called once, when both listeners are bound. Settings that would open the gateway to
    /// strangers are refused.
    package init(
        settings: GatewaySettings,
        lister: @escaping ModelDirectory.Lister,
        sink: LogSink,
        logger: Logger,
        reloader: Reloader = Reloader(),
        memory: @escaping @Sendable () -> Int? = ProcessMemory.resident,
        admissionClock: AdmissionClock = .system,
        clock: any LoopClock = MachineClock(),
        dice: @escaping @Sendable () -> RouteDice = RouteDice.random,
        onBootstrapKey: @escaping @Sendable (String) -> Void = { _ in },
        onListening: @escaping @Sendable (Addresses) -> Void = { _ in }
    ) throws(StartProblem) {
        try self.init(
            settings: settings,
            lister: lister,
            sink: sink,
            logger: logger,
            reloader: reloader,
            memory: memory,
            admissionClock: admissionClock,
            clock: clock,
            dice: dice,
            journalDisk: .system,
            onBootstrapKey: onBootstrapKey,
            onListening: onListening
        )
    }

    /// The same with a journal on a disk of the caller's choice.
    init(
        settings: GatewaySettings,
        lister: @escaping ModelDirectory.Lister,
        sink: LogSink,
        logger: Logger,
        reloader: Reloader,
        memory: @escaping @Sendable () -> Int?,
        admissionClock: AdmissionClock,
        clock: any LoopClock,
        dice: @escaping @Sendable () -> RouteDice,
        journalDisk: JournalDisk,
        onBootstrapKey: @escaping @Sendable (String) -> Void,
        onListening: @escaping @Sendable (Addresses) -> Void
    ) throws(StartProblem) {
        // Off loopback there is at least the key that is made then.
        try StartProblem.check(settings, hasIdentities: true)
        self.settings = settings
        self.lister = lister
        keyFetch = TokenKeyFetch(settings: settings.transport)
        self.sink = sink
        self.logger = logger
        self.reloader = reloader
        self.memory = memory
        self.admissionClock = admissionClock
        self.clock = clock
        self.dice = dice
        self.journalDisk = journalDisk
        self.onBootstrapKey = onBootstrapKey
        self.onListening = onListening
    }

    /// Serves until it is told to stop gracefully, then lets running exchanges end within the drain deadline.
    package func run() async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: settings.threads ?? System.coreCount)
        let metering = try Metering(
            settings,
            logger: logger,
            clock: admissionClock.wall,
            disk: journalDisk
        )
        let identities = try openIdentities(metering.accounts)
        let shared = SharedContext(
            snapshot: Snapshot(
                settings: settings,
                directory: ModelDirectory(settings, lister: lister),
                keySources: keySources(for: settings),
                clock: admissionClock.wall
            ),
            identities: try identities.snapshot(),
            sink: sink,
            hopID: Self.makeHopID(),
            state: try GatewayState(settings.state, settings.capture, logger: logger, clock: clock),
            metering: metering,
            admissionClock: admissionClock,
            clock: clock,
            dice: dice
        )
        let loops = try await Self.makeLoops(group, shared)
        do {
            try await serve(
                loops,
                shared,
                IdentityWatch(store: identities, loops: loops, shared: shared, logger: logger)
            )
        } catch {
            await stop(loops, group, shared)
            throw error
        }
        await stop(loops, group, shared)
    }

    private func serve(
        _ loops: [NIOLoopBound<LoopContext>],
        _ shared: SharedContext,
        _ watch: IdentityWatch
    ) async throws {
        let listeners = try await Listener(loops: loops, settings: settings).bind()
        do { try await serve(loops, shared, watch, listeners) } catch {
            // Nobody is accepted any more while the rest winds down, as where the other listener cannot be bound.
            for listener in listeners { listener.close(promise: nil) }
            throw error
        }
    }

    private func serve(
        _ loops: [NIOLoopBound<LoopContext>],
        _ shared: SharedContext,
        _ watch: IdentityWatch,
        _ listeners: [any Channel]
    ) async throws {
        let port = listeners.first?.localAddress?.port ?? settings.port
        shared.snapshot.directory.exclude { [settings] in Self.isSelf($0, settings, port) }
        let admin = AdministrationServer(
            host: settings.adminHost,
            port: settings.adminPort,
            view: GatewayView(shared: shared, loops: loops, reloader: reloader, memory: memory),
            reloader: reloader,
            watch: watch
        )
        // Its server winds down a little after it says so, when this gateway's own loops may be gone.
        let application = admin.application(on: .singletonMultiThreadedEventLoopGroup, logger: logger) {
            [onListening] adminPort in
            onListening(Addresses(port: port, adminPort: adminPort))
        }
        try await withThrowingTaskGroup(of: Ending.self) { tasks in
            tasks.addTask {
                try await application.run()
                return .part
            }
            tasks.addTask {
                await keepConfiguration(loops, shared)
                return .part
            }
            tasks.addTask {
                await watch.run()
                return .part
            }
            tasks.addTask {
                await watchMemory(shared.overload)
                return .part
            }
            tasks.addTask {
                await shared.responses.run()
                return .part
            }
            tasks.addTask {
                await shared.metering.run()
                return .part
            }
            tasks.addTask {
                await shared.captures.run()
                return .part
            }
            if settings.allowsAnonymousAnywhere { tasks.addTask { await remind() } }
            tasks.addTask {
                try await gracefulShutdown()
                for listener in listeners { try await listener.close() }
                await drain(loops, shared)
                // Before the other tasks are waited for: a ledger or a disk that hangs keeps no client and no record.
                await settle(loops)
                return .drained
            }
            defer { tasks.cancelAll() }
            for try await ending in tasks where ending == .drained { return }
        }
    }

    /// Why one of the gateway's tasks came to its end.
    private enum Ending {
        /// A part stopped by itself, as the administration listener does when a stop begins.
        case part
        /// Nothing runs any more.
        case drained
    }

    private func drain(_ loops: [NIOLoopBound<LoopContext>], _ shared: SharedContext) async {
        shared.counters.drainDidBegin()
        let deadline = clock.now + shared.snapshot.settings.limits.drainTimeout.timeAmount
        for loop in loops { loop.eventLoop.execute { loop.value.drain() } }
        while clock.now < deadline, await isBusy(loops, shared) {
            guard (try? await Task.sleep(for: .milliseconds(20))) != nil else { return }  // Only cancellation throws.
        }
    }

    /// Whether an exchange runs, or an answer is still on its way to its client.
    private func isBusy(_ loops: [NIOLoopBound<LoopContext>], _ shared: SharedContext) async -> Bool {
        if shared.counters.exchangesInFlight > 0 { return true }
        for loop in loops {
            // A loop that takes no more work has nothing left to do.
            let isQuiet = try? await loop.eventLoop.submit { loop.value.isQuiet }.get()
            if isQuiet == false { return true }
        }
        return false
    }

    /// Ends what still runs on the loops, and closes their part of the journal; once more changes nothing.
    private func settle(_ loops: [NIOLoopBound<LoopContext>]) async {
        for loop in loops {
            do {
                try await loop.eventLoop.submit { loop.value.stop() }.get()
            } catch {
                logger.warning("an event loop did not stop", metadata: ["error": "\(error)"])
            }
        }
    }

    private func stop(
        _ loops: [NIOLoopBound<LoopContext>],
        _ group: MultiThreadedEventLoopGroup,
        _ shared: SharedContext
    ) async {
        await settle(loops)
        await shared.responses.close(on: group.next())
        shared.metering.close()
        await shared.captures.close(on: group.next())
        do {
            try await group.shutdownGracefully()
        } catch {
            logger.warning("the event loops did not stop", metadata: ["error": "\(error)"])
        }
    }

    /// Measures the process's memory a few times a second, where it is bounded; off the event loops.
    private func watchMemory(_ overload: OverloadControl) async {
        repeat {
            if overload.boundsMemory, let bytes = memory() { overload.note(memory: bytes) }
        } while (try? await Task.sleep(for: .milliseconds(250))) != nil  // Only cancellation throws.
    }

    /// Says each minute that strangers are let in.
    private func remind() async -> Ending {
        repeat {
            logger.warning("authentication is off: everybody who reaches \(settings.host) may use every provider's key")
        } while (try? await Task.sleep(for: .seconds(60))) != nil  // Only cancellation throws.
        return .part
    }

    /// The store of identities, with a first key in it where the gateway could not be used without one.
    private func openIdentities(_ accounts: BudgetAccounts) throws -> IdentityStore {
        let store = try IdentityStore(
            opening: settings.state,
            logger: logger,
            budgets: accounts,
            clock: admissionClock.wall
        )
        guard settings.needsKey, settings.clientKeys.isEmpty else { return store }
        if let key = try IdentityAdministration(store).bootstrapKey() { onBootstrapKey(key) }
        return store
    }

    private static func makeLoops(
        _ group: MultiThreadedEventLoopGroup,
        _ shared: SharedContext
    ) async throws -> [NIOLoopBound<LoopContext>] {
        var loops: [NIOLoopBound<LoopContext>] = []
        for eventLoop in group.makeIterator() {
            let loop = try await eventLoop.submit {
                let loop = LoopContext(eventLoop: eventLoop, shared: shared)
                loop.start()
                return NIOLoopBound(loop, eventLoop: eventLoop)
            }.get()
            loops.append(loop)
        }
        return loops
    }

    private static func makeHopID() -> String {
        String(UInt64.random(in: .min ... .max), radix: 36)
    }

    /// Whether a provider's address is that of this gateway's own public listener.
    static func isSelf(_ provider: Provider, _ settings: GatewaySettings, _ port: Int) -> Bool {
        let host = provider.baseURL.host
        guard provider.baseURL.port == port else { return false }
        return host == settings.host
            || (Loopback.isLoopback(host)
                && (Loopback.isLoopback(settings.host) || settings.host == "0.0.0.0" || settings.host == "::"))
    }
}
