import JSON
import NIOCore
import ScriptedUpstream

@testable import Gateway

/// One frame as a test sends it, right or wrong in every part.
struct SentFrame {
    var opcode: UInt8
    var payload: [UInt8]
    var isFinal = true
    /// The reserved bits.
    var reserved: UInt8 = 0
    var mask: UInt32? = 0x1B2C_3D4E
    /// The length that is written in the place of the payload's; for a payload that is left out.
    var claims: UInt64?
    /// Writes the length in so many bytes, whatever it is.
    var lengthBytes: Int?

    static func text(_ text: String) -> SentFrame { SentFrame(opcode: 1, payload: Array(text.utf8)) }

    var bytes: [UInt8] {
        let length = claims ?? UInt64(payload.count)
        let width = lengthBytes ?? (length < 126 ? 0 : length <= UInt64(UInt16.max) ? 2 : 8)
        let masked: UInt8 = mask == nil ? 0 : 0x80
        var bytes = [(isFinal ? 0x80 : 0) | reserved << 4 | opcode]
        bytes.append(masked | (width == 0 ? UInt8(length) : width == 2 ? 126 : 127))
        for place in (0..<width).reversed() { bytes.append(UInt8(truncatingIfNeeded: length >> UInt64(8 * place))) }
        guard let mask else { return bytes + payload }
        let key = (0..<4).map { UInt8(truncatingIfNeeded: mask >> UInt32(24 - 8 * $0)) }
        return bytes + key + payload.enumerated().map { $1 ^ key[$0 % 4] }
    }
}

/// One frame as the gateway sent it.
struct ReceivedFrame: Equatable {
    var opcode: UInt8
    var isFinal: Bool
    var payload: [UInt8]

    var text: String { String(decoding: payload, as: UTF8.self) }

    /// The number that a close frame gives.
    var closeCode: UInt16? {
        guard opcode == 8, payload.count >= 2 else { return nil }
        return UInt16(payload[0]) << 8 | UInt16(payload[1])
    }

    /// Cuts the first frame off; nil where it has not wholly come.
    static func cut(_ bytes: ArraySlice<UInt8>) -> (frame: ReceivedFrame, count: Int)? {
        let bytes = Array(bytes)
        guard bytes.count >= 2 else { return nil }
        precondition(bytes[1] & 0x80 == 0, "a server masks nothing")
        let width = bytes[1] == 126 ? 2 : bytes[1] == 127 ? 8 : 0
        guard bytes.count >= 2 + width else { return nil }
        let length = width == 0 ? Int(bytes[1]) : bytes[2..<2 + width].reduce(0) { $0 << 8 | Int($1) }
        let end = 2 + width + length
        guard bytes.count >= end else { return nil }
        let payload = Array(bytes[(2 + width)..<end])
        return (ReceivedFrame(opcode: bytes[0] & 0x0F, isFinal: bytes[0] & 0x80 != 0, payload: payload), end)
    }
}

/// A client of Responses over WebSocket that sends exactly the frames it is told to.
struct SocketClient: Sendable {
    let raw: RawClient
    let handshake: RawAnswer

    static let fields = [
        ("Connection", "keep-alive, Upgrade"), ("Upgrade", "websocket"),
        ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="), ("Sec-WebSocket-Version", "13"),
        ("OpenAI-Beta", "responses_websockets=2026-02-06"),
    ]

    static func request(_ fields: [(String, String)] = []) -> String {
        RawRequest.get("/v1/responses", fields: Self.fields + fields)
    }

    /// Connects and shakes hands; `behind` goes out in the same write.
    static func open(
        _ gateway: GatewayUnderTest,
        fields: [(String, String)] = [],
        behind: [UInt8] = [],
        receiveBuffer: CInt? = nil,
        tls: Bool = false,
        certificate: TestCertificate.Client? = nil
    ) async throws -> SocketClient {
        let raw = try await gateway.connect(receiveBuffer: receiveBuffer, tls: tls, certificate: certificate)
        try await raw.send(Array(request(fields).utf8) + behind)
        let answer = try await raw.answer()
        guard answer.status == 101 else { throw Missed(what: "status 101; it was \(answer.status) \(answer.bodyText)") }
        return SocketClient(raw: raw, handshake: answer)
    }

    func send(_ frame: SentFrame) async throws { try await raw.send(frame.bytes) }

    func send(_ text: String) async throws { try await send(.text(text)) }

    /// The next frame, whatever it is.
    func frame(within limit: Duration = .seconds(20)) async throws -> ReceivedFrame {
        let state = try await raw.state.wait(for: "a frame", within: limit) { state in
            state.isClosed || ReceivedFrame.cut(state.bytes[state.taken...]) != nil
        }
        guard let (frame, count) = ReceivedFrame.cut(state.bytes[state.taken...]) else {
            throw Missed(what: "a frame before the end")
        }
        raw.state.change { $0.taken += count }
        return frame
    }

    /// The next message.
    func message(within limit: Duration = .seconds(20)) async throws -> JSONView {
        let frame = try await frame(within: limit)
        guard frame.opcode == 1, frame.isFinal else { throw Missed(what: "a message; there was \(frame)") }
        return try JSONDocument(frame.payload).root
    }

    /// All messages up to the one that ends a response, or tells of an error.
    func response(within limit: Duration = .seconds(20)) async throws -> [JSONView] {
        let ends: Set = ["response.completed", "response.incomplete", "response.failed", "error"]
        var messages: [JSONView] = []
        while true {
            let next = try await message(within: limit)
            messages.append(next)
            if ends.contains(next["type"]?.string ?? "") { return messages }
        }
    }

    /// Sends a request and waits for its response.
    func ask(_ text: String) async throws -> [JSONView] {
        try await send(text)
        return try await response()
    }

    /// The code of the frame that closes, which has to be the next but for messages, and the end of the connection.
    func closed(within limit: Duration = .seconds(20)) async throws -> UInt16? {
        var last = try await frame(within: limit)
        while last.opcode != 8 { last = try await frame(within: limit) }
        raw.post(SentFrame(opcode: 8, payload: last.payload).bytes)
        _ = try await raw.untilClosed(within: limit)
        return last.closeCode
    }

    /// Whether there is a frame that was not read yet.
    var hasMore: Bool {
        let state = raw.state.value
        return ReceivedFrame.cut(state.bytes[state.taken...]) != nil
    }

    func close() { raw.close() }
}

/// A `response.create` as a client writes it.
enum Create {
    /// `extra` is more members in JSON, each with a comma behind it.
    static func message(
        _ input: String = "hi",
        model: String = "m",
        previous: String? = nil,
        extra: String = ""
    ) -> String {
        let previous = previous.map { #""previous_response_id":"\#($0)","# } ?? ""
        let item = #"{"type":"message","role":"user","content":[{"type":"input_text","text":"\#(input)"}]}"#
        return #"{"type":"response.create","model":"\#(model)",\#(previous)\#(extra)"store":false,"input":[\#(item)]}"#
    }
}

extension [JSONView] {
    /// The types of all messages.
    var types: [String] { map { $0["type"]?.string ?? "" } }

    /// The id of the response that the last message tells of.
    var responseID: String { last?["response"]?["id"]?.string ?? "" }

    /// What the model said, by its deltas.
    var text: String {
        reduce(into: "") { text, message in
            if message["type"]?.string == "response.output_text.delta" { text += message["delta"]?.string ?? "" }
        }
    }
}
