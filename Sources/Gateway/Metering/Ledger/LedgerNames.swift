import GRDB

/// The numbers that texts and subjects have in the ledger, and those of them that were asked for lately.
///
/// Numbers are never used twice and never taken back, so that what is known stays right whoever else files.
struct LedgerNames {
    private var words: [ByteString: Int] = [:]
    private var subjects: [UsageSubject: Int] = [:]
    /// The words of prices, so that hardly a record's is written out for it.
    private var prices: [Price: Int] = [:]
    private var served = ServedModels()

    /// The number of a text, which gets one where it has none; 0 for nil.
    ///
    /// What is too long is cut.
    mutating func number(of text: String?, in database: Database) throws -> Int {
        guard let text else { return 0 }
        if let number = try find(text, in: database) { return number }
        let number = try Self.insert(Self.cut(text), in: database)
        remember(number, of: text)
        return number
    }

    /// The number of the model that served a tenant; that of all others where there are too many to tell one more apart.
    ///
    /// One that is new to the tenant is told apart only where it `isUsed`: what comes to nothing is free, and takes no room.
    mutating func number(
        ofServed model: String?,
        isUsed: Bool,
        for tenant: Int,
        in database: Database
    ) throws -> Int {
        guard let model else { return 0 }
        guard try served.hasRoom(for: tenant, in: database), isUsed else {
            let number = try find(model, in: database)
            if let number, served.contains(number, of: tenant) { return number }
            return try self.number(of: ServedModels.others, in: database)
        }
        let number = try self.number(of: model, in: database)
        served.note(number, of: tenant)
        return number
    }

    /// The number of a model that was asked for; 0 where it has none and there are too many words to give it one.
    ///
    /// A rule may send whatever name a caller thinks of to one model, and words stay for good.
    mutating func number(ofAsked model: String?, in database: Database) throws -> Int {
        guard let model else { return 0 }
        if let number = try find(model, in: database) { return number }
        let last = try Int.fetchOne(try database.cachedStatement(sql: "SELECT max(id) FROM words")) ?? 0
        guard last < Self.mostWords else { return 0 }
        return try number(of: model, in: database)
    }

    /// The same as `known`, for a text that may come again.
    private mutating func find(_ text: String, in database: Database) throws -> Int? {
        if let number = words[ByteString(text)] { return number }
        let number = try Self.known(text, in: database)
        if let number { remember(number, of: text) }
        return number
    }

    private mutating func remember(_ number: Int, of text: String) {
        if words.count >= Self.most { words.removeAll(keepingCapacity: true) }
        words[ByteString(text)] = number
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
        let statement = try database.cachedStatement(sql: "SELECT id FROM words WHERE text = ?")
        return try Int.fetchOne(statement, arguments: [cut(text)])
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

    /// With more words a name that a caller may have made up becomes none: it stands in its row as it is.
    static let mostWords = 1 << 16
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
