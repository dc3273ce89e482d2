import Inference
import JSON

extension Citation {
    /// A citation of Messages, from an event or a whole block; nil if it names no source.
    init?(messages view: JSONView) {
        let source: Source
        if let url = view["url"]?.string ?? view["source"]?.string {
            source = .url(url)
        } else if let id = view["file_id"]?.string {
            source = .file(id: id)
        } else if let index = view["document_index"]?.int, index >= 0 {
            source = .document(index: index)
        } else {
            return nil
        }
        let quote = view["cited_text"]?.string
        self.init(
            source,
            title: view["title"]?.string ?? view["document_title"]?.string,
            quote: quote == "" ? nil : quote
        )
    }
}
