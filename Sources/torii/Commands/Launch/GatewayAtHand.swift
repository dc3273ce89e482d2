import Inference
import JSON
import Providers

/// A gateway that answers: whom it knows, and what it says of a model.
struct GatewayAtHand: Sendable {
    /// Without a path, such as `http://127.0.0.1:8787`.
    let address: String
    let key: Secret
    private let attempt: Attempt
    /// Asks who is there without showing the key to whoever that is.
    private let probe: Attempt
    private let baseURL: BaseURL

    /// A gateway that is on this machine answers at once; the first word of a provider may take some seconds.
    private static let timeouts = Timeouts(
        connect: .seconds(2),
        firstByte: .seconds(20),
        idle: .seconds(20),
        total: .seconds(30)
    )

    /// Throws `badValue` for what is no address.
    init(address: String, key: Secret, client: UpstreamClient = UpstreamClient()) throws(ConfigurationError) {
        do { baseURL = try BaseURL(address) } catch {
            throw ConfigurationError(.badValue, "the gateway's address \(address) \(error.reason)")
        }
        self.address = address
        self.key = key
        var provider = Provider(name: "gateway", baseURL: baseURL, timeouts: Self.timeouts)
        probe = Attempt(provider: provider, client: client)
        provider.apiKey = key
        attempt = Attempt(provider: provider, client: client)
    }

    /// Whether it answers; anything but torii's own words is a no.
    func answers() async -> Bool {
        do throws(InferenceError) {
            let health = try await probe.json(ProviderCall("GET", "/health", dialect: .chat), limit: 1 << 12)
            return health["status"]?.string == "ok"
        } catch {
            return false
        }
    }

    /// Names of all models, with the provider of each.
    func models() async throws(InferenceError) -> [(name: String, provider: String)] {
        let list = try await attempt.json(ProviderCall("GET", target("/models"), dialect: .chat))
        return (list["data"]?.elements.map { $0 } ?? []).compactMap { view in
            guard let name = view["id"]?.string else { return nil }
            return (name, view["owned_by"]?.string ?? "")
        }
    }

    /// What the gateway knows of a model that it takes.
    ///
    /// A count costs nothing and goes the way of a real request: what it refuses here, the tool would be refused.
    ///
    /// - Throws: `modelNotFound` with the nearest names; `credentials` where the gateway wants another key.
    func model(_ name: String) async throws(InferenceError) -> LaunchModel {
        let count = ProviderCall("POST", target("/messages/count_tokens"), dialect: .messages, body: Self.count(name))
        _ = try await attempt.json(count)
        do throws(InferenceError) {
            let path = "/models/\(Self.escaped(name))"
            let known = try await attempt.json(ProviderCall("GET", target(path), dialect: .messages))
            return LaunchModel(
                name: name,
                window: known["max_input_tokens"]?.int,
                outputLimit: known["max_tokens"]?.int
            )
        } catch {
            guard error.upstreamStatus == 404 else { throw error }
            return LaunchModel(name: name, isListed: false)
        }
    }

    /// The models as the file that a Codex takes which does not ask for them.
    func codexCatalogue() async throws(InferenceError) -> String? {
        let list = try await attempt.json(ProviderCall("GET", target("/models"), dialect: .chat))
        guard let models = list["models"] else { return nil }
        var writer = JSONWriter(capacity: 64 << 10)
        writer.object { $0.member("models", models) }
        return String(decoding: writer.bytes, as: UTF8.self) + "\n"
    }

    private func target(_ route: String) -> String { baseURL.target(.chat, route) }

    private static func count(_ model: String) -> [UInt8] {
        var writer = JSONWriter()
        writer.object { request in
            request.member("model", model)
            request.key("messages")
            request.array { messages in
                messages.object { message in
                    message.member("role", "user")
                    message.member("content", "hi")
                }
            }
        }
        return writer.bytes
    }

    private static func escaped(_ name: String) -> String {
        var text = ""
        for byte in name.utf8 {
            let scalar = Unicode.Scalar(byte)
            if scalar.isASCII, scalar.properties.isAlphabetic || "0123456789-._~/:".unicodeScalars.contains(scalar) {
                text.unicodeScalars.append(scalar)
            } else {
                text += "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
            }
        }
        return text
    }
}
