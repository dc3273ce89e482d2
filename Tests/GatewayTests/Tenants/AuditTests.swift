import GRDB
import JSON
import Testing

@testable import Gateway

@Suite("The audit log")
struct AuditTests {
    private static func entries(_ office: Office) throws -> [JSONView] {
        try office.ask("GET", "audit?limit=200").root["data"]?.elements.map { $0 } ?? []
    }

    private static func verify(_ entries: [JSONView]) throws(AuditChain.Fault) -> AuditChain {
        var chain = AuditChain()
        for entry in entries { try chain.append(entry) }
        return chain
    }

    @Test(
        "every act is in it with its actor, its address, and what was before and after; what failed or only looked is not"
    )
    func entries() throws {
        let office = try Office()
        try office.make(.tenants, #"{"name":"acme"}"#)
        let admin = try office.actor(try office.key(#"{"tenant":"acme","label":"a","role":"tenant-admin"}"#))
        let team = try office.make(.teams, #"{"name":"red"}"#, as: admin)
        try office.ask("PATCH", "teams/\(team.id)", #"{"name":"blue"}"#, as: admin)
        try office.ask("PATCH", "teams/\(team.id)", #"{"name":"blue"}"#, as: admin)
        try office.ask("GET", "teams", as: admin)
        try office.ask("PATCH", "tenants/acme", #"{"name":"mine"}"#, as: admin)
        try office.ask("DELETE", "teams/\(team.id)", as: admin)
        let entries = try Self.entries(office)
        let acts = ["tenant.create", "key.create", "team.create", "team.change", "team.delete"]
        #expect(entries.compactMap { $0["act"]?.string } == acts)
        #expect(entries[0]["actor"]?.string == "local:1" && entries[0]["address"]?.isNull == true)
        let change = entries[3]
        #expect(change["actor"]?.string == admin.name && change["address"]?.string == "192.0.2.1")
        #expect(change["before"]?["name"]?.string == "red" && change["after"]?["name"]?.string == "blue")
        #expect(change["subject"]?.string == team.id && change["at"]?.string == "2027-01-15T08:00:00Z")
        #expect(entries[4]["after"]?.isNull == true)
        #expect(try Self.verify(entries).count == 5)
    }

    @Test("a log in which anything was changed, left out or moved is not whole", arguments: 0..<6)
    func tampering(_ kind: Int) throws {
        let scratch = try Scratch()
        let office = try Office(in: scratch.path)
        for name in ["a", "b", "c"] { try office.make(.tenants, #"{"name":"\#(name)"}"#) }
        let head = try Self.verify(try Self.entries(office)).head
        #expect(head.utf8.count == 64)
        let sql = [
            "UPDATE audit SET actor = 'somebody' WHERE number = 2", "UPDATE audit SET new = NULL WHERE number = 2",
            "UPDATE audit SET at = at + 1 WHERE number = 3", "DELETE FROM audit WHERE number = 2",
            "UPDATE audit SET address = '' WHERE number = 1",
            "UPDATE audit SET hash = (SELECT hash FROM audit WHERE number = 2) WHERE number = 3",
        ]
        try DatabaseQueue(path: scratch.path + "/identity.sqlite").write { try $0.execute(sql: sql[kind]) }
        let fault = #expect(throws: AuditChain.Fault.self) { try Self.verify(try Self.entries(office)) }
        #expect(fault?.number == [2, 2, 3, 2, 1, 3][kind])
    }

    @Test(
        "an entry that is written otherwise than the log has it is found out, also where no hash is",
        arguments: [
            (#""at":"2027"#, #""at":"2028"#), (#"{"number":1"#, #"{"number": 1"#), (#","hash""#, #","more":1,"hash""#),
        ]
    )
    func written(_ old: String, _ new: String) throws {
        let office = try Office()
        try office.make(.tenants, #"{"name":"a"}"#)
        let entries = try Self.entries(office)
        #expect(try Self.verify(entries).count == 1)
        let text = String(decoding: entries[0].raw, as: UTF8.self)
        let changed = text.replacing(old, with: new)
        #expect(changed != text)
        let entry = try JSONDocument(Array(changed.utf8)).root
        #expect(throws: AuditChain.Fault.self) { try Self.verify([entry]) }
    }

    @Test("a log whose end was cut off tells how long it was")
    func cutOff() throws {
        let scratch = try Scratch()
        let office = try Office(in: scratch.path)
        for name in ["a", "b"] { try office.make(.tenants, #"{"name":"\#(name)"}"#) }
        try DatabaseQueue(path: scratch.path + "/identity.sqlite").write {
            try $0.execute(sql: "DELETE FROM audit WHERE number = 2")
        }
        let page = try office.ask("GET", "audit").root
        #expect(try Self.verify(page["data"]?.elements.map { $0 } ?? []).count == 1)
        #expect(page["length"]?.int == 2)
    }

    @Test("a log whose end and length were taken back is found out by a head that was noted, and by nothing else")
    func takenBack() throws {
        let scratch = try Scratch()
        let office = try Office(in: scratch.path)
        for name in ["a", "b"] { try office.make(.tenants, #"{"name":"\#(name)"}"#) }
        let noted = try Self.verify(try Self.entries(office)).head
        try DatabaseQueue(path: scratch.path + "/identity.sqlite").write {
            try $0.execute(
                sql: "DELETE FROM audit WHERE number = 2; UPDATE sqlite_sequence SET seq = 1 WHERE name = 'audit'"
            )
        }
        let page = try office.ask("GET", "audit").root
        let chain = try Self.verify(page["data"]?.elements.map { $0 } ?? [])
        #expect(chain.count == 1 && page["length"]?.int == 1 && chain.head != noted)
        // Whoever writes on does not come back to it either.
        try office.make(.tenants, #"{"name":"c"}"#)
        #expect(try Self.verify(try Self.entries(office)).head != noted)
    }
}
