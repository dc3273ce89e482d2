import JSON
import NIOCore
import NIOPosix
package import Providers
import Synchronization

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Fetches an issuer's keys through the gateway's own transport: no redirect is followed, and nothing is read beyond a bound.
package final class TokenKeyFetch: Sendable {
    private let settings: TransportSettings
    /// Made when the first issuer needs it.
    private let client = Mutex<UpstreamClient?>(nil)
    /// The files that are being read; one that does not come to an end keeps no more than one thread.
    private let reading = Mutex<Set<String>>([])
    /// How long a file may take.
    private let fileTimeout: TimeAmount

    package convenience init(settings: TransportSettings) { self.init(settings: settings, fileTimeout: .seconds(7)) }

    init(settings: TransportSettings, fileTimeout: TimeAmount) {
        self.settings = settings
        self.fileTimeout = fileTimeout
    }

    /// The bytes of the key set.
    ///
    /// - Throws: `TokenKeyProblem` within a quarter of a minute, whatever the other side does.
    package func keys(of issuer: TokenIssuer) async throws(TokenKeyProblem) -> [UInt8] {
        try await keys(of: TokenKeySource.Settings(issuer))
    }

    func keys(of issuer: TokenKeySource.Settings) async throws(TokenKeyProblem) -> [UInt8] {
        switch issuer.place {
        case .file(let path): return try await file(path) { try Self.readWhole(path) }
        case .address(let address): return try await get(address, issuer.caFile)
        case .discovery(let address):
            let document = try await get(address, issuer.caFile)
            return try await get(Self.keyAddress(in: document, of: issuer.issuer, at: address), issuer.caFile)
        }
    }

    /// How many keys of an issuer can be used now, and why others cannot.
    ///
    /// - Throws: `TokenKeyProblem` where it has none, or none that can be had.
    package func survey(of issuer: TokenIssuer) async throws(TokenKeyProblem) -> (usable: Int, leftOut: [String]) {
        let keys = try await TokenKeySet(keys(of: issuer), for: issuer.algorithms)
        if keys.count == 0, let problem = keys.problem { throw TokenKeyProblem(problem) }
        return (keys.count, keys.leftOut)
    }

    /// Where a discovery document says that the keys are; it has to be the very issuer's, and may not lead to less safety
    /// than it came with.
    private static func keyAddress(
        in document: [UInt8],
        of issuer: String,
        at address: KeyAddress
    ) throws(TokenKeyProblem) -> KeyAddress {
        let root: JSONView
        do throws(JSONError) { root = try JSONDocument(document, limits: JSONLimits(depth: 16)).root } catch {
            throw TokenKeyProblem("\(address) is no JSON: \(error.message)")
        }
        guard root["issuer"]?.isString(issuer) == true else { throw TokenKeyProblem("\(address) is another issuer's") }
        guard let text = root["jwks_uri"]?.string else { throw TokenKeyProblem("\(address) has no jwks_uri") }
        do throws(BaseURL.Problem) {
            let found = try KeyAddress(text)
            guard !found.leadsHere || address.leadsHere else {
                throw BaseURL.Problem(reason: "leads to this machine")
            }
            return found
        } catch {
            throw TokenKeyProblem("the jwks_uri of \(address) \(error.reason)")
        }
    }

    private func get(_ address: KeyAddress, _ caFile: String?) async throws(TokenKeyProblem) -> [UInt8] {
        let client = client.withLock { client in
            let made = client ?? UpstreamClient(settings: settings)
            client = made
            return made
        }
        let request = UpstreamRequest(
            method: "GET",
            target: address.target,
            fields: Fields([("accept", "application/json"), ("accept-encoding", "identity")]),
            origin: Origin(address.base, caFile: caFile, partition: "token keys"),
            timeouts: Self.timeouts
        )
        do throws(TransportFailure) {
            let response = try await client.execute(request)
            guard response.status == 200 else { throw TransportFailure(.notHTTP, "status \(response.status)") }
            return try await response.body.collect(upTo: Self.longest)
        } catch {
            let words = error.detail.isEmpty ? error.kind.rawValue : error.detail
            throw TokenKeyProblem("\(address) cannot be read: \(words)")
        }
    }

    /// Reads a file on a thread that may block, and gives up where that takes too long: nobody can end such a read.
    func file(
        _ path: String,
        _ read: @escaping @Sendable () throws -> [UInt8]
    ) async throws(TokenKeyProblem) -> [UInt8] {
        guard reading.withLock({ $0.insert(path).inserted }) else {
            throw TokenKeyProblem("\(path) is still being read")
        }
        let eventLoop = MultiThreadedEventLoopGroup.singleton.any()
        let promise = eventLoop.makePromise(of: [UInt8].self)
        let end = eventLoop.scheduleTask(in: fileTimeout) {
            promise.fail(TokenKeyProblem("\(path) takes too long to read"))
        }
        let whole = NIOThreadPool.singleton.runIfActive(eventLoop: eventLoop, read)
        whole.whenComplete { [self] _ in
            _ = reading.withLock { $0.remove(path) }
            end.cancel()
        }
        whole.cascade(to: promise)
        do {
            return try await promise.futureResult.get()
        } catch let problem as TokenKeyProblem {
            throw problem
        } catch {
            throw TokenKeyProblem("\(path) cannot be read: \(error)")
        }
    }

    private static func readWhole(_ path: String) throws(TokenKeyProblem) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            throw TokenKeyProblem("\(path) cannot be opened: \(String(cString: strerror(errno)))")
        }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 16 << 10)
        while true {
            let count = piece.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
            guard count >= 0 else {
                throw TokenKeyProblem("\(path) cannot be read: \(String(cString: strerror(errno)))")
            }
            if count == 0 { return bytes }
            bytes += piece[..<count]
            guard bytes.count <= longest else { throw TokenKeyProblem("\(path) has more than \(longest) bytes") }
        }
    }

    private static let timeouts = Timeouts(
        connect: .seconds(3),
        firstByte: .seconds(5),
        idle: .seconds(5),
        total: .seconds(7)
    )
    /// Bytes.
    private static let longest = 256 << 10
}
