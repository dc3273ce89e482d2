/// Why an attempt on the wire failed.
package struct TransportFailure: Error, Sendable, Hashable {
    package enum Kind: String, Sendable, Hashable, CaseIterable {
        /// The name does not exist.
        case nameNotFound
        /// The resolver did not answer in time, or said that it cannot answer now.
        case nameTimedOut
        /// The host answered that nothing listens on the port.
        case refused
        /// There is no route, no address or no socket to be had.
        case unreachable
        case connectTimedOut
        /// The certificate is outside its dates.
        case certificateExpired
        case certificateWrongHost
        /// No trusted root vouches for the certificate.
        case certificateUntrusted
        /// Any other fault of the handshake, or a `ca_file` that cannot be read.
        case tls
        /// The forward proxy refused or broke the tunnel.
        case proxy
        /// The connection ended before the response's head was whole.
        case closedBeforeHead
        case firstByteTimedOut
        /// The connection ended inside the response's body.
        case closedInBody
        case idleTimedOut
        case totalTimedOut
        /// The upstream's bytes are not HTTP/1, or not an answer to what was asked.
        case notHTTP
        /// The head or the whole response is over its limit.
        case responseTooLarge
        /// The request cannot be written: a line break or another control in a field, the method or the target.
        case invalidRequest
        /// All connections are busy and the queue is full, or its head did not get one before the connect deadline.
        case noCapacity
        /// The pool was shut down under the exchange.
        case shutDown
        /// The caller's task was cancelled; a pool never says this by itself.
        case cancelled
    }

    package var kind: Kind
    /// The system's words, without secrets.
    package var detail: String
    /// Whether any byte of the request may have left; false means that a retry is provably safe.
    package var requestMayHaveBeenSent: Bool

    package init(_ kind: Kind, _ detail: String, requestMayHaveBeenSent: Bool = false) {
        self.kind = kind
        self.detail = detail
        self.requestMayHaveBeenSent = requestMayHaveBeenSent
    }
}
