import ArgumentParser
import Gateway
import Inference
import JSON
import NIOCore
import Providers

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// The options of every command that administers tenants and keys.
struct IdentityOptions: ParsableArguments {
    @Option(
        help: "A gateway's administration listener; without it the store on this machine. Its key is $TORII_API_KEY."
    )
    var url: String?

    @Option(help: "How it is printed: text or json.")
    var format = ListFormat.text

    @OptionGroup var options: ConfigurationOptions

    /// Whoever does what is asked: a gateway, or this process on the store itself.
    func desk() throws(ConfigurationError) -> IdentityDesk {
        if let url { return .gateway(try RemoteAdministration(url, environment: options.environment)) }
        let configuration = try options.load()
        guard case .file(let path) = configuration.server.statePlace(environment: options.environment) else {
            throw ConfigurationError(
                .conflict,
                "server.state.file is memory, so that tenants and keys are in the gateway alone",
                nextStep: "Ask the gateway: --url http://127.0.0.1:8788."
            )
        }
        do {
            return .store(IdentityAdministration(try IdentityStore(IdentityStore.Place(.file(path)))))
        } catch {
            throw ConfigurationError(.conflict, "the identities beside \(path) cannot be used: \(error)")
        }
    }
}

/// Where administrative requests are done.
enum IdentityDesk: Sendable {
    case store(IdentityAdministration)
    case gateway(RemoteAdministration)

    /// Has something done.
    ///
    /// - Throws: `Exit` after the reason was said, for what is not done.
    func perform(_ request: AdministrationRequest) async throws -> JSONView? {
        let (status, body): (Int, [UInt8])
        switch self {
        case .store(let administration):
            let reply = administration.answer(request, as: .local("\(getuid())"))
            (status, body) = (reply.status, reply.body)
            // Whoever may read the store's file may know what is wrong with it.
            if let cause = reply.cause { Console.standard.note("torii: the store says: \(cause)") }
        case .gateway(let remote): (status, body) = try await remote.send(request)
        }
        if status < 400, body.isEmpty { return nil }
        guard let root = try? JSONDocument(body).root else {
            Console.standard.note("torii: what answers there is not the administration of a gateway (status \(status))")
            throw Exit(.failed)
        }
        guard status >= 400 else { return root }
        let detail = root["detail"]?.string ?? root["title"]?.string ?? "status \(status)"
        Console.standard.note("torii: \(detail)")
        throw Exit(status == 401 ? .credentials : status == 403 ? .denied : .failed)
    }

    /// All rows of a list, page by page.
    func all(_ path: String, query: [(String, String?)] = []) async throws -> [JSONView] {
        var rows: [JSONView] = []
        try await forEachPage(path, query: query) { rows += $0["data"]?.elements.map { $0 } ?? [] }
        return rows
    }

    /// Reads a list to its end; `limit` is that of one page.
    func forEachPage(
        _ path: String,
        query: [(String, String?)] = [],
        limit: Int = 200,
        _ body: (JSONView) throws -> Void
    ) async throws {
        var cursor: String?
        repeat {
            let more: [(String, String?)] = [("limit", "\(limit)"), ("cursor", cursor)]
            guard let page = try await read(path, query + more) else { return }
            try body(page)
            cursor = page["next"]?.string
        } while cursor != nil
    }

    /// Asks for something with a query; what is nil in it is left out.
    func read(_ path: String, _ query: [(String, String?)]) async throws -> JSONView? {
        try await perform(AdministrationRequest("GET", path, query: Self.text(of: query)))
    }

    /// A query as it stands behind a question mark; what is nil in it is left out.
    static func text(of query: [(String, String?)]) -> String {
        query.compactMap { name, value in value.map { "\(name)=\(escaped($0))" } }.joined(separator: "&")
    }

    /// A text as it stands in a path or a query.
    static func escaped(_ text: String) -> String {
        text.utf8.map { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"):
                String(UnicodeScalar(byte))
            default: "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
            }
        }
        .joined()
    }
}

/// A gateway's administration listener, from afar.
struct RemoteAdministration: Sendable {
    /// Why there is no answer.
    struct Failure: Error, Sendable {
        let message: String
        var nextStep: String?
    }

    private let url: BaseURL
    private let key: String?
    private let client: UpstreamClient

    private static let timeouts = Timeouts(
        connect: .seconds(5),
        firstByte: .seconds(10),
        idle: .seconds(10),
        total: .seconds(30)
    )

    /// A page of captures has some 8 MiB, and more where a single one is longer.
    private static let longestAnswer = 64 << 20

    init(_ address: String, environment: [String: String]) throws(ConfigurationError) {
        do { url = try BaseURL(address) } catch {
            throw ConfigurationError(
                .badValue,
                "the address \(address) \(error.reason)",
                nextStep: "Give the administration listener's, such as http://127.0.0.1:8788."
            )
        }
        key = environment["TORII_API_KEY"].flatMap { $0.isEmpty ? nil : $0 }
        client = UpstreamClient()
    }

    /// The address without a path.
    var place: String { "\(url.scheme.rawValue)://\(url.authority)" }

    /// Asks, and gives the status and the body of the answer.
    ///
    /// - Throws: `Exit` after the reason was said, where none comes.
    func send(_ request: AdministrationRequest) async throws -> (Int, [UInt8]) {
        do throws(Failure) { return try await answer(to: request) } catch {
            Console.standard.note("torii: \(error.message)" + (error.nextStep.map { "\n  \($0)" } ?? ""))
            throw Exit(.failed)
        }
    }

    /// The same, without a word to anybody.
    func answer(to request: AdministrationRequest) async throws(Failure) -> (Int, [UInt8]) {
        var fields = Fields([("accept", "application/json")])
        if let key { fields.append("authorization", "Bearer \(key)") }
        if !request.body.isEmpty { fields.append("content-type", "application/json") }
        let provider = Provider(name: "gateway", baseURL: url)
        do throws(TransportFailure) {
            let response = try await client.execute(
                UpstreamRequest(
                    method: request.method,
                    target: request.path + (request.query.isEmpty ? "" : "?\(request.query)"),
                    fields: fields,
                    body: request.body.isEmpty ? [] : [ByteBuffer(bytes: request.body)],
                    origin: provider.origin,
                    timeouts: Self.timeouts
                )
            )
            return (response.status, try await response.body.collect(upTo: Self.longestAnswer))
        } catch {
            guard error.kind != .responseTooLarge else {
                throw Failure(message: "the answer of \(place) is too long: \(error)")
            }
            throw Failure(
                message: "no gateway answers at \(place): \(error)",
                nextStep: """
                    Start one: torii serve. Its administration port is server.admin_port, 8788 where nothing else is configured.
                    """
            )
        }
    }
}
