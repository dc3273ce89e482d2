import NIOCore

@testable import Providers

/// Checks the readers of HTTP/1 on any bytes: the fuzzer's targets, and a test over their corpus.
///
/// However the bytes are cut, the same messages come out, and the reading ends in the same place. Which of two faults is
/// told may depend on the cut.
enum HTTP1Target {
    static func checkRequests(_ bytes: [UInt8]) { check(bytes, requests) }

    static func checkResponses(_ bytes: [UInt8]) {
        check(bytes) { responses($0, answersHead: false) }
        check(bytes) { responses($0, answersHead: true) }
    }

    private static func check(_ bytes: [UInt8], _ read: ([ArraySlice<UInt8>]) -> [String]) {
        let expected = read([bytes[...]])
        for size in [1, 2, 7, 64] where size < bytes.count {
            let cuts = stride(from: 0, to: bytes.count, by: size).map { bytes[$0..<min($0 + size, bytes.count)] }
            precondition(read(cuts) == expected, "cut into pieces of \(size) it is something else")
        }
    }

    private static func requests(_ pieces: [ArraySlice<UInt8>]) -> [String] {
        var decoder = RequestDecoder(headBytes: 512, fields: 8)
        var seen: [String] = []
        var body = ""
        for piece in pieces {
            decoder.append(ByteBuffer(bytes: piece))
            do throws(HTTPSyntaxError) {
                while let part = try decoder.next() {
                    switch part {
                    case .head(let head):
                        seen.append("\(head.method) \(head.target) \(head.minorVersion) \(head.keepsAlive)")
                        seen += head.fields.map { "\($0.name): \($0.value)" }
                    case .body(let bytes): body += bytes.hexDump(format: .compact)
                    case .end:
                        seen.append(body)
                        body = ""
                    }
                }
            } catch {
                return seen + [body, "fault"]
            }
        }
        return seen + [body]
    }

    private static func responses(_ pieces: [ArraySlice<UInt8>], answersHead: Bool) -> [String] {
        var decoder = ResponseDecoder(headBytes: 512, fields: 8)
        decoder.begin(answersHead: answersHead)
        var seen: [String] = []
        var body = ""
        for piece in pieces {
            decoder.append(ByteBuffer(bytes: piece))
            do throws(HTTPSyntaxError) {
                while let part = try decoder.next() {
                    switch part {
                    case .head(let status, let fields, let keepsAlive):
                        seen.append("\(status) \(keepsAlive)")
                        seen += fields.map { "\($0.name): \($0.value)" }
                    case .body(let bytes): body += bytes.hexDump(format: .compact)
                    case .end: seen.append("end")
                    }
                }
            } catch {
                return seen + [body, "fault"]
            }
        }
        return seen + [body, decoder.endsWithConnection ? "open" : "", decoder.hasBytes ? "more" : ""]
    }
}
