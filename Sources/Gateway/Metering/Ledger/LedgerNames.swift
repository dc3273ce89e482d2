import GRDB

/// The numbers that texts and subjects have in the ledger, and those of them that were asked for lately.
///
/// Numbers are never used twice and never taken back, so that what is known stays right whoever else files.
struct LedgerNames {
    private var words: [ByteString: Int] = [:]
    private var subjects: [UsageSubject: Int] = [:]
    /// The words of prices, so that hardly a record's is written out for it.
    private var prices: [Price: Int] = [:]

    /// The number of a text, which gets one where it has none; 0 for nil.
    ///
    /// What is too long is cut.
    mutating func number(of text: String?, in database: Database) throws -> Int {
        guard let text else { return 0 }
        let key = ByteString(text)
        if let number = words[key] { return number }
        let stored = Self.cut(text)
        let number = try Self.number(ofStored: stored, in: database) ?? Self.insert(stored, in: database)
        if words.count >= Self.most { words.removeAll(keepingCapacity: true) }
        words[key] = number
        return number
    }

    /// The number of a price's text; 0 for nil.
    mutating func number(of price: Price?, in database: Database) throws -> Int {
        guard let price else { return 0 }
        if let number = prices[price] { return number }
        let number = try number(of: price.ledgerText, in: database)
        if prices.count >= Self.most { prices.removeAll(keepingCapacity: true) }
        prices[price] = number
        return number
    }

    /// The number of a text that may have none.
    static func known(_ text: String, in database: Database) throws -> Int? {
        try number(ofStored: cut(text), in: database)
    }

    private static func number(ofStored text: String, in database: Database) throws -> Int? {
        let statement = try database.cachedStatement(sql: "SELECT id FROM words WHERE text = ?")
        return try Int.fetchOne(statement, arguments: [text])
    }

    private static func insert(_ text: String, in database: Database) throws -> Int {
        try database.cachedStatement(sql: "INSERT INTO words (text) VALUES (?)").execute(arguments: [text])
        return Int(database.lastInsertedRowID)
    }

    /// What is stored of a text.
    static func cut(_ text: String) -> String {
        guard text.utf8.count > longest else { return text }
        return String(decoding: text.utf8.prefix(longest), as: UTF8.self)
    }

    /// The number of a subject, which gets one where it has none.
    mutating func number(of subject: UsageSubject, in database: Database) throws -> Int {
        if let number = subjects[subject] { return number }
        let number = try subject.number(in: database) ?? subject.insert(in: database)
        if subjects.count >= Self.most { subjects.removeAll(keepingCapacity: true) }
        subjects[subject] = number
        return number
    }

    private static let most = 50_000
    /// Bytes of a text.
    private static let longest = 1_024
}

/// The texts of numbers, each read once.
struct LedgerTexts {
    private let database: Database
    private var texts: [Int: String] = [:]

    init(_ database: Database) { self.database = database }

    /// - Returns: nil for 0, which is none.
    mutating func text(of number: Int) throws -> String? {
        guard number != 0 else { return nil }
        if let text = texts[number] { return text }
        let statement = try database.cachedStatement(sql: "SELECT text FROM words WHERE id = ?")
        let text = try String.fetchOne(statement, arguments: [number])
        if texts.count >= Self.most { texts.removeAll(keepingCapacity: true) }
        texts[number] = text
        return text
    }

    private static let most = 50_000
}
