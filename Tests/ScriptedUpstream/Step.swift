/// One thing that a scripted upstream does with a connection.
package enum Step: Sendable {
    /// Writes bytes and flushes them.
    case write([UInt8])
    /// Writes bytes in pieces of a size, each flushed by itself in a turn of the event loop of its own.
    case pieces([UInt8], size: Int)
    /// Writes this over and over, each time after the system took the one before, until the connection closes.
    case endless([UInt8])
    /// Goes no further until the gate is open.
    case wait(Gate)
    /// Connects to this port of 127.0.0.1, and from then on passes all bytes both ways, as a proxy's tunnel does;
    /// the proxy's answer is a step after it.
    case tunnel(port: Int)
    /// Ends the writing side only.
    case halfClose
    /// Closes after everything was written.
    case close
    /// Closes so that the peer sees a reset; what it has not read yet is lost.
    case reset
    /// Never goes any further.
    case stall

    package static func write(_ text: String) -> Step { .write(Array(text.utf8)) }
    package static func pieces(_ text: String, size: Int) -> Step { .pieces(Array(text.utf8), size: size) }
}
