import Dialects
import NIOCore

/// What an exchange does while nothing comes.
extension Exchange {
    /// How long a request waits for word of what its provider speaks.
    private static let dialectPatience = TimeAmount.seconds(5)

    /// Looks at the time; called by the loop a few times a second.
    func check(_ now: NIODeadline) {
        if let since = awaitsDialectSince {
            if now - since > Self.dialectPatience { goOnWithoutDialect() }
            return
        }
        let need = watch?.need(at: now, headIsDown: state.isRelaying, holdsHead: holdsHead)
        switch need {
        case nil, .nothing: break
        case .head: releaseTranslatedHead()
        case .keepAlive: keepAlive()
        }
    }

    /// Whether the head waits for the answer; not while a refusal is being read, which has a status of its own.
    private var holdsHead: Bool { if case .translated = relay { true } else { false } }

    /// Says that the stream lives, if the client reads at all and a whole event went down last.
    private func keepAlive() {
        guard connection.isWritable else { return }
        switch relay {
        case .translated:
            if let bytes = translating?.keepAlive() { writeKeepAlive(bytes) }
        case .stream(let stream) where stream.isBetweenEvents:
            let observer = stream.observer
            let bytes = KeepAlive.bytes(for: observer.endpoint.dialect, hasBegun: observer.events > 0)
            writeKeepAlive(ByteBuffer(bytes: bytes))
        default: break
        }
    }

    private func writeKeepAlive(_ bytes: ByteBuffer) {
        guard bytes.readableBytes > 0 else { return }
        record.bytesOut += bytes.readableBytes
        connection.writeBody(bytes)
        connection.flush()
    }
}
