import ArgumentParser
import Gateway
import JSON

/// The command `torii audit`.
struct AuditCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit",
        abstract: "See and check who changed tenants and keys.",
        subcommands: [AuditList.self, AuditVerify.self, AuditExport.self]
    )

    static let path = "/admin/v1/audit"
}

struct AuditList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List all administrative acts.")

    @OptionGroup var options: IdentityOptions

    func run() async throws {
        let rows = try await options.desk().all(AuditCommand.path)
        guard options.format == .text else {
            var writer = JSONWriter()
            writer.array { array in for row in rows { array.view(row) } }
            return try Console.standard.write(String(decoding: writer.bytes, as: UTF8.self) + "\n")
        }
        let columns = ["number", "at", "actor", "address", "act", "subject", "tenant"]
        var table = TextTable(columns.map { $0.uppercased() })
        for row in rows {
            table.add(columns.map { row[$0]?.string ?? row[$0]?.int.map(String.init) ?? "-" })
        }
        try Console.standard.write(table.text)
    }
}

struct AuditVerify: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Check that the log is whole and as it was written.",
        discussion:
            "Prints the number of entries and the last hash. Whoever notes both elsewhere can see a log that was replaced."
    )

    @Option(help: "The hash that was noted earlier; it has to be that of an entry.")
    var head: String?

    @OptionGroup var options: IdentityOptions

    func run() async throws {
        var chain = AuditChain()
        var hasHead = head == nil
        var length = 0
        do {
            try await options.desk().forEachPage(AuditCommand.path) { page in
                for entry in page["data"]?.elements.map({ $0 }) ?? [] {
                    try chain.append(entry)
                    if chain.head == head { hasHead = true }
                }
                length = page["length"]?.int ?? 0
            }
        } catch let fault as AuditChain.Fault {
            Console.standard.note("torii: the log is not whole: entry \(fault.number): \(fault.reason)")
            throw Exit(.failed)
        }
        guard chain.count == length else {
            Console.standard.note(
                "torii: the log is not whole: \(length) entries were written, \(chain.count) are there"
            )
            throw Exit(.failed)
        }
        guard hasHead else {
            Console.standard.note("torii: the log is another one: no entry of it has the hash \(head ?? "")")
            throw Exit(.failed)
        }
        guard options.format == .json else {
            return try Console.standard.write("\(chain.count) entries, all as they were written\nhead \(chain.head)\n")
        }
        try Console.standard.write(#"{"entries":\#(chain.count),"head":"\#(chain.head)"}"# + "\n")
    }
}

struct AuditExport: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Print the whole log, an entry in JSON on each line."
    )

    @OptionGroup var options: IdentityOptions

    func run() async throws {
        try await options.desk().forEachPage(AuditCommand.path) { page in
            for entry in page["data"]?.elements.map({ $0 }) ?? [] {
                try Console.standard.write(String(decoding: entry.raw, as: UTF8.self) + "\n")
            }
        }
    }
}
