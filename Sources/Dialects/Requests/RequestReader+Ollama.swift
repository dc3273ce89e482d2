import Inference
import JSON

extension RequestReader {
    /// Reads `options.num_predict`, which bounds the answer where it is above 0.
    ///
    /// It stands inside of a member, so it is none of `maxOutputTokensMembers`.
    func readOllamaOptions(_ member: JSONIndex.Member, _ facts: inout RequestFacts) throws(InferenceError) {
        try require(member, "options", [.object], "an object")
        let options = EventText(bytes: UnsafeRawBufferPointer(rebasing: bytes[member.value]))
        let index: JSONIndex
        do throws(JSONError) { index = try JSONIndex(scanning: options.bytes.bytes) } catch {
            // It has passed the scan of the whole text already.
            throw InferenceError(request: error)
        }
        guard let limit = options.integer(of: "num_predict", in: index), limit > 0 else { return }
        facts.maxOutputTokens = limit
    }
}
