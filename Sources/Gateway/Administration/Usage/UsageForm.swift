/// How an answer about the account is written.
enum UsageForm: String, Sendable, Hashable, CaseIterable {
    case json, csv, jsonl

    var mediaType: String {
        switch self {
        case .json: "application/json"
        case .csv: "text/csv"
        case .jsonl: "application/jsonl"
        }
    }

    /// What of some forms a client would rather have, by its `Accept`; JSON where it says nothing of them.
    static func accepted(_ accept: String?, among forms: [UsageForm]) -> UsageForm {
        var best: (form: UsageForm, quality: Double)?
        for range in accept?.split(separator: ",") ?? [] {
            let parts = range.split(separator: ";").map { String($0.filter { $0 != " " && $0 != "\t" }).lowercased() }
            guard let type = parts.first, let form = forms.first(where: { $0.isMeant(by: type) }) else { continue }
            let weight = parts.dropFirst().first { $0.hasPrefix("q=") }
            let quality = weight.map { Double($0.dropFirst(2)) ?? 0 } ?? 1
            if quality > best?.quality ?? 0 { best = (form, quality) }
        }
        return best?.form ?? .json
    }

    private func isMeant(by type: String) -> Bool {
        switch self {
        case .json: ["application/json", "application/*", "*/*"].contains(type)
        case .csv: ["text/csv", "text/*"].contains(type)
        case .jsonl: ["application/jsonl", "application/x-ndjson", "application/ndjson"].contains(type)
        }
    }
}
