import JSON
import Providers
import ScriptedUpstream
import Testing

@testable import Gateway

@Suite("The OpenAPI document of the administration")
struct OpenAPITests {
    private static let document = OpenAPIDocument(version: "1.2.3").json

    /// All values of a name, however deep.
    private static func all(_ name: String, in value: JSONValue) -> [JSONValue] {
        switch value {
        case .object(let object):
            object.members.flatMap { ($0.key == name ? [$0.value] : []) + all(name, in: $0.value) }
        case .array(let elements): elements.flatMap { all(name, in: $0) }
        default: []
        }
    }

    @Test("is whole: what it refers to is there, nothing is there for nobody, and every operation has its own name")
    func whole() throws {
        let document = Self.document
        #expect(document["openapi"]?.string == "3.1.0" && document["info"]?["version"]?.string == "1.2.3")
        let check = SchemaCheck(document: document)
        let references = Set(Self.all("$ref", in: document).compactMap(\.string))
        for reference in references { #expect(check.resolve(reference) != nil, "\(reference)") }
        let components = document["components"]?["schemas"]?.object?.keys.map { "#/components/schemas/\($0)" } ?? []
        #expect(Set(components) == references)
        let names = Self.all("operationId", in: document).compactMap(\.string)
        #expect(names.count == AdministrationOperation.all.count && Set(names).count == names.count)
        for operation in AdministrationOperation.all {
            let inPath = operation.path.matches(of: /\{([a-z]+)\}/).map { String($0.output.1) }
            #expect(operation.parameters.filter { $0.place == .path }.map(\.name) == inPath, "\(operation.path)")
            #expect(!operation.answers.isEmpty && !operation.summary.isEmpty)
            #expect(Set(operation.answers.map(\.status)).isDisjoint(with: operation.allCodes.map(\.status)))
        }
    }

    @Test("has the members of each kind, as they are kept", arguments: IdentityKind.allCases)
    func kinds(_ kind: IdentityKind) throws {
        let schemas = try #require(Self.document["components"]?["schemas"])
        let shown = try #require(schemas[kind.typeName])
        #expect(shown["properties"]?.object?.keys == kind.fields.map(\.name))
        #expect(shown["required"]?.array?.compactMap(\.string) == kind.fields.map(\.name))
        let change = try #require(schemas[kind.typeName + "Change"])
        #expect(
            change["properties"]?.object?.keys == kind.fields.filter { $0.use == .changeable }.map(\.name)
        )
        let creation = try #require(schemas[kind.typeName + "Creation"])
        for shape in creation["anyOf"]?.array ?? [creation] {
            #expect(shape["properties"]?.object?.keys == kind.fields.filter { $0.use != .derived }.map(\.name))
            for field in kind.fields where field.isRequired {
                // The key that asks may say it.
                let isRequired = field.name != "tenant" || kind == .policies
                let names = shape["required"]?.array?.compactMap(\.string) ?? []
                #expect(names.contains(field.name) == isRequired, "\(field.name)")
            }
        }
    }

    @Test(
        "T2: what a tenant's admin may leave out the document lets be left out, and others are told that it is missing",
        arguments: [
            ("teams", "TeamCreation", #"{"name":"r"}"#), ("users", "UserCreation", #"{"name":"u"}"#),
            ("keys", "KeyCreation", #"{"label":"l"}"#), ("keys", "KeyCreation", #"{"label":"l","role":"viewer"}"#),
            ("/key/generate", "LiteLLMKeyGeneration", "{}"),
            ("/key/generate", "LiteLLMKeyGeneration", #"{"team_id":null}"#),
        ]
    )
    func omittedTenant(_ path: String, _ schema: String, _ body: String) throws {
        let schema = try #require(Self.document["components"]?["schemas"]?[schema])
        let faults = SchemaCheck(document: Self.document).faults(try JSONValue(parsing: Array(body.utf8)), schema)
        #expect(faults.isEmpty, "\(faults)")
        let office = try Office()
        let tenant = try office.make(.tenants, #"{"name":"t"}"#).id
        let admin = try office.actor(try office.key(#"{"tenant":"t","label":"a","role":"tenant-admin"}"#))
        let made = try office.ask("POST", path, body, as: admin)
        #expect([200, 201].contains(made.status), "\(made.text)")
        #expect((made.root["tenant"] ?? made.root["team_id"])?.string == tenant)
        let refused = try office.ask("POST", path, body)
        #expect(refused.status == 400 && made.status < 300, "\(refused.text)")
    }

    @Test("every path that is served is in it with all its methods, and nothing else is served")
    func routes() async throws {
        let paths = try #require(Self.document["paths"]?.object)
        try await withGateway([]) { gateway in
            for path in paths.members {
                let methods = path.value.object?.keys.map { $0.uppercased() } ?? []
                let target = path.key.replacing("{id}", with: "x").replacing("{name}", with: "x")
                for method in ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"]
                where !methods.contains(method) {
                    let answer = try await gateway.administer(method, target)
                    #expect(answer.status == 405, "\(method) \(target)")
                    #expect(answer.field("allow") == methods.joined(separator: ", "), "\(method) \(target)")
                    let problem = try JSONDocument(answer.body).root
                    #expect(problem["code"]?.string == "method_not_allowed")
                }
                if methods.contains("GET") {
                    let head = try await gateway.administer("HEAD", target)
                    let get = try await gateway.administer("GET", target)
                    #expect(head.status == get.status && head.body.isEmpty, "\(target)")
                }
            }
            for target in [
                "/", "/admin", "/admin/v1", "/admin/v1/", "/admin/v1/tenants/", "/admin//v1/tenants", "/key",
            ] {
                let answer = try await gateway.administer("GET", target)
                #expect(answer.status == 404 && answer.field("content-type") == "application/problem+json", "\(target)")
            }
        }
    }

    @Test("T14: every operation answers as it says, with a key and without, and is not to be stored")
    func answers() async throws {
        let document = Self.document
        let check = SchemaCheck(document: document)
        let reloader = Reloader(load: { settings in Reloader.Loaded(settings) })
        let upstream = try await ScriptedUpstream.start(answers: [])
        try await withGateway([try .scripted(upstream)], reloader: reloader) { gateway in
            let made = try await gateway.administer("POST", "keys", #"{"label":"k","role":"operator"}"#)
            let key = try #require(try JSONDocument(made.body).root["key"]?.string)
            for operation in AdministrationOperation.all {
                for (isKnown, body) in [(true, Self.bodies[operation.name] ?? ""), (true, "[]"), (false, "{}")] {
                    // What is deleted would be missed by those that follow.
                    let id = operation.method == "DELETE" ? "none" : "t"
                    let target = operation.path.replacing("{id}", with: id).replacing("{name}", with: "house")
                    let answer = try await gateway.administer(
                        operation.method,
                        target,
                        operation.method == "GET" ? "" : body,
                        key: isKnown ? key : nil
                    )
                    let name = "\(operation.name) \(body)"
                    #expect(answer.status < 500 || operation.name == "readiness", "\(name)")
                    let part = document["paths"]?[operation.path]?[operation.method.lowercased()]
                    let response = part?["responses"]?[String(answer.status)]
                    #expect(response != nil, "\(name): \(answer.status) \(answer.bodyText)")
                    if !isKnown, operation.audience != .everybody { #expect(answer.status == 401, "\(name)") }
                    if operation.audience != .everybody {
                        #expect(answer.field("cache-control") == "no-store", "\(name)")
                    }
                    guard let content = response?["content"]?.object?.members.first else {
                        #expect(answer.body.isEmpty, "\(name)")
                        continue
                    }
                    #expect(answer.field("content-type")?.hasPrefix(content.key) == true, "\(name)")
                    guard content.key.hasSuffix("json") else { continue }
                    let value = try JSONValue(parsing: answer.body)
                    let schema = try #require(content.value["schema"])
                    #expect(check.faults(value, schema).isEmpty, "\(name): \(check.faults(value, schema))")
                }
            }
        }
        await upstream.shutdown()
    }

    @Test("T14: every operation is done where there is what it asks for, with the headers that it says")
    func done() async throws {
        let document = Self.document
        let check = SchemaCheck(document: document)
        let reloader = Reloader(load: { settings in Reloader.Loaded(settings) })
        let upstream = try await ScriptedUpstream.start(answers: [])
        // What others belong to is deleted behind them.
        let deletions = AdministrationOperation.all.filter { $0.method == "DELETE" }
        let others = AdministrationOperation.all.filter { $0.method != "DELETE" }
        try await withGateway([try .scripted(upstream)], reloader: reloader) { gateway in
            let made = try await gateway.administer("POST", "keys", #"{"label":"k","role":"operator"}"#)
            let key = try #require(try JSONDocument(made.body).root["key"]?.string)
            var ids: [String: String] = [:]
            for operation in others + deletions.reversed() {
                let id = ids[operation.group] ?? "none"
                var target = operation.path.replacing("{id}", with: id).replacing("{name}", with: "house")
                var body = Self.bodies[operation.name] ?? ""
                switch operation.name {
                case "liteLLMInfoKey": target += "?key=\(id)"
                case "liteLLMUpdateKey": body = #"{"key":"\#(id)"}"#
                case "liteLLMDeleteKey": body = #"{"keys":["\#(id)"]}"#
                case "eraseCaptures": target += "?user=none"
                default: break
                }
                let answer = try await gateway.administer(operation.method, target, body, key: key)
                let name = "\(operation.name): \(answer.status) \(answer.bodyText)"
                #expect((200..<300).contains(answer.status) || operation.name == "readiness", "\(name)")
                let isJSON = answer.field("content-type")?.hasPrefix("application/json") == true
                let root: JSONView? = isJSON ? try JSONDocument(answer.body).root : nil
                if operation.name.hasPrefix("create") { ids[operation.group] = root?["id"]?.string }
                if operation.name == "liteLLMGenerateKey" { ids[operation.group] = root?["token"]?.string }
                let part = document["paths"]?[operation.path]?[operation.method.lowercased()]
                let response = try #require(part?["responses"]?[String(answer.status)], "\(name)")
                let tag = response["headers"]?["ETag"]?["schema"]
                #expect((tag == nil) == (answer.field("etag") == nil), "\(name)")
                if let tag, let text = answer.field("etag") {
                    #expect(check.faults(.string(text), tag).isEmpty, "\(name): \(text)")
                }
                if let schema = response["content"]?["application/json"]?["schema"] {
                    let faults = check.faults(try JSONValue(parsing: answer.body), schema)
                    #expect(faults.isEmpty, "\(name): \(faults)")
                }
            }
        }
        await upstream.shutdown()
    }

    /// Bodies with which something is done, in the order of the operations.
    private static let bodies = [
        "explainRoute": #"{"model":"m","headers":{"x-team":"a"},"tokens":5,"tools":true}"#,
        "createTenant": #"{"name":"t"}"#, "changeTenant": #"{"status":"active"}"#,
        "createTeam": #"{"tenant":"t","name":"r"}"#, "createUser": #"{"tenant":"t","name":"u"}"#,
        "changeTeam": "{}", "changeUser": "{}", "changeKey": "{}", "changePolicy": "{}",
        "createKey": #"{"tenant":"t","label":"l","expires_at":"2099-01-01T00:00:00Z","models":["m*"]}"#,
        "createPolicy": #"{"tenant":"t","label":"p","models":["*"]}"#,
        "createPrice": #"{"provider":"house","model":"m*","from":"2027-01-01T00:00:00Z","input":0.25,"output":2}"#,
        "changePrice": #"{"cached_input":0.025,"from":null}"#,
        "liteLLMGenerateKey": #"{"team_id":"t","duration":"30d","metadata":{"a":1}}"#,
        "liteLLMUpdateKey": #"{"key":"none"}"#, "liteLLMDeleteKey": #"{"keys":["none"]}"#,
    ]
}
