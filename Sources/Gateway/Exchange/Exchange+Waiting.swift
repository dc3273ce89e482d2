import Dialects
import Inference
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
        checkAttempt(now)
        let need = watch?.need(at: now, headIsDown: state.isRelaying, holdsHead: holdsHead)
        switch need {
        case nil, .nothing: break
        case .head: releaseHead()
        case .keepAlive: keepAlive()
        }
    }

    /// Whether the head waits for the answer; not while a refusal is being read, which has a status of its own.
    private var holdsHead: Bool { if case .translated = relay { true } else { startUp != nil } }

    /// Says that the stream lives, if the client reads at all and a whole event went down last.
    private func keepAlive() {
        guard connection.isWritable else { return }
        switch relay {
        case .translated:
            if let bytes = translating?.keepAlive() { writeKeepAlive(bytes) }
        case .stream(let stream) where startUp != nil:
            keepHeldAlive(stream.observer)
        case .none, .held: keepAliveBetweenAttempts()
        case .stream(let stream) where stream.isBetweenEvents:
            let observer = stream.observer
            let bytes = KeepAlive.bytes(for: observer.endpoint.dialect, hasBegun: observer.events > 0)
            writeKeepAlive(ByteBuffer(bytes: bytes))
        default: break
        }
    }

    /// Clients of Responses take nothing but events for a sign of life, which the first event has to come before.
    private func keepHeldAlive(_ observer: StreamObserver) {
        guard observer.endpoint.dialect == .responses, observer.events > 0 else { return keepAliveBetweenAttempts() }
        releaseStartUp()
        writeKeepAlive(ByteBuffer(bytes: KeepAlive.bytes(for: .responses, hasBegun: true)))
    }

    /// Nothing has begun in the stream but what we said by ourselves, and an event may yet come from anybody.
    private func keepAliveBetweenAttempts() {
        guard state.isRelaying, !hasAnswered, record.streamed, attempts != nil else { return }
        if translating?.hasPromised == true, let bytes = translating?.keepAlive() { return writeKeepAlive(bytes) }
        guard let dialect = route?.dialect else { return }
        writeKeepAlive(ByteBuffer(bytes: KeepAlive.bytes(for: dialect, hasBegun: false)))
    }

    private func writeKeepAlive(_ bytes: ByteBuffer) {
        guard bytes.readableBytes > 0 else { return }
        record.bytesOut += bytes.readableBytes
        connection.writeBody(bytes)
        connection.flush()
    }
}
