import JSON

/// The OpenAPI 3.1 document of the administration listener, made of the declarations of its operations.
struct OpenAPIDocument {
    let version: String
    var operations = AdministrationOperation.all

    /// The whole document.
    var json: JSONValue {
        [
            "openapi": "3.1.0",
            "info": [
                "title": "torii administration", "version": .string(version),
                "description":
                    "Tenants, keys and what a torii gateway does. Problems are RFC 9457; docs/tenants.md explains each code.",
            ],
            "servers": [["url": "/"]],
            "tags": .array(groups.map { ["name": .string($0)] }),
            "paths": paths,
            "components": [
                "schemas": .object(JSONObject(schemas.map { .init($0.name, $0.schema.json) })),
                "securitySchemes": [
                    "bearer": ["type": "http", "scheme": "bearer"],
                    "x-api-key": ["type": "apiKey", "in": "header", "name": "x-api-key"],
                    "api-key": ["type": "apiKey", "in": "header", "name": "api-key"],
                ],
            ],
        ]
    }

    /// Every schema that something refers to, once.
    var schemas: [NamedSchema] {
        var found: [NamedSchema] = []
        var wanted = operations.flatMap { [$0.body].compactMap(\.self) + $0.answers.compactMap(\.schema) }
        wanted += NamedSchema.referredTo + IdentityKind.allCases.map(\.shown)
        for schema in wanted where !found.contains(where: { $0.name.utf8.elementsEqual(schema.name.utf8) }) {
            found.append(schema)
        }
        return found.sorted { $0.name < $1.name }
    }

    private var groups: [String] {
        operations.reduce(into: []) { if !$0.contains($1.group) { $0.append($1.group) } }
    }

    private var paths: JSONValue {
        var paths = JSONObject()
        for operation in operations {
            var path = paths[operation.path] ?? [:]
            path[operation.method.lowercased()] = operation.json
            paths[operation.path] = path
        }
        return .object(paths)
    }
}

extension NamedSchema {
    /// What other schemas alone refer to.
    fileprivate static let referredTo = [
        problem, fault, liteLLMError, provider, credential, route, auditEntry, usageRecord, usageFigures,
    ]
}

extension AdministrationOperation {
    /// The operation's part of the document.
    fileprivate var json: JSONValue {
        var operation: JSONValue = [
            "operationId": .string(name), "summary": .string(summary), "tags": [.string(group)],
        ]
        if !parameters.isEmpty { operation["parameters"] = .array(parameters.map(\.json)) }
        if let body {
            operation["requestBody"] = [
                "required": .bool(needsBody), "content": ["application/json": ["schema": body.reference.json]],
            ]
        }
        var responses = JSONObject()
        for answer in answers { responses[String(answer.status)] = answer.json }
        for (status, codes) in problems { responses[String(status)] = Self.problem(status, codes) }
        operation["responses"] = .object(responses)
        let keys: [JSONValue] = [["bearer": []], ["x-api-key": []], ["api-key": []]]
        operation["security"] = .array(audience == .everybody ? [] : keys)
        return operation
    }

    /// The statuses of problems in their order, each with its codes.
    private var problems: [(Int, [AdministrationProblem.Code])] {
        Dictionary(grouping: allCodes, by: \.status).sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    private static func problem(_ status: Int, _ codes: [AdministrationProblem.Code]) -> JSONValue {
        let words = codes.map { JSONValue.string($0.rawValue) }
        let schema: JSONValue = [
            "allOf": [NamedSchema.problem.reference.json],
            "properties": ["status": ["enum": [.number(JSONNumber(status))]], "code": ["enum": .array(words)]],
        ]
        var response: JSONValue = [
            "description": .string(codes.map { "`\($0.rawValue)`: \($0.title)" }.joined(separator: " ")),
            "content": ["application/problem+json": ["schema": schema]],
        ]
        if status == 401 {
            response["headers"] = ["WWW-Authenticate": ["required": true, "schema": ["enum": ["Bearer"]]]]
        }
        if status == 503 {
            response["headers"] = ["Retry-After": ["description": "In seconds.", "schema": ["enum": ["1"]]]]
        }
        return response
    }
}

extension AdministrationOperation.Parameter {
    fileprivate var json: JSONValue {
        [
            "name": .string(name), "in": .string(place.rawValue), "required": .bool(place == .path),
            "description": .string(meaning), "schema": schema.json,
        ]
    }
}

extension AdministrationOperation.Answer {
    fileprivate var json: JSONValue {
        var response: JSONValue = ["description": .string(meaning)]
        if let schema {
            var content: JSONValue = ["application/json": ["schema": schema.reference.json]]
            for type in otherTypes { content[type] = [:] }
            response["content"] = content
        } else if !otherTypes.isEmpty {
            var content: JSONValue = [:]
            for type in otherTypes { content[type] = ["schema": ["type": "string"]] }
            response["content"] = content
        }
        var headers = JSONObject()
        if otherTypes.contains(UsageForm.jsonl.mediaType) {
            headers["x-torii-cut"] = [
                "description": "There is more than was asked for, and neither CSV nor JSON lines say so.",
                "schema": ["type": "string", "enum": ["true"]],
            ]
        }
        if otherTypes == [UsageForm.jsonl.mediaType] {
            headers["x-torii-next"] = [
                "description": "The cursor of the next page, where lines of JSON have no place for it.",
                "schema": Schema.cursor.json,
            ]
        }
        if hasEntityTag {
            headers["ETag"] = [
                "required": true, "description": "The id and the version, for If-Match.",
                "schema": Schema.text(pattern: #"^"[a-z0-9_]+-v[0-9]+"$"#).json,
            ]
        }
        if mayBeReplayed {
            headers["Idempotency-Replayed"] = [
                "description": "This is what an earlier request with the same Idempotency-Key was told.",
                "schema": ["type": "string", "enum": ["true"]],
            ]
        }
        if !headers.isEmpty { response["headers"] = .object(headers) }
        return response
    }
}
