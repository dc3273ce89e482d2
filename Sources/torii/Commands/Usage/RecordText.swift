import Gateway
import JSON

/// A usage record, or a part of one, as a person or a spreadsheet reads it.
enum RecordText {
    /// A value between commas; a number as it was written.
    static func cell(_ view: JSONView?) -> String {
        guard let view, !view.isNull else { return "" }
        return view.string.map(CSV.cell) ?? String(decoding: view.raw, as: UTF8.self)
    }

    /// An amount in USD with two to six decimals; what is less than the last of them is not shown as nothing.
    static func cost(_ view: JSONView?) -> String {
        guard let amount = view?.double, amount > 0 else { return "0.00" }
        let millionths = min(amount * 1e6, 1e18).rounded()
        guard millionths >= 1 else { return "<0.000001" }
        let text = Decimals.text(Int(millionths), places: 6)
        guard let point = text.firstIndex(of: ".") else { return text + ".00" }
        return text[point...].utf8.count == 2 ? text + "0" : text
    }

    /// One request on a line.
    static func line(_ record: JSONView) -> String {
        func text(_ key: String) -> String { record[key]?.string ?? "-" }
        func number(_ key: String) -> String { record[key]?.int.map(String.init) ?? "-" }
        let mark = record["estimated"]?.bool == true ? "~" : ""
        let model = record["upstream_model"]?.string ?? text("model")
        let part = record["part"]?.string ?? "request"
        let outcome = part == "request" ? text("outcome") : "\(text("outcome")) (\(part))"
        let milliseconds = (record["total_us"]?.int ?? 0) / 1_000
        let parts = [
            String(text("at").dropFirst(11).prefix(12)), number("status"), outcome, text("tenant"),
            record["user"]?.string ?? text("key"), text("client"), "\(text("provider"))/\(model)",
            "\(mark)\(number("input_tokens"))+\(number("output_tokens"))", "\(mark)\(cost(record["cost_usd"])) USD",
            "\(milliseconds) ms",
        ]
        return parts.joined(separator: "  ") + "\n"
    }
}
