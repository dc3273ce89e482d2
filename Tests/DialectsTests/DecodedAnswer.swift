import Inference

@testable import Dialects

/// All events of an answer, and the failure that it ended in.
func decode(
    _ chunks: [[UInt8]],
    _ dialect: Dialect,
    stream: Bool = true,
    limit: Int = 16 << 20
) -> (events: [InferenceEvent], failure: InferenceError?) {
    var decoder = Decoding.decoder(for: dialect, stream: stream, limit: limit)
    var events: [InferenceEvent] = []
    do throws(InferenceError) {
        for chunk in chunks { events += try decoder.decode(chunk) }
        events += try decoder.finish()
        // Whatever was held back by the last return is thrown now.
        if case .finished = events.last { return (events, nil) }
        events += try decoder.finish()
        return (events, nil)
    } catch {
        return (events, error)
    }
}
