import ArgumentParser
import Gateway
import Inference
import Providers

/// The command `torii routes list`.
struct RoutesList: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the rules in their order, each with its conditions and targets."
    )

    @OptionGroup var options: ConfigurationOptions

    func run() throws {
        let configuration = try options.load()
        guard !configuration.routes.isEmpty else {
            return Console.standard.note("There are no routes: the model's name alone decides.")
        }
        var table = TextTable(["ROUTE", "WHEN", "STRATEGY", "TARGETS"])
        for route in configuration.routes {
            let rule = RouteRule(route, providers: configuration.providers)
            table.add([
                rule.name, Self.conditions(rule.conditions), rule.strategy.rawValue,
                Self.targets(rule),
            ])
        }
        try Console.standard.write(table.text)
    }

    static func conditions(_ conditions: RouteConditions) -> String {
        func list(_ noun: String, _ words: [String]) -> String? {
            words.isEmpty ? nil : "\(noun) \(words.joined(separator: "|"))"
        }
        func range(_ noun: String, _ least: String?, _ most: String?) -> String? {
            least == nil && most == nil ? nil : "\(noun) \(least ?? "0")..\(most ?? "")"
        }
        func flag(_ noun: String, _ flag: Bool?) -> String? { flag.map { $0 ? noun : "no \(noun)" } }
        let parts: [String?] =
            conditions.headers.map { "\($0.name)=\($0.value.text)" } + [
                list("model", conditions.models.map(\.text)), list("family", conditions.families),
                list("dialect", conditions.dialects.map(\.rawValue).sorted()),
                list("tenant", conditions.tenants.sorted()), list("role", conditions.roles.sorted()),
                list("key", conditions.keyLabels.sorted()),
                list("at", conditions.schedule?.windows.map(\.description) ?? []),
                range("tokens", conditions.minimumTokens.map(String.init), conditions.maximumTokens.map(String.init)),
                flag("tools", conditions.tools), flag("images", conditions.images),
                range(
                    "spend",
                    conditions.minimumSpend.map(Figures.amount),
                    conditions.maximumSpend.map(Figures.amount)
                ),
                list("prefer", conditions.preferences.map(\.rawValue).sorted()),
            ]
        let text = parts.compactMap(\.self).joined(separator: "; ")
        return text.isEmpty ? "always" : text
    }

    private static func targets(_ rule: RouteRule) -> String {
        func name(_ provider: String, _ model: String?) -> String { model.map { "\(provider)/\($0)" } ?? provider }
        let targets = rule.targets.map { target in
            name(target.provider, target.model) + (target.weight == 1 ? "" : " ×\(Figures.amount(target.weight))")
        }
        let canary = rule.canary.map { ["\(Figures.amount($0.percent)) % \(name($0.provider, $0.model))"] } ?? []
        let fallbacks = rule.fallbacks.map { "else \(name($0.provider, $0.model))" }
        return (canary + targets + fallbacks).joined(separator: ", ")
    }
}
