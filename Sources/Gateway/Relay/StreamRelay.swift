import Dialects
import NIOCore

/// Passes an event stream on as it arrives, in whole events only.
///
/// The tail of an unfinished event waits for its rest, so that a stream which is cut can still end with a terminal
/// event that the client understands (F2). The observer bounds what waits.
struct StreamRelay {
    private(set) var observer: StreamObserver
    private var held: [ByteBuffer] = []
    /// What was taken out last ended with CR; an LF that comes next belongs to it.
    private var dropsLineFeed = false

    init(_ observer: StreamObserver) { self.observer = observer }

    /// The response object of a stream that has ended well, once.
    mutating func takeKeptResponse() -> [UInt8]? { observer.takeKeptResponse() }

    /// Whether something else may go down now without breaking an event.
    var isBetweenEvents: Bool {
        if case .running = observer.outcome { held.isEmpty } else { false }
    }

    /// Takes what one read brought and hands over what may go down now, in order.
    mutating func take(_ bytes: ByteBuffer, emit: (ByteBuffer) -> Void) {
        let portion = bytes.withUnsafeReadableBytes { observer.observe($0) }
        if portion.wholeBytes > 0 { release(portion.removesHeld, emit) }
        let whole = bytes
        var bytes = bytes
        let start = bytes.readerIndex
        if dropsLineFeed {
            dropsLineFeed = false
            if bytes.readableBytesView.first == 0x0A { bytes.moveReaderIndex(forwardBy: 1) }
        }
        for removed in portion.removed {
            pass(&bytes, upTo: start + max(removed.lowerBound, 0), emit)
            bytes.moveReaderIndex(to: start + removed.upperBound)
            dropsLineFeed = bytes.readableBytes == 0 && whole.readableBytesView.last == 0x0D
        }
        pass(&bytes, upTo: start + portion.wholeBytes, emit)
        if bytes.readableBytes > 0, observer.outcome.error == nil { held.append(bytes) }
    }

    /// The upstream's body has ended by its own framing.
    mutating func end(emit: (ByteBuffer) -> Void) {
        if case .passOn(let closing) = observer.finish() {
            release(false, emit)
            emit(ByteBuffer(string: closing))
        }
        held = []
    }

    private mutating func release(_ drops: Bool, _ emit: (ByteBuffer) -> Void) {
        guard !held.isEmpty else { return }
        if !drops { held.forEach(emit) }
        held.removeAll(keepingCapacity: true)
    }

    private func pass(_ bytes: inout ByteBuffer, upTo index: Int, _ emit: (ByteBuffer) -> Void) {
        let count = index - bytes.readerIndex
        guard count > 0, let slice = bytes.readSlice(length: count) else { return }
        emit(slice)
    }
}
