import ArgumentParser
import Gateway
import JSON

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

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

    @Option(help: "Check what audit export printed, in place of a log that is in use.")
    var file: String?

    @OptionGroup var options: IdentityOptions

    func validate() throws {
        guard file == nil || options.url == nil else { throw ValidationError("Give --file or --url, not both.") }
    }

    func run() async throws {
        var reader = AuditReader(head: head)
        do {
            if let file {
                try reader.read(lines: try Self.text(of: file))
            } else {
                try await options.desk().forEachPage(AuditCommand.path) { try reader.read(page: $0) }
            }
        } catch let fault as AuditChain.Fault {
            Console.standard.note("torii: the log is not whole: entry \(fault.number): \(fault.reason)")
            throw Exit(.failed)
        }
        if let fault = reader.fault {
            Console.standard.note("torii: \(fault)")
            throw Exit(.failed)
        }
        let chain = reader.chain
        guard options.format == .json else {
            return try Console.standard.write("\(chain.count) entries, all as they were written\nhead \(chain.head)\n")
        }
        try Console.standard.write(#"{"entries":\#(chain.count),"head":"\#(chain.head)"}"# + "\n")
    }

    private static func text(of path: String) throws -> [UInt8] {
        do { return Array(try Data(contentsOf: URL(filePath: path))) } catch {
            throw ConfigurationError(
                .unreadable,
                "\(path) cannot be read",
                nextStep: "Name a file of torii audit export."
            )
        }
    }
}

/// Reads a log from its first entry to its last, and keeps what is worth knowing of the way.
struct AuditReader {
    private(set) var chain = AuditChain()
    private let head: String?
    private var hasHead: Bool
    /// How many entries were ever written, where somebody knows.
    private var length: Int?

    init(head: String? = nil) {
        self.head = head
        hasHead = head == nil
    }

    /// What is wrong with the log as a whole.
    var fault: String? {
        if let length, chain.count != length {
            return "the log is not whole: \(length) entries were written, \(chain.count) are there"
        }
        return hasHead ? nil : "the log is another one: no entry of it has the hash \(head ?? "")"
    }

    mutating func read(page: JSONView) throws(AuditChain.Fault) {
        for entry in page["data"]?.elements.map({ $0 }) ?? [] { try read(entry) }
        length = page["length"]?.int ?? 0
    }

    /// Reads what was exported: an entry on each line, and on the last one how many there are.
    mutating func read(lines: [UInt8]) throws(AuditChain.Fault) {
        var isOver = false
        for line in lines.split(separator: UInt8(ascii: "\n")) {
            guard !isOver else {
                throw AuditChain.Fault(number: chain.count + 1, reason: "something stands behind the last line")
            }
            isOver = line.elementsEqual(Self.end(chain.count, chain.head).utf8)
            if isOver { continue }
            guard let entry = try? JSONDocument(Array(line)).root else {
                throw AuditChain.Fault(number: chain.count + 1, reason: "it is no JSON")
            }
            try read(entry)
        }
        guard isOver else {
            throw AuditChain.Fault(number: chain.count + 1, reason: "it is missing, or the line behind all is")
        }
    }

    /// The last line of an export: how many entries there are, and the hash of the last one.
    static func end(_ count: Int, _ head: String) -> String { #"{"length":\#(count),"head":"\#(head)"}"# }

    private mutating func read(_ entry: JSONView) throws(AuditChain.Fault) {
        try chain.append(entry)
        if chain.head == head { hasHead = true }
    }
}

struct AuditExport: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Print the whole log, an entry in JSON on each line, then its length and its last hash."
    )

    @OptionGroup var options: IdentityOptions

    func run() async throws {
        var (count, length, head) = (0, 0, "")
        try await options.desk().forEachPage(AuditCommand.path) { page in
            for entry in page["data"]?.elements.map({ $0 }) ?? [] {
                try Console.standard.write(String(decoding: entry.raw, as: UTF8.self) + "\n")
                (count, head) = (count + 1, entry["hash"]?.string ?? "")
            }
            length = page["length"]?.int ?? 0
        }
        try Console.standard.write(AuditReader.end(length, head) + "\n")
        Console.standard.note("torii: \(count) entries, head \(head)")
    }
}
