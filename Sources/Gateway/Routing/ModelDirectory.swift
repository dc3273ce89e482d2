package import NIOCore
package import Providers
import Synchronization

/// Knows which models each provider lists, and keeps the routing table that follows from it.
package final class ModelDirectory: Sendable {
    /// What asking one provider brought.
    package struct Answer: Sendable {
        package var listing: RoutingTable.Listing
        package var isOllama: Bool
        /// Why there is no listing, for the operator.
        package var failure: String?

        package init(listing: RoutingTable.Listing, isOllama: Bool = false, failure: String? = nil) {
            self.listing = listing
            self.isOllama = isOllama
            self.failure = failure
        }
    }

    /// Asks one provider for its models; bounded in time by itself.
    package typealias Lister = @Sendable (Provider) async -> Answer

    private struct State {
        var table: RoutingTable
        var answers: [String: Answer] = [:]
        var isSelf: @Sendable (Provider) -> Bool = { _ in false }
        var refreshedAt: NIODeadline?
        var waiting: [EventLoopPromise<Void>] = []
        var isClosed = false
    }

    /// An unknown model makes the directory ask again, but not more often than this.
    private static let staleAfter = TimeAmount.seconds(5)
    private static let interval = Duration.seconds(60)

    private let providers: [Provider]
    private let defaultProvider: String?
    private let lister: Lister
    private let state: Mutex<State>
    private let wishes: AsyncStream<Void>
    private let wish: AsyncStream<Void>.Continuation

    package init(providers: [Provider], defaultProvider: String?, lister: @escaping Lister) {
        self.providers = providers
        self.defaultProvider = defaultProvider
        self.lister = lister
        state = Mutex(State(table: RoutingTable(providers: providers, defaultProvider: defaultProvider)))
        (wishes, wish) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// The table as it is now.
    package var table: RoutingTable { state.withLock { $0.table } }

    /// What each provider answered last, by name.
    package var answers: [String: Answer] { state.withLock { $0.answers } }

    /// Leaves out the providers that are this gateway itself.
    package func exclude(_ isSelf: @escaping @Sendable (Provider) -> Bool) {
        state.withLock { state in
            state.isSelf = isSelf
            state.table = makeTable(state)
        }
    }

    /// Asks all providers again if the last time was a while ago.
    ///
    /// - Returns: nil where what is known is fresh; otherwise a future that ends when it is again, whatever came of it.
    package func refreshIfStale(on eventLoop: any EventLoop) -> EventLoopFuture<Void>? {
        let promise = eventLoop.makePromise(of: Void.self)
        let isWanted = state.withLock { state in
            guard !state.isClosed, state.refreshedAt.map({ NIODeadline.now() - $0 > Self.staleAfter }) ?? true else {
                return false
            }
            state.waiting.append(promise)
            return true
        }
        guard isWanted else {
            promise.succeed()
            return nil
        }
        wish.yield()
        return promise.futureResult
    }

    /// Asks at the start, then every minute and whenever somebody wants it, until it is cancelled.
    package func run() async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.wishRegularly() }
            await refresh()
            for await _ in wishes { await refresh() }
            group.cancelAll()
        }
        let waiting = state.withLock { state in
            state.isClosed = true
            defer { state.waiting = [] }
            return state.waiting
        }
        for promise in waiting { promise.succeed() }
    }

    private func wishRegularly() async {
        while (try? await Task.sleep(for: Self.interval)) != nil { wish.yield() }  // Only cancellation throws.
    }

    private func refresh() async {
        let waiting = state.withLock { state in
            defer { state.waiting = [] }
            return state.waiting
        }
        let isSelf = state.withLock { $0.isSelf }
        let lister = lister
        await withTaskGroup(of: (String, Answer).self) { group in
            for provider in providers where !isSelf(provider) {
                group.addTask { (provider.name, await lister(provider)) }
            }
            // One provider that is slow to answer keeps nobody from the others' models.
            for await (name, answer) in group { take(answer, of: name) }
        }
        state.withLock { $0.refreshedAt = .now() }
        for promise in waiting { promise.succeed() }
    }

    private func take(_ answer: Answer, of name: String) {
        state.withLock { state in
            state.answers[name] = Self.newest(answer, after: state.answers[name])
            state.table = makeTable(state)
        }
    }

    /// A provider that is down for a moment keeps the models that it had.
    private static func newest(_ answer: Answer, after old: Answer?) -> Answer {
        guard case .unknown = answer.listing, answer.failure != nil, let old else { return answer }
        return Answer(listing: old.listing, isOllama: old.isOllama, failure: answer.failure)
    }

    private func makeTable(_ state: borrowing State) -> RoutingTable {
        RoutingTable(
            providers: providers,
            defaultProvider: defaultProvider,
            isSelf: state.isSelf,
            listings: state.answers.mapValues(\.listing),
            ollama: Set(state.answers.filter(\.value.isOllama).keys)
        )
    }
}
