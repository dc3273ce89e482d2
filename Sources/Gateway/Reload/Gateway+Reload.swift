import Logging
import NIOCore
import Providers

extension Gateway {
    /// What a configuration keeps up to date in the background, until it is retired.
    private typealias Upkeep = @Sendable () async -> Void

    /// Runs the directory and the issuers' keys of the configuration in use, and reads the configuration again whenever
    /// somebody wishes it, until it is cancelled.
    func keepConfiguration(_ loops: [NIOLoopBound<LoopContext>], _ shared: SharedContext) async {
        let (upkeeps, successors) = AsyncStream.makeStream(of: Upkeep.self)
        let first = shared.snapshot
        successors.yield { await first.directory.run() }
        for source in first.authenticator.tokens.sources { successors.yield { await source.run() } }
        await withDiscardingTaskGroup { running in
            running.addTask {
                await reloader.run { (causes) async throws(ReloadProblem) in
                    try await reload(causes, loops, shared, successors)
                }
            }
            for await upkeep in upkeeps { running.addTask { await upkeep() } }
        }
    }

    /// Reads the configuration again, derives everything of it, and only then puts it into use everywhere.
    ///
    /// - Throws: why the old one stays as it is, which is logged (F17).
    private func reload(
        _ causes: Set<Reloader.Cause>,
        _ loops: [NIOLoopBound<LoopContext>],
        _ shared: SharedContext,
        _ successors: AsyncStream<Upkeep>.Continuation
    ) async throws(ReloadProblem) -> Reloader.Success {
        let by: Logger.Metadata = ["by": "\(causes.map(\.rawValue).sorted().joined(separator: ","))"]
        do throws(ReloadProblem) {
            let hasIdentities = shared.identities.isInUse
            let (next, success) = try await derive(after: shared.snapshot, hasIdentities: hasIdentities)
            await adopt(next, after: shared.snapshot, loops, shared, successors)
            logger.notice("the configuration was read again; it is number \(next.generation)", metadata: by)
            for warning in success.warnings { logger.warning("\(warning)") }
            for key in success.restartNeeded { logger.warning("\(key) has changed, which counts after a restart only") }
            return success
        } catch {
            for fault in error.faults {
                let step = fault.nextStep.map { " \($0)" } ?? ""
                logger.error("the configuration stays as it was: \(fault).\(step)", metadata: by)
            }
            throw error
        }
    }

    /// Nothing is changed here.
    private func derive(
        after running: Snapshot,
        hasIdentities: Bool
    ) async throws(ReloadProblem) -> (Snapshot, Reloader.Success) {
        guard let load = reloader.load else {
            throw ReloadProblem([.init("unsupported", "this gateway has no configuration that it could read again")])
        }
        let loaded = try await load(running.settings)
        let (settings, restartNeeded) = loaded.settings.keepingFixed(of: running.settings)
        do throws(StartProblem) { try StartProblem.check(settings, hasIdentities: hasIdentities) } catch {
            throw ReloadProblem([.init("conflict", error.description)])
        }
        let old = running.directory
        let directory = ModelDirectory(settings, loads: old.loads, upstreams: old.upstreams, lister: lister)
        directory.follow(old)
        let next = Snapshot(
            generation: running.generation + 1,
            settings: settings,
            directory: directory,
            keySources: keySources(for: settings, after: running.authenticator.tokens.sources),
            after: running,
            clock: admissionClock.wall
        )
        let success = Reloader.Success(
            generation: next.generation,
            warnings: loaded.warnings,
            restartNeeded: restartNeeded
        )
        return (next, success)
    }

    private func adopt(
        _ next: Snapshot,
        after running: Snapshot,
        _ loops: [NIOLoopBound<LoopContext>],
        _ shared: SharedContext,
        _ successors: AsyncStream<Upkeep>.Continuation
    ) async {
        // Files with certificates may have changed as well.
        next.settings.transport.tls.forgetFiles()
        shared.adopt(next)
        let (sources, before) = (next.authenticator.tokens.sources, running.authenticator.tokens.sources)
        successors.yield { await next.directory.run() }
        for source in sources {
            if before.contains(where: { $0 === source }) {
                // Whoever has a key taken out, of a file among others, does not wait for the next regular fetch.
                source.hurry()
            } else {
                successors.yield { await source.run() }
            }
        }
        let adoptions = loops.map { loop in loop.eventLoop.submit { loop.value.adopt(next) } }
        for adoption in adoptions {
            // A loop that is gone takes no more requests.
            _ = try? await adoption.get()
        }
        running.directory.retire()
        for source in before where !sources.contains(where: { $0 === source }) { source.retire() }
    }

    /// Where the keys of the issuers come from; one that stays as it was keeps the keys that it has.
    func keySources(for settings: GatewaySettings, after running: [TokenKeySource] = []) -> [TokenKeySource] {
        settings.tokens.map { issuer in
            let wanted = TokenKeySource.Settings(issuer)
            if let source = running.first(where: { $0.settings == wanted }) { return source }
            return TokenKeySource(wanted, logger: logger) { [keyFetch] (settings) async throws(TokenKeyProblem) in
                try await keyFetch.keys(of: settings)
            }
        }
    }
}
