import Inference
import Providers

/// How a provider stands with one of its credentials, as `/status` tells it.
package struct CredentialStatus: Encodable, Sendable, Hashable {
    /// Its place in the configuration, from 0.
    package let index: Int
    /// `closed`, `open` or `half_open`.
    package let breaker: String
    package let failuresInRow: Int
    /// What is left of a rest in seconds, and the code of the failure that it is for.
    package let cooldown: Double?
    package let cause: String?

    private enum CodingKeys: String, CodingKey {
        case index, breaker, cooldown, cause
        case failuresInRow = "failures_in_row"
    }

    init(_ index: Int, _ load: CredentialLoad) {
        self.index = index
        breaker = load.breaker.rawValue
        failuresInRow = load.failuresInRow
        cooldown = load.restSeconds
        cause = load.cause?.rawValue
    }
}
