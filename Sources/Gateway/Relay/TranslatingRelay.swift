import Dialects
import Inference
import NIOCore

/// Turns a provider's answer into the caller's dialect as it arrives, and holds back what would settle the status.
///
/// A body that is no stream is held until it is whole (F6). A stream is held until the answer itself begins, so that a
/// failure that comes first keeps its status (F7).
struct TranslatingRelay {
    /// What may go down now, and what ended the answer behind it.
    struct Portion {
        var bytes = ByteBuffer()
        var failure: InferenceError?
    }

    /// What the provider speaks.
    let dialect: Dialect
    /// Whether the caller asked for a stream.
    let streams: Bool
    private var translator: AnswerTranslator
    private var held = ByteBuffer()
    /// Whether nothing is held back any more.
    private(set) var isReleased = false
    /// Whether the caller's stream has begun by what we said to keep it waiting, so that it has to go on with the same ids.
    private(set) var hasPromised = false

    /// `earlier` is the attempt before, whose promises to the client this one keeps.
    init(_ translator: AnswerTranslator, dialect: Dialect, streams: Bool, behind earlier: TranslatingRelay? = nil) {
        self.translator = translator
        if let earlier, earlier.hasPromised {
            self.translator.goOn(from: earlier.translator)
            hasPromised = true
        }
        self.dialect = dialect
        self.streams = streams
    }

    var contentType: String { translator.contentType }
    var usage: Usage? { translator.usage }
    /// Pieces of the answer that have come.
    var deltas: Int { translator.deltas }
    var isComplete: Bool { translator.isComplete }
    /// The response object of an answer that is whole, in a dialect that has one.
    var keptResponse: [UInt8]? { translator.keptResponse }

    /// Takes the type of the provider's body; servers that cannot stream answer with one body, and some always stream.
    mutating func receiveHead(contentType: String?) {
        let type = contentType?.lowercased() ?? ""
        if type.hasPrefix("text/event-stream") || type.contains("ndjson") { return translator.expect(streamed: true) }
        translator.expect(streamed: streams && (dialect == .ollama || !type.hasPrefix("application/json")))
    }

    /// Takes what one read brought.
    mutating func take(_ bytes: ByteBuffer) -> Portion {
        var portion = Portion()
        do throws(InferenceError) {
            try bytes.withUnsafeReadableBytes { (chunk) throws(InferenceError) in
                portion.bytes = pass(try translator.take(chunk.bytes))
            }
            // A failure behind good events is told when the decoder is asked again.
            if !translator.isComplete { append(try translator.take(RawSpan()), to: &portion) }
        } catch {
            portion.failure = error
        }
        return portion
    }

    /// The provider's body has ended by its own framing; without the answer's own end that is a failure (F2).
    mutating func finish() -> Portion {
        var portion = Portion()
        do throws(InferenceError) {
            portion.bytes = pass(try translator.finish())
            if !translator.isComplete { append(try translator.finish(), to: &portion) }
        } catch {
            portion.failure = error
        }
        guard portion.failure == nil else { return portion }
        guard translator.isComplete else {
            portion.failure = InferenceError(.interrupted, "The provider's answer ended before its end was told.")
            return portion
        }
        if !isReleased { portion.bytes = release() }
        return portion
    }

    /// Whether a provider's error body is a call that it could not read and that is mended; `finish` returns it then.
    mutating func rescue(_ errorBody: [UInt8]) -> Bool {
        translator.rescue(errorBody: errorBody)
    }

    /// Holds nothing back from here on, and gives out what was held.
    mutating func release() -> ByteBuffer {
        isReleased = true
        defer { held = ByteBuffer() }
        return held
    }

    /// The last words of a stream that has begun for the client and failed.
    mutating func fail(_ error: InferenceError) -> ByteBuffer {
        ByteBuffer(bytes: translator.fail(error))
    }

    /// What keeps the client waiting.
    ///
    /// What waits goes before it where a client wants to have seen the stream's beginning first.
    mutating func keepAlive() -> ByteBuffer {
        var bytes = ByteBuffer()
        if !isReleased, translator.keepAliveBeginsStream {
            bytes = release()
            hasPromised = true
        }
        bytes.writeBytes(translator.keepAlive())
        return bytes
    }

    private mutating func append(_ bytes: [UInt8], to portion: inout Portion) {
        portion.bytes.writeImmutableBuffer(pass(bytes))
    }

    /// What of new bytes may go down: all of them, once what makes the status certain has come.
    private mutating func pass(_ bytes: [UInt8]) -> ByteBuffer {
        if isReleased { return ByteBuffer(bytes: bytes) }
        guard streams, translator.hasBegun else {
            held.writeBytes(bytes)
            return ByteBuffer()
        }
        var all = release()
        all.writeBytes(bytes)
        return all
    }
}
