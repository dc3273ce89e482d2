import Dialects
import Foundation
import Gateway
import Inference
import Providers

/// Prints what it costs to decide where a request goes: 1,000 rules, 200 providers, one core.

/// The bar for 1,000 rules and 200 providers, in microseconds.
let bar = 5.0

/// Prints the cost of one plan, and says what its median is; `queries` are asked in turn.
func report(_ name: String, _ planner: RoutePlanner, _ queries: [RouteQuery]) throws -> Double {
    let (best, median) = try timed(rounds: 200) {
        var targets = 0
        for query in queries { targets += try planner.plan(query).targets.count }
        return targets
    }
    let (quickest, usual) = (best / Double(queries.count), median / Double(queries.count))
    let title = name + String(repeating: " ", count: max(0, 60 - name.count))
    print(title + String(format: "%8.2f %8.2f", quickest, usual))
    return usual
}

/// The fields of a coding agent's request, and others.
func fields(_ others: [(String, String)] = []) -> Fields {
    Fields(
        [
            ("Host", "127.0.0.1:8787"), ("Content-Type", "application/json"), ("Accept", "text/event-stream"),
            ("User-Agent", "codex_cli_rs/0.163.0 (Debian 13; x86_64)"), ("Authorization", "Bearer sk-torii-0123456789"),
            ("Content-Length", "98304"), ("OpenAI-Beta", "responses=v1"), ("originator", "codex_cli_rs"),
            ("session-id", "019a2b3c-4d5e-7f60-8192-a3b4c5d6e7f8"), ("version", "0.163.0"),
            ("traceparent", "00-4bf92f-00f067-01"),
        ] + others
    )
}

func query(_ model: String, _ number: Int, _ others: [(String, String)] = [], tenant: String? = nil) -> RouteQuery {
    RouteQuery(
        model: model,
        dialect: .responses,
        route: .responses,
        fields: fields(others),
        tenant: tenant,
        time: 1_795_773_600,
        tokens: 24_000,
        hasTools: true,
        session: RouteHash.mixed(UInt64(number)),
        random: RouteHash.mixed(UInt64(number) << 20)
    )
}

let providers = try (0..<200).map { number in
    try Provider(name: "p\(number)", baseURL: BaseURL("http://p\(number).internal:8000/v1"), dialect: .chat)
}
let table = RoutingTable(providers: providers, defaultProvider: nil)

func planner(_ rules: [RouteRule]) -> RoutePlanner {
    RoutePlanner(table: table, rules: RouteRules(rules, providers: providers))
}

func targets(_ number: Int, _ count: Int = 3) -> [RouteRule.Target] {
    (0..<count).map {
        .init("p\((number * 7 + $0 * 13) % 200)", model: $0 == 0 ? nil : "m\(number)", weight: Double($0 + 1))
    }
}

/// What a large installation may have: a thousand rules of all kinds, none of which takes all.
func mixed(_ strategy: RouteStrategy) -> [RouteRule] {
    let night = RouteSchedule([TimeWindow(days: [5, 6], from: 1_320, to: 360)])
    return (0..<1_000).map { number in
        let conditions =
            switch number % 20 {
            case 0..<8: RouteConditions(models: ["model-\(number)"])
            case 8..<11: RouteConditions(models: ["org-\(number)/*"])
            case 11..<14: RouteConditions(headers: [.init("x-team", "team-\(number)")], models: ["gpt-*"])
            case 14..<17: RouteConditions(tenants: ["tenant-\(number)"])
            case 17: RouteConditions(families: ["family-\(number)"])
            case 18: RouteConditions(schedule: night, minimumTokens: number * 100, tools: true)
            default: RouteConditions(dialects: [.messages], images: true)
            }
        return RouteRule("rule-\(number)", when: conditions, targets: targets(number), strategy: strategy)
    }
}

print("a plan                                                        min µs, median µs")
let many = 0..<500
var costs = [try report("no rules: by the model's name", planner([]), many.map { query("p\($0 % 200)/m", $0) })]

let last = RouteRule("all", targets: targets(3))
let all = planner(mixed(.weighted) + [last])
costs += [
    try report("1,000 rules: an exact model", all, many.map { query("model-\($0 % 50 * 20 + $0 % 8)", $0) }),
    try report("1,000 rules: a pattern", all, many.map { query("org-\($0 % 50 * 20 + 8)/some-model", $0) }),
    try report(
        "1,000 rules: a header",
        all,
        many.map { query("gpt-5", $0, [("X-Team", "team-\($0 % 50 * 20 + 11)")]) }
    ),
    try report("1,000 rules: a tenant", all, many.map { query("gpt-5", $0, tenant: "tenant-\($0 % 50 * 20 + 14)") }),
    try report("1,000 rules: none but the last one", all, many.map { query("gpt-5.2-codex", $0) }),
]
for strategy in RouteStrategy.allCases where strategy != .weighted {
    let rules = planner(mixed(strategy) + [RouteRule("all", targets: targets(3), strategy: strategy)])
    let title = "1,000 rules: the last one, \(strategy.rawValue)"
    costs.append(try report(title, rules, many.map { query("gpt-5.2-codex", $0) }))
}
let times = (0..<1_000).map { number in
    let window = TimeWindow(days: [number % 7], from: number % 1_400, to: number % 1_400 + 1)
    let conditions = RouteConditions(schedule: RouteSchedule([window]), minimumTokens: 30_000 + number)
    return RouteRule("time-\(number)", when: conditions, targets: targets(number))
}
let byTime = planner(times + [last])
costs.append(try report("1,000 rules that only tokens and times tell apart", byTime, many.map { query("gpt-5", $0) }))
for strategy in [RouteStrategy.weighted, .leastBusy] {
    let pool = RouteRule("pool", targets: (0..<200).map { .init("p\($0)", model: "m") }, strategy: strategy)
    let rules = planner(mixed(.weighted) + [pool])
    let title = "1,000 rules, the last one a pool of 200, \(strategy.rawValue)"
    costs.append(try report(title, rules, many.map { query("gpt-5", $0) }))
}
let holds = costs.allSatisfy { $0 <= bar }
print("bar: \(bar) µs for 1,000 rules and 200 providers: \(holds ? "holds" : "MISSED")")
exit(holds ? 0 : 1)
