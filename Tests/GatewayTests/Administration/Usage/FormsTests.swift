import JSON
import Testing

@testable import Gateway

@Suite("How answers about the account are written")
struct FormsTests {
    @Test(
        "a cell of CSV is quoted where it has to be, and no spreadsheet runs it",
        arguments: [
            ("plain", "plain"), ("", ""), ("a,b", "\"a,b\""), ("say \"hi\"", "\"say \"\"hi\"\"\""),
            ("a\nb", "\"a\nb\""),
            ("a\r\nb", "\"a\r\nb\""), ("=1+1", "'=1+1"), ("+1", "'+1"), ("-1", "'-1"), ("@SUM(A1)", "'@SUM(A1)"),
            ("\t=1", "'\t=1"), ("=HYPERLINK(\"x\",\"y\")", "\"'=HYPERLINK(\"\"x\"\",\"\"y\"\")\""), ("a=b", "a=b"),
        ]
    )
    func cells(_ text: String, _ cell: String) {
        #expect(CSV.cell(text) == cell)
        #expect(CSV.line(["x", CSV.cell(text)]) == "x,\(cell)\r\n")
    }

    @Test(
        "a number of small units is told in large ones, with every digit",
        arguments: [
            (0, 9, "0"), (1, 9, "0.000000001"), (1_500_000_000, 9, "1.5"), (-25, 2, "-0.25"), (12_000_000, 6, "12"),
            (7, 0, "7"), (.max, 9, "9223372036.854775807"), (.min, 9, "-9223372036.854775808"),
        ]
    )
    func decimals(_ units: Int, _ places: Int, _ text: String) {
        #expect(Decimals.text(units, places: places) == text)
    }

    @Test(
        "a time is one of RFC 3339, and a date is its beginning in UTC",
        arguments: [
            ("1970-01-01", 0), ("2027-01-15", 1_799_971_200_000), ("2027-01-15T08:00:00Z", 1_800_000_000_000),
            ("2027-01-15t08:00:00z", 1_800_000_000_000), ("2027-01-15T10:00:00.25+02:00", 1_800_000_000_250),
            ("2027-01-15T02:30:00.123456789-05:30", 1_800_000_000_123), ("2024-02-29", 1_709_164_800_000),
            ("1969-12-31T23:59:59Z", -1_000), ("0001-01-01", -62_135_596_800_000),
        ]
    )
    func moments(_ text: String, _ milliseconds: Int) {
        #expect(Moment.milliseconds(of: text) == milliseconds)
        if milliseconds >= 0 { #expect(Moment.milliseconds(of: Moment.text(milliseconds)) == milliseconds) }
    }

    @Test(
        "what is no time is none",
        arguments: [
            "", "now", "2027", "2027-1-15", "2027-02-29", "2027-13-01", "2027-00-10", "2027-01-00", "2027-01-15T08:00Z",
            "2027-01-15T08:00:00", "2027-01-15 08:00:00Z", "2027-01-15T24:00:00Z", "2027-01-15T08:60:00Z",
            "2027-01-15T08:00:00.Z", "2027-01-15T08:00:00+0200", "2027-01-15T08:00:00+24:00", "2027-01-15T08:00:00Zx",
            "+027-01-15", "２０２７-01-15", "2027-01-15T08:00:00.1x+02:00", "2027-01-15T08:00:0",
        ]
    )
    func noMoments(_ text: String) {
        #expect(Moment.milliseconds(of: text) == nil)
    }

    @Test(
        "the form is what the client would rather have of those that there are",
        arguments: [
            (nil, UsageForm.json), ("*/*", .json), ("text/html", .json), ("text/csv", .csv), ("text/*", .csv),
            ("application/x-ndjson", .jsonl), ("application/jsonl; q=0.4, text/csv;q=0.5", .csv),
            ("application/json, text/csv", .json), ("text/csv;q=0, application/jsonl;q=0.1", .jsonl),
            ("TEXT/CSV; charset=utf-8", .csv), ("text/csv;q=x", .json), (",;,", .json),
        ] as [(String?, UsageForm)]
    )
    func accepted(_ accept: String?, _ form: UsageForm) {
        #expect(UsageForm.accepted(accept, among: UsageForm.allCases) == form)
        if form == .csv { #expect(UsageForm.accepted(accept, among: [.json]) == .json) }
    }
}
