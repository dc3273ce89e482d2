package import Inference
package import JSON

extension Attempt {
    /// Sends a request and reads the whole answer as one JSON text.
    ///
    /// - Throws: besides what `send` throws, `malformed` for an answer that is no JSON or longer than `limit` bytes.
    package func json(_ call: ProviderCall, limit: Int = 32 << 20) async throws(InferenceError) -> JSONView {
        let response = try await send(call)
        let bytes: [UInt8]
        do throws(TransportFailure) {
            bytes = try await response.body.collect(upTo: limit)
        } catch {
            throw InferenceError(error, provider: provider.name)
        }
        do throws(JSONError) {
            return try JSONDocument(bytes).root
        } catch {
            let message = "Provider \(provider.name) answered \(call.target) with something that is not JSON."
            throw InferenceError(.malformed, message, cause: error.message, detail: error.code.rawValue)
        }
    }
}
