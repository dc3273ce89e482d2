import JSON
import NIOCore
import Testing

@testable import Gateway

/// Whoever administers in a test: a store of its own, and a clock that stands still until it is moved.
final class Office: Sendable {
    static let start = 1_800_000_000_000

    let store: IdentityStore
    private let time: Watched<Int>

    /// Opens the store in a folder, with the wall clock's time, or else one in memory.
    init(in folder: String? = nil) throws {
        let time = Watched(Self.start)
        self.time = time
        if let folder {
            store = try IdentityStore(.folder(folder))
        } else {
            store = try IdentityStore(.memory) { time.value }
        }
    }

    func pass(seconds: Int) { time.change { $0 += seconds * 1_000 } }

    struct Reply {
        let status: Int
        let root: JSONView
        let text: String
        let tag: String?
        let isReplayed: Bool

        var id: String { root["id"]?.string ?? "" }
        var key: String { root["key"]?.string ?? "" }
        var code: String? { root["code"]?.string }
    }

    @discardableResult
    func ask(
        _ method: String,
        _ path: String,
        _ body: String = "",
        as actor: AdministrationActor = .local("1"),
        ifMatch: String? = nil,
        idempotencyKey: String? = nil
    ) throws -> Reply {
        let parts = path.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        let request = AdministrationRequest(
            method,
            parts[0].hasPrefix("/") ? parts[0] : "/admin/v1/\(parts[0])",
            query: parts.count == 2 ? parts[1] : "",
            body: Array(body.utf8),
            ifMatch: ifMatch,
            idempotencyKey: idempotencyKey
        )
        let reply = IdentityAdministration(store).answer(request, as: actor)
        let bytes = reply.body.isEmpty ? Array("{}".utf8) : reply.body
        return Reply(
            status: reply.status,
            root: try JSONDocument(bytes).root,
            text: String(decoding: reply.body, as: UTF8.self),
            tag: reply.entityTag,
            isReplayed: reply.isReplayed
        )
    }

    /// Creates something that has to succeed.
    @discardableResult
    func make(_ kind: IdentityKind, _ body: String, as actor: AdministrationActor = .local("1")) throws -> Reply {
        let reply = try ask("POST", kind.rawValue, body, as: actor)
        try #require(reply.status == 201, "\(reply.text)")
        return reply
    }

    /// The same of a key, which is what comes back.
    func key(_ body: String) throws -> String { try make(.keys, body).key }

    /// Who holds a key.
    func actor(_ key: String) throws -> AdministrationActor {
        AdministrationActor(try #require(try store.snapshot().key(key[...], from: nil)), address: "192.0.2.1")
    }

    /// What a request with these fields is taken for.
    func identity(_ key: String, from address: String? = nil) throws -> IssuedKey? {
        let address = try address.map { try SocketAddress(ipAddress: $0, port: 1) }
        return try store.snapshot().key(key[...], from: address)
    }

    /// The ids of a list.
    func ids(_ path: String, as actor: AdministrationActor = .local("1")) throws -> [String] {
        let reply = try ask("GET", path, as: actor)
        try #require(reply.status == 200, "\(reply.text)")
        return reply.root["data"]?.elements.compactMap { $0["id"]?.string } ?? []
    }
}
