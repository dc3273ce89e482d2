import ArgumentParser
import JSON

/// What a tenant wants done with what its people ask and are told.
struct ContentOptions: ParsableArguments {
    @Option(help: "Whether what is said is kept, masked: on or off.")
    var capture: String?

    @Option(help: "For how many days it is kept; none for as many as the configuration says.")
    var captureDays: String?

    @Option(help: "Whether providers see what is said masked: on or off.")
    var maskUpstream: String?

    /// What of them is given, as the administration takes it.
    var members: [(String, JSONValue?)] {
        [
            ("capture", capture.map { .string($0) }), ("capture_days", .count(captureDays)),
            ("mask_upstream", maskUpstream.map { .string($0) }),
        ]
    }
}
