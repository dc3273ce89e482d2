import Inference
import Providers

/// How a configured text may name a dialect.
enum DialectChoice: String, CaseIterable, Sendable {
    case auto, chat, responses, messages, ollama

    var dialect: Dialect? { Dialect(rawValue: rawValue) }
}

/// What a reading needs besides the file's own text.
struct ReadingContext {
    /// The file's folder, which relative paths start from.
    var folder: String
    var home: String
    var environment: [String: String]
    var findings: Findings
}

extension ProviderConfiguration {
    /// Reads one element of `providers`; nil where its name or address is not usable, which is in the findings then.
    static func read(_ node: ConfigurationNode, path: String, context: ReadingContext) -> ProviderConfiguration? {
        guard let members = node.members else {
            context.findings.add(.wrongType, "\(path) has to be a mapping, and is \(node.kind)", at: node.position)
            return nil
        }
        let known = ConfigurationKey.names(below: "providers[]")
        let reader = MappingReader(
            members,
            path: path,
            at: node.position,
            known: known,
            capitals: true,
            findings: context.findings
        )
        let name = readName(reader)
        let address = name.flatMap { readAddress(reader, name: $0.value, context: context) }
        guard let name, let address else { return nil }
        var provider = ProviderConfiguration(name: name, address: address)
        provider.readRest(reader, context: context)
        return provider
    }

    private mutating func readRest(_ reader: MappingReader, context: ReadingContext) {
        apiKey = reader.secret("api_key", context: context)
        apiKeys = Self.readKeys(reader, context: context)
        model = reader.text("model").flatMap { $0.value.isEmpty ? nil : $0 }
        let choice: Setting<DialectChoice>? = reader.choice("dialect")
        dialect = choice.flatMap { choice in choice.value.dialect.map { Setting($0, choice.origin) } }
        authentication = reader.choice("auth")
        headers = Self.readHeaders(reader, context: context)
        if let timeouts = reader.mapping("timeouts") {
            connectTimeout = timeouts.duration("connect")
            firstByteTimeout = timeouts.duration("first_byte")
            idleTimeout = timeouts.duration("idle")
            totalTimeout = timeouts.duration("total")
        }
        readLimits(reader)
        caFile = reader.path("ca_file", context: context)
        tags = reader.texts("tags")
        numCtx = reader.integer("num_ctx", in: 1...16_777_216)
        keepsResponses = reader.boolean("keeps_responses")
    }

    private static func readKeys(_ reader: MappingReader, context: ReadingContext) -> [Setting<SecretReference>] {
        guard let node = reader.node("api_keys"), let elements = reader.elements("api_keys") else { return [] }
        if reader.node("api_key") != nil {
            reader.findings.add(
                .conflict,
                "\(reader.path) has both api_key and api_keys",
                at: node.position,
                nextStep: "Put all keys into api_keys."
            )
        }
        return elements.enumerated().compactMap { index, element in
            let key = "api_keys[\(index)]"
            guard let secret = reader.secret(element, key: key, context: context) else { return nil }
            guard secret.value != .literal(Secret("")) else { return reader.refuse(key, element, "is empty") }
            return secret
        }
    }

    /// Letters, digits, `.`, `-` and `_`: a name stands in a header, in front of a slash and in metrics.
    static func isName(_ text: String) -> Bool {
        (1...64).contains(text.utf8.count)
            && text.unicodeScalars.allSatisfy {
                $0.isASCII && ($0.properties.isAlphabetic || "0123456789.-_".unicodeScalars.contains($0))
            }
    }

    private static func readName(_ reader: MappingReader) -> Setting<String>? {
        guard let node = reader.node("name") else {
            reader.findings.add(.missingKey, "\(reader.path) has no name", at: reader.position)
            return nil
        }
        guard let name = reader.text("name") else { return nil }
        guard isName(name.value) else {
            return reader.refuse("name", node, "may only hold letters, digits, . - and _, up to 64 of them")
        }
        return name
    }

    private static func readAddress(
        _ reader: MappingReader,
        name: String,
        context: ReadingContext
    ) -> Setting<Address>? {
        guard let node = reader.node("base_url") else {
            if let vendor = Vendor(name: name) { return vendor.address(in: context.environment) }
            reader.findings.add(
                .missingKey,
                "\(reader.path) (\(name)) has no base_url",
                at: reader.position,
                nextStep: "Add one, such as base_url: http://localhost:11434/v1"
            )
            return nil
        }
        guard let text = reader.text("base_url") else { return nil }
        switch address(text.value) {
        case .success(let address): return Setting(address, text.origin)
        case .failure(let problem): return reader.refuse("base_url", node, problem.reason, problem.nextStep)
        }
    }

    struct AddressProblem: Error {
        var reason: String
        var nextStep: String?
    }

    /// Reads a URL or `scripted:…`; the reasons never repeat a key that was put into the URL.
    static func address(_ text: String) -> Result<Address, AddressProblem> {
        if text.hasPrefix("scripted:") { return .success(.scripted(String(text.dropFirst(9)))) }
        guard !text.contains("@") else {
            return .failure(AddressProblem(reason: "holds a user or a password", nextStep: "Put the key into api_key."))
        }
        do {
            return .success(.url(try BaseURL(text)))
        } catch {
            let looksLikeHost = !text.contains("://") && !text.isEmpty && !text.contains(" ")
            return .failure(
                AddressProblem(reason: error.reason, nextStep: looksLikeHost ? "Did you mean http://\(text)?" : nil)
            )
        }
    }

    /// Fields that the transport or the relay owns.
    private static let reservedHeaders: Set<String> = [
        "host", "content-length", "transfer-encoding", "connection", "keep-alive", "te", "trailer", "upgrade",
        "proxy-authorization", "proxy-connection",
    ]

    private static func readHeaders(_ reader: MappingReader, context: ReadingContext) -> [Header] {
        guard let node = reader.node("headers") else { return [] }
        guard let members = node.members else { return reader.mismatch("headers", node, wanted: "a mapping") ?? [] }
        var seen: Set<String> = []
        return members.compactMap { member in
            let key = "headers.\(member.key)"
            guard isHeaderName(member.key) else {
                return reader.refuse(key, member.value, "is not the name of a header field")
            }
            guard !reservedHeaders.contains(member.key.lowercased()) else {
                return reader.refuse(key, member.value, "is set by torii itself")
            }
            guard seen.insert(member.key.lowercased()).inserted else {
                context.findings.add(.duplicateKey, "\(reader.name(of: key)) is given twice", at: member.position)
                return nil
            }
            return reader.secret(member.value, key: key, context: context).map { Header(name: member.key, value: $0) }
        }
    }

    static func isHeaderName(_ text: String) -> Bool {
        let others = "!#$%&'*+-.^_`|~".unicodeScalars
        return !text.isEmpty
            && text.unicodeScalars.allSatisfy {
                $0.isASCII && ($0.properties.isAlphabetic || ("0"..."9").contains($0) || others.contains($0))
            }
    }
}

extension MappingReader {
    /// A secret or a reference to one; messages name the key and never its value.
    func secret(_ key: String, context: ReadingContext) -> Setting<SecretReference>? {
        node(key).flatMap { secret($0, key: key, context: context) }
    }

    func secret(_ node: ConfigurationNode, key: String, context: ReadingContext) -> Setting<SecretReference>? {
        guard let text = MappingReader.text(node) else { return mismatch(key, node, wanted: "a text") }
        guard !text.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7F }) else {
            return refuse(key, node, "holds a control character")
        }
        let reference = SecretReference(text, folder: context.folder, home: context.home)
        guard !reference.isBlank else { return refuse(key, node, "names nothing behind its colon") }
        return Setting(reference, .file(node.position))
    }

    /// A path, made absolute from the configuration's folder.
    func path(_ key: String, context: ReadingContext) -> Setting<String>? {
        text(key).map { setting in
            setting.map { FilePath.absolute($0, folder: context.folder, home: context.home) }
        }
    }
}
