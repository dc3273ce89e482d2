import Dialects
import Inference
import NIOCore
import Testing

@testable import Gateway

@Suite("The relay of a stream")
struct StreamRelayTests {
    private struct Outcome: Equatable {
        var bytes: [UInt8]
        var usage: Int?
        var failed: Bool
    }

    /// Relays a text that comes in these pieces.
    private func relay(_ sample: Sample, _ pieces: [ArraySlice<UInt8>]) -> Outcome {
        var relay = StreamRelay(
            StreamObserver(sample.endpoint, settings: .init(stripsUsageChunk: true, eventLimit: 4096))
        )
        var bytes: [UInt8] = []
        for piece in pieces { relay.take(ByteBuffer(bytes: piece)) { bytes += $0.readableBytesView } }
        relay.end { bytes += $0.readableBytesView }
        return Outcome(bytes: bytes, usage: relay.observer.usage?.output, failed: relay.observer.outcome.error != nil)
    }

    private func pieces(_ text: [UInt8], cutAt cuts: [Int]) -> [ArraySlice<UInt8>] {
        zip([0] + cuts, cuts + [text.count]).map { text[$0..<$1] }
    }

    private static func variants(_ sample: Sample) -> [[UInt8]] {
        let text = sample.events(["Hé", "l\\u00e9", "👋"]).joined()
        let crlf = text.split(separator: "\n", omittingEmptySubsequences: false).joined(separator: "\r\n")
        let cr = text.split(separator: "\n", omittingEmptySubsequences: false).joined(separator: "\r")
        let noted =
            "\u{FEFF}"
            + text.split(separator: "\n", omittingEmptySubsequences: false).joined(separator: "\n").replacing(
                "\n\n",
                with: "\n\n: note\n\n"
            )
        return [text, crlf, cr, noted, String(text.dropLast(1))].map { Array($0.utf8) }
    }

    @Test("a cut at any one place changes nothing", arguments: Sample.allCases)
    func everySingleCut(_ sample: Sample) {
        for text in Self.variants(sample) {
            let whole = relay(sample, [text[...]])
            #expect(!whole.failed)
            #expect(whole.usage == 2)
            #expect(!String(decoding: whole.bytes, as: UTF8.self).contains(#""choices":[],"#))
            for cut in 1..<text.count {
                let other = relay(sample, pieces(text, cutAt: [cut]))
                guard other == whole else {
                    Issue.record("cut at \(cut): \(String(decoding: other.bytes, as: UTF8.self))")
                    return
                }
            }
        }
    }

    @Test("cuts at two places around the stripped chunk change nothing", arguments: [Sample.chat, .completions])
    func everyPairOfCuts(_ sample: Sample) throws {
        let events = sample.events()
        let text = Array(events.suffix(4).joined().utf8)
        let whole = relay(sample, [text[...]])
        for first in stride(from: 1, to: text.count - 1, by: 5) {
            for second in stride(from: first + 1, to: text.count, by: 11) {
                guard relay(sample, pieces(text, cutAt: [first, second])) == whole else {
                    Issue.record("cuts at \(first) and \(second)")
                    return
                }
            }
        }
    }

    @Test("pieces of every size change nothing", arguments: Sample.allCases)
    func everySize(_ sample: Sample) {
        for text in Self.variants(sample) {
            let whole = relay(sample, [text[...]])
            for size in Array(1...20) + [31, 64, 100] {
                let cuts = Array(stride(from: size, to: text.count, by: size))
                #expect(relay(sample, pieces(text, cutAt: cuts)) == whole, "pieces of \(size)")
            }
        }
    }

    @Test("what is left unfinished never goes down, wherever the stream ends", arguments: Sample.allCases)
    func everyEnd(_ sample: Sample) {
        let events = sample.events()
        let text = Array(events.joined().utf8)
        for end in 0..<(text.count - 2) {
            let outcome = relay(sample, [text[..<end]])
            let given = String(decoding: outcome.bytes, as: UTF8.self)
            guard given.isEmpty || given.hasSuffix("\n\n") else {
                Issue.record("an end at \(end) leaves \(given.suffix(40))")
                return
            }
        }
    }

    @Test("after a broken event nothing more goes down", arguments: Sample.allCases)
    func nothingAfterAFault(_ sample: Sample) {
        let good = sample.events()[0]
        var relay = StreamRelay(StreamObserver(sample.endpoint))
        var bytes: [UInt8] = []
        for piece in [good, "data: {\"a\":\n\n", good, good] {
            relay.take(ByteBuffer(string: piece)) { bytes += $0.readableBytesView }
        }
        relay.end { bytes += $0.readableBytesView }
        #expect(String(decoding: bytes, as: UTF8.self) == good)
    }
}
