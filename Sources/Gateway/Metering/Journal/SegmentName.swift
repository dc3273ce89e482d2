/// What the journal's files are called: `usage-0000000001.journal`, with `.damaged` behind it once it was set aside.
enum SegmentName {
    static func name(of number: Int) -> String {
        let digits = String(number)
        return prefix + String(repeating: "0", count: max(0, 10 - digits.utf8.count)) + digits + suffix
    }

    static func asideName(of number: Int) -> String { name(of: number) + aside }

    /// The number in a file's name; nil for other files.
    static func number(in name: String) -> (number: Int, isAside: Bool)? {
        let isAside = name.hasSuffix(aside)
        let digits = name.dropFirst(prefix.count).dropLast(suffix.count + (isAside ? aside.count : 0))
        guard let number = Int(digits), number > 0 else { return nil }
        guard name == (isAside ? asideName(of: number) : self.name(of: number)) else { return nil }
        return (number, isAside)
    }

    private static let prefix = "usage-"
    private static let suffix = ".journal"
    private static let aside = ".damaged"
}
