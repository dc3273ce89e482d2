import Dialects
import Inference
import JSON
import Foundation

let chunk =
    #"{"id":"chatcmpl-B9MHDbslfkBeAs8l4bebGdFOJ6PeG","object":"chat.completion.chunk","created":1741570283,"model":"gpt-4o-mini-2024-07-18","service_tier":"default","system_fingerprint":"fp_06737a9306","choices":[{"index":0,"delta":{"content":" proxy"},"logprobs":null,"finish_reason":null}],"usage":null}"#
let events = (0..<62).map { _ in Array("data: \(chunk)\n\n".utf8) }
let clock = ContinuousClock()
func once() throws -> Int {
    var decoder = Decoding.decoder(for: .chat, stream: true)
    var count = 0
    for e in events { count += try decoder.decode(e).count }
    return count
}
for _ in 0..<200 { _ = try once() }
var best = 1e9
for _ in 0..<2000 {
    let s = clock.now; _ = try once(); let d = (clock.now - s).components;
    best = min(best, Double(d.attoseconds) / 1e12)
}
print("decode chat µs per chunk", best / 62)
