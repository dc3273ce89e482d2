import Dialects
import Inference
import JSON
import NIOCore

/// Passes the lines of a pull on as they come, and knows whether it came to its end.
struct ProgressRelay {
    private static let limit = 1 << 20

    private var lines = NewlineDelimited(limit: limit)
    private var held = ByteBuffer()
    /// Whether Ollama said `success`, or said by itself what went wrong.
    private(set) var isOver = false

    /// Takes what one read brought and gives back the whole lines of it.
    mutating func take(_ bytes: ByteBuffer) throws(InferenceError) -> ByteBuffer {
        var isOver = isOver
        let whole = try bytes.withUnsafeReadableBytes { (chunk) throws(InferenceError) in
            try lines.scan(chunk) { (line) throws(InferenceError) in
                // A line that is none says nothing here; the client will say what it thinks of it.
                guard let view = try? JSONDocument(Array(line)).root else { return }
                isOver = view["error"] != nil || view["status"]?.isString("success") == true
            }
        }
        self.isOver = isOver
        var rest = bytes
        guard whole > 0, let slice = rest.readSlice(length: whole) else {
            held.writeImmutableBuffer(rest)
            return ByteBuffer()
        }
        var down = held
        down.writeImmutableBuffer(slice)
        held = rest
        return down
    }
}
