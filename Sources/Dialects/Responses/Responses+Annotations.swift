import Inference
import JSON

extension Responses {
    /// A token's logprob as `output_text` holds it.
    static func bytes(of logprob: TokenLogprob) -> [UInt8] {
        var writer = JSONWriter(capacity: 128)
        writer.object { writer in
            write(logprob.chosen, into: &writer)
            writer.key("top_logprobs")
            writer.array { writer in
                for candidate in logprob.top {
                    writer.object { write(candidate, into: &$0) }
                }
            }
        }
        return writer.bytes
    }

    private static func write(_ candidate: TokenLogprob.Candidate, into writer: inout JSONWriter) {
        writer.member("token", candidate.token)
        writer.member("logprob", candidate.logprob)
        writer.key("bytes")
        writer.array { writer in
            for byte in candidate.bytes ?? Array(candidate.token.utf8) { writer.int(Int(byte)) }
        }
    }

    /// A source as an annotation; `range` is the text that rests on it, in Unicode scalars.
    ///
    /// There is no annotation for a document of the request: it becomes a file named by its title and number.
    static func bytes(of citation: Citation, range: Range<Int>) -> [UInt8] {
        var writer = JSONWriter(capacity: 128)
        writer.object { writer in
            switch citation.source {
            case .url(let url):
                writer.member("type", "url_citation")
                writer.member("url", url)
                writer.member("title", citation.title ?? "")
                writer.member("start_index", range.lowerBound)
                writer.member("end_index", range.upperBound)
            case .file(let id): writeFile(id, citation.title, range, into: &writer)
            case .document(let index): writeFile("document_\(index)", citation.title, range, into: &writer)
            }
        }
        return writer.bytes
    }

    private static func writeFile(_ id: String, _ title: String?, _ range: Range<Int>, into writer: inout JSONWriter) {
        writer.member("type", "file_citation")
        writer.member("file_id", id)
        writer.member("filename", title ?? "")
        writer.member("index", range.upperBound)
    }
}

extension TokenLogprob {
    /// A token of an `output_text`'s `logprobs`.
    init?(responses view: JSONView) {
        guard let chosen = Candidate(responses: view) else { return nil }
        self.init(chosen, top: view.list("top_logprobs").compactMap { Candidate(responses: $0) })
    }
}

extension TokenLogprob.Candidate {
    fileprivate init?(responses view: JSONView) {
        guard let token = view["token"]?.string, let logprob = view["logprob"]?.double else { return nil }
        let list = view["bytes"].flatMap { $0.kind == .array ? $0.elements : nil }
        let bytes = list?.compactMap { UInt8(exactly: $0.int ?? -1) }
        self.init(token: token, logprob: logprob, bytes: bytes)
    }
}

extension Citation {
    /// An annotation; nil for one that names no source.
    init?(responses view: JSONView) {
        let title = (view["title"] ?? view["filename"])?.string.flatMap { $0.isEmpty ? nil : $0 }
        switch view["type"]?.string {
        case "url_citation":
            guard let url = view["url"]?.string else { return nil }
            self.init(.url(url), title: title)
        case "file_citation", "container_file_citation":
            guard let id = view["file_id"]?.string else { return nil }
            self.init(.file(id: id), title: title)
        default: return nil
        }
        if let start = view["start_index"]?.int, let end = view["end_index"]?.int, 0 <= start, start <= end {
            range = start..<end
        }
    }
}
