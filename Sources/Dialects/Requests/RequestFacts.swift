package import Inference
package import JSON

/// What the gateway has to know of a request that it forwards as bytes, read in one strict pass without a copy.
///
/// Reading is checking: whatever passes here is JSON by RFC 8259 without a doubled name (B1, B2), without control
/// characters in names and endless ones (B4), with integers where the dialect wants them (B5) and without a way to aim
/// the gateway elsewhere (B13). What only the upstream can judge is left to it.
package struct RequestFacts: Sendable {
    package let endpoint: Endpoint
    /// Never empty, and 512 bytes at most.
    package internal(set) var model = ""
    package internal(set) var stream = false
    /// `stream_options.include_usage`; nil where the caller does not say.
    package internal(set) var includesUsage: Bool?
    /// The limit of the answer's length under whichever name the dialect has for it; the larger of two.
    package internal(set) var maxOutputTokens: Int?
    /// The members that `maxOutputTokens` was read from.
    package internal(set) var maxOutputTokensMembers: [JSONIndex.Member] = []
    /// How many answers are written to the one prompt: `n`, or `best_of` where that is more.
    package internal(set) var answers = 1
    package let index: JSONIndex

    var modelMember: JSONIndex.Member?
    var streamOptions: JSONIndex.Member?
    /// The change inside of `streamOptions`, or of all of it if it is null, that asks for usage.
    var usageEdit: JSONEdit?

    /// Reads and checks a whole request body.
    ///
    /// - Throws: `invalidRequest` with the field or the byte offset.
    package init(_ bytes: RawSpan, endpoint: Endpoint, limits: JSONLimits = .init()) throws(InferenceError) {
        do throws(JSONError) {
            index = try JSONIndex(scanning: bytes, limits: limits)
        } catch {
            throw InferenceError(request: error)
        }
        self.endpoint = endpoint
        stream = endpoint.streamsByDefault
        try bytes.withUnsafeBytes { (text) throws(InferenceError) in
            let reader = RequestReader(bytes: text, index: index, endpoint: endpoint)
            for member in index.members { try reader.read(member, into: &self) }
            try reader.checkPresence(self)
        }
    }

    /// The same for an array of bytes.
    package init(_ bytes: [UInt8], endpoint: Endpoint, limits: JSONLimits = .init()) throws(InferenceError) {
        try self.init(bytes.span.bytes, endpoint: endpoint, limits: limits)
    }

    /// Whether the upstream has to be asked for usage: a Chat or Completions stream whose caller did not ask.
    package var lacksUsage: Bool {
        guard stream, endpoint == .chatCompletions || endpoint == .completions else { return false }
        return includesUsage != true
    }

    /// The edits that go onto the wire, in the order of the text and none overlapping.
    ///
    /// `model` is another name for the model, if it changes; `asksForUsage` adds `stream_options.include_usage` where
    /// `lacksUsage` holds, and then the observer has to strip the usage chunk again.
    package func edits(model newModel: String? = nil, asksForUsage: Bool = false) -> [JSONEdit] {
        var edits = JSONEdits(index)
        rename(to: newModel, &edits)
        guard asksForUsage, lacksUsage else { return edits.list }
        guard let usageEdit = askForUsage(&edits) else { return edits.list }
        return Self.ordered(edits.list + [usageEdit])
    }

    /// The same with a bound of the answer's length; `bytes` are those that were read.
    package func edits(
        model newModel: String? = nil,
        asksForUsage: Bool = false,
        bound: OutputBound,
        in bytes: UnsafeRawBufferPointer
    ) -> [JSONEdit] {
        var edits = JSONEdits(index)
        rename(to: newModel, &edits)
        var inner = bound.write(index, in: bytes, endpoint, to: &edits)
        if asksForUsage, lacksUsage, let usageEdit = askForUsage(&edits) { inner.append(usageEdit) }
        return inner.isEmpty ? edits.list : Self.ordered(edits.list + inner)
    }

    private func rename(to newModel: String?, _ edits: inout JSONEdits) {
        guard let newModel, let modelMember, !newModel.utf8.elementsEqual(model.utf8) else { return }
        edits.replace(modelMember, with: .string(newModel))
    }

    /// Adds the member that asks for usage, or gives the change inside of one that is there.
    private func askForUsage(_ edits: inout JSONEdits) -> JSONEdit? {
        if let usageEdit { return usageEdit }
        edits.insert("stream_options", raw: Array(#"{"include_usage":true}"#.utf8))
        return nil
    }

    private static func ordered(_ edits: [JSONEdit]) -> [JSONEdit] {
        edits.sorted { $0.range.lowerBound < $1.range.lowerBound }
    }
}
