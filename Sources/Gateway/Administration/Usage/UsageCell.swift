import JSON

/// One value of a record or of a report, whatever form it is told in.
enum UsageCell: Sendable, Hashable {
    /// It is not known, or there is none.
    case null
    case text(String)
    case number(Int)
    case flag(Bool)
    case money(Money)
    /// Milliseconds since 1970.
    case time(Int)
    /// Days since 1970-01-01.
    case day(Int)
    /// Millionths of something, such as the price of a million tokens in trillionths of a dollar each.
    case millionths(Int)

    init(_ text: String?) { self = text.map { .text($0) } ?? .null }

    init(_ number: Int?) { self = number.map { .number($0) } ?? .null }

    /// Writes it as one JSON value; amounts are exact numbers.
    func write(to writer: inout JSONWriter) {
        switch self {
        case .null: writer.null()
        case .text(let text): writer.string(text)
        case .flag(let flag): writer.bool(flag)
        case .number, .money, .millionths: writer.raw(plain.utf8)
        case .time, .day: writer.string(plain)
        }
    }

    /// How it stands among others between commas.
    var csv: String {
        if case .text(let text) = self { return CSV.cell(text) }
        return plain
    }

    /// The value as text without quotes.
    private var plain: String {
        switch self {
        case .null: ""
        case .text(let text): text
        case .flag(let flag): flag ? "true" : "false"
        case .number(let number): String(number)
        case .money(let money): money.text
        case .millionths(let number): Decimals.text(number, places: 6)
        case .time(let time): Timestamp.milliseconds(time)
        case .day(let day): Timestamp.date(ofDay: day)
        }
    }
}

extension Timestamp {
    /// A moment in milliseconds since 1970 as RFC 3339, to the millisecond.
    static func milliseconds(_ time: Int) -> String {
        let rest = time.remainder(of: 1_000)
        let digits = String(1_000 + rest).dropFirst()
        return "\(dateAndTime(time.dividedDown(by: 1_000))).\(digits)Z"
    }
}
