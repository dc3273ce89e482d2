/// Readers of what comes over a connection: HTTP/1 on both sides of the gateway, and a WebSocket.
///
/// Scripts/fuzz.sh builds this against the readers themselves.
let targets: [String: @Sendable ([UInt8]) -> Void] = [
    "http1-request": { HTTP1Target.checkRequests($0) }, "http1-response": { HTTP1Target.checkResponses($0) },
    "frames": { FrameTarget.check($0) },
]
