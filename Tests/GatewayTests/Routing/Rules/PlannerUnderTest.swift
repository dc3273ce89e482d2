import Dialects
import Inference
import Providers

@testable import Gateway

/// A planner over providers that are named by a letter, with what they are known to have.
struct PlannerUnderTest {
    let planner: RoutePlanner
    let loads: TargetLoads

    init(
        _ rules: [RouteRule],
        providers: [Provider]? = nil,
        answers: [String: ModelDirectory.Answer] = [:],
        aliases: [ModelAlias] = [],
        own: [KnownModel] = [],
        isSelf: (Provider) -> Bool = { _ in false }
    ) throws {
        let providers = try providers ?? ["a", "b", "c", "d"].map { try Self.provider($0) }
        loads = TargetLoads { 0 }
        let table = RoutingTable(
            providers: providers,
            defaultProvider: nil,
            aliases: aliases,
            isSelf: isSelf,
            listings: answers.mapValues(\.listing),
            dialects: answers.compactMapValues(\.dialect)
        )
        planner = RoutePlanner(
            table: table,
            rules: RouteRules(rules, providers: providers),
            answers: answers,
            models: KnownModels(own: own),
            loads: loads
        )
    }

    static func provider(_ name: String, dialect: Dialect? = .chat, keys: [String] = []) throws -> Provider {
        try Provider(
            name: name,
            baseURL: BaseURL("http://\(name):1/v1"),
            apiKeys: keys.map { Secret($0) },
            dialect: dialect
        )
    }

    /// `provider/model` of each target.
    func targets(_ query: RouteQuery) throws -> [String] {
        try planner.plan(query).targets.map { "\($0.provider.name)/\($0.model)" }
    }

    func first(_ query: RouteQuery) throws -> String { try targets(query)[0] }

    func refusal(_ query: RouteQuery) -> Refusal? {
        do throws(Refusal) { _ = try planner.plan(query) } catch { return error }
        return nil
    }
}

extension RouteQuery {
    static func session(_ name: String, model: String = "m") -> RouteQuery {
        RouteQuery(model: model, session: RouteHash.of(name.utf8))
    }
}
