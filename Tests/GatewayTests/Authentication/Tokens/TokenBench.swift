import Logging
import NIOCore
import NIOPosix
import Providers

@testable import Gateway

/// A verifier of tokens with an issuer whose keys, clocks and failures a test decides.
final class TokenBench: Sendable {
    struct Served: Sendable {
        /// The key set; nil where it cannot be had.
        var keys: String?
        var fetches = 0
        /// Fetches wait while it is there.
        var gate: EventLoopFuture<Void>?
    }

    let served: Watched<Served>
    let source: TokenKeySource
    /// Nanoseconds of the running clock.
    private let uptime = Watched<UInt64>(1_000_000_000_000)
    /// Milliseconds of the wall clock.
    private let wall: Watched<Int>
    private let settings: TokenIssuer

    init(
        _ keys: String?,
        longestWait: TimeAmount = .minutes(1),
        _ change: (inout TokenIssuer) -> Void = { _ in }
    ) throws {
        var settings = TokenIssuer(
            issuer: TestIssuer.name,
            audiences: ["torii"],
            keys: .file("/none"),
            claims: .init(tenant: "org")
        )
        change(&settings)
        self.settings = settings
        let served = Watched(Served(keys: keys))
        let uptime = uptime
        self.served = served
        wall = Watched(WallClockSeconds.now * 1_000)
        source = TokenKeySource(
            TokenKeySource.Settings(settings),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            now: { .uptimeNanoseconds(uptime.value) },
            longestWait: longestWait
        ) { (_) async throws(TokenKeyProblem) in
            served.change { $0.fetches += 1 }
            if let gate = served.value.gate { try? await gate.get() }
            guard let keys = served.value.keys else { throw TokenKeyProblem("the test says no") }
            return Array(keys.utf8)
        }
    }

    var verifier: TokenVerifier {
        TokenVerifier([settings], sources: [source]) { [wall] in wall.value }
    }

    /// Lets both clocks go on.
    func pass(seconds: Int) {
        uptime.change { $0 += UInt64(seconds) * 1_000_000_000 }
        wall.change { $0 += seconds * 1_000 }
    }

    /// Sets the wall clock, as an administrator or a time server does.
    func setClock(by seconds: Int) { wall.change { $0 += seconds * 1_000 } }

    var seconds: Int { wall.value / 1_000 }

    /// What is said of a token.
    enum Word: Equatable {
        case good(String)
        /// A tenant that there is not.
        case homeless
        case bad
        case unavailable(Int)
        /// It would have to wait, and the test does not.
        case waiting
    }

    /// Asks as an exchange does, waiting once.
    func ask(
        _ token: String,
        _ identities: IdentitySnapshot,
        _ cache: TokenCache? = nil
    ) async throws -> Word {
        let first = verifier.verdict(token[...], identities, cache, on: MultiThreadedEventLoopGroup.singleton.any())
        guard case .wait(let keys) = first else { return Self.word(first) }
        try await keys.get()
        return Self.word(verifier.verdict(token[...], identities, cache, on: nil))
    }

    static func word(_ verdict: TokenVerifier.Verdict) -> Word {
        switch verdict {
        case .good(_, let principal?): .good(principal.tenantName ?? "")
        case .good: .homeless
        case .bad: .bad
        case .unavailable(let seconds): .unavailable(seconds)
        case .wait: .waiting
        }
    }

    /// Runs the source of keys for as long as `body` runs, with the first fetch behind it.
    func run<Result: Sendable>(_ body: () async throws -> Result) async throws -> Result {
        let first = source.newestVersion
        return try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { [source] in await source.run() }
            defer { tasks.cancelAll() }
            _ = try await eventually("the first fetch") {
                (served.value.keys == nil ? served.value.fetches > 0 : source.newestVersion > first) ? true : nil
            }
            return try await body()
        }
    }
}

extension Office {
    /// A store with the tenants acme and other, of which acme has the user alice.
    static func withTenants() throws -> Office {
        let office = try Office()
        for name in ["acme", "other"] { try office.make(.tenants, #"{"name":"\#(name)"}"#) }
        try office.make(.teams, #"{"tenant":"acme","name":"builders"}"#)
        try office.make(.users, #"{"tenant":"acme","name":"alice","team":"builders"}"#)
        return office
    }
}
