import Gateway
import Inference
import Providers

/// One rule of `routes`, as the file has it.
struct RouteConfiguration: Sendable {
    /// A provider, or all of a tag, and a model there.
    struct Target: Sendable {
        var position: SourcePosition
        /// Its path in the file, such as `routes[0].targets[1]`.
        var path: String
        var provider: Setting<String>?
        var tag: Setting<String>?
        /// Nil keeps the caller's.
        var model: Setting<String>?
        var weight: Setting<Double>?
    }

    struct Fallback: Sendable {
        var target: Target
        /// Nil means any failure.
        var causes: [Setting<Cause>]?
    }

    struct Share: Sendable {
        var target: Target
        var percent: Setting<Double>?
    }

    /// Whom it is for.
    struct Conditions: Sendable {
        struct Header: Sendable {
            var name: String
            var value: Setting<String>
        }

        struct Window: Sendable {
            var days: [Setting<String>]?
            var from: Setting<Int>
            var to: Setting<Int>
            var zone: Setting<ZoneRules>?
        }

        var headers: [Header] = []
        var models: [Setting<String>]?
        var families: [Setting<String>]?
        var dialects: [Setting<Dialect>]?
        var tenants: [Setting<String>]?
        var roles: [Setting<String>]?
        var keyLabels: [Setting<String>]?
        var times: [Window] = []
        var minimumTokens: Setting<Int>?
        var maximumTokens: Setting<Int>?
        var tools: Setting<Bool>?
        var images: Setting<Bool>?
        var minimumSpend: Setting<Double>?
        var maximumSpend: Setting<Double>?
        /// Shares, 1 for all of it.
        var minimumBudgetUsed: Setting<Double>?
        var maximumBudgetUsed: Setting<Double>?
        var preferences: [Setting<RoutePreference>]?
    }

    /// How hard a request is tried; nil is the built-in value.
    struct Attempts: Sendable {
        var retries: Setting<Int>?
        var backoff: Setting<Duration>?
        var longestWait: Setting<Duration>?
        var repeatsSent: Setting<Bool>?
        var hedges: Setting<Bool>?
        var holdsHead: Setting<Duration>?
        var connect: Setting<Duration>?
        var head: Setting<Duration>?
        var firstToken: Setting<Duration>?
        var idle: Setting<Duration>?
        var total: Setting<Duration>?
    }

    /// A failure that a fallback is for, in the file's words.
    struct Cause: Sendable, Hashable {
        var word: String
        /// Nil for any.
        var code: InferenceError.Code?

        /// Every word that there is, with what it means.
        static let all: [Cause] = [Cause(word: "any", code: nil)] + named

        private static let named: [Cause] = [
            Cause(word: "context_length_exceeded", code: .contextTooLong),
            Cause(word: "out_of_memory", code: .outOfMemory),
            Cause(word: "content_policy_violation", code: .contentPolicy),
            Cause(word: "rate_limit_exceeded", code: .rateLimited),
            Cause(word: "insufficient_quota", code: .quota),
            Cause(word: "invalid_api_key", code: .credentials),
            Cause(word: "model_not_found", code: .modelNotFound),
            Cause(word: "server_is_overloaded", code: .overloaded),
            Cause(word: "tools_unsupported", code: .toolsUnsupported),
            Cause(word: "upstream_error", code: .upstreamFailed),
            Cause(word: "upstream_timeout", code: .timedOut),
            Cause(word: "upstream_unreachable", code: .unreachable),
        ]
    }

    var name: Setting<String>
    var conditions = Conditions()
    var targets: [Target] = []
    var strategy: Setting<RouteStrategy>?
    var affinity: Setting<Bool>?
    var loadedFirst: Setting<Int>?
    var fallbacks: [Fallback] = []
    /// USD.
    var maxCost: Setting<Double>?
    var canary: Share?
    var shadow: Share?
    var attempts = Attempts()

    init(name: Setting<String>) { self.name = name }
}

extension RouteRule {
    /// The rule with its tags resolved; providers have been checked to exist.
    ///
    /// `usualAttempts` counts where the route says nothing.
    init(
        _ route: RouteConfiguration,
        providers: [ProviderConfiguration],
        usualAttempts: AttemptPolicy = AttemptPolicy()
    ) {
        func names(_ target: RouteConfiguration.Target) -> [String] {
            guard let tag = target.tag?.value else { return target.provider.map { [$0.value] } ?? [] }
            return providers.filter { $0.tags?.value.contains(tag) ?? false }.map(\.name.value)
        }
        func share(_ share: RouteConfiguration.Share?, percent: Double) -> Share? {
            guard let share, let name = names(share.target).first else { return nil }
            return Share(name, model: share.target.model?.value, percent: share.percent?.value ?? percent)
        }
        let usual = RouteRule(route.name.value, targets: [])
        self.init(
            route.name.value,
            when: RouteConditions(route.conditions),
            targets: route.targets.flatMap { target in
                names(target).map { Target($0, model: target.model?.value, weight: target.weight?.value ?? 1) }
            },
            strategy: route.strategy?.value ?? usual.strategy,
            keepsSessions: route.affinity?.value ?? usual.keepsSessions,
            loadedFirst: route.loadedFirst?.value ?? usual.loadedFirst,
            fallbacks: route.fallbacks.flatMap { fallback in
                let codes = fallback.causes?.map(\.value.code)
                let causes = codes.flatMap { $0.isEmpty || $0.contains(nil) ? nil : Set($0.compactMap(\.self)) }
                return names(fallback.target).map { Fallback($0, model: fallback.target.model?.value, causes: causes) }
            },
            maxCost: route.maxCost.flatMap { Money(usd: $0.value) },
            canary: share(route.canary, percent: 5),
            shadow: share(route.shadow, percent: 100),
            policy: AttemptPolicy(route.attempts, usual: usualAttempts)
        )
    }
}

extension RouteConditions {
    init(_ given: RouteConfiguration.Conditions) {
        func words(_ settings: [Setting<String>]?) -> [String] { settings?.map(\.value) ?? [] }
        self.init(
            headers: given.headers.map { HeaderField($0.name, $0.value.value) },
            models: words(given.models),
            families: words(given.families),
            dialects: Set(given.dialects?.map(\.value) ?? []),
            tenants: Set(words(given.tenants)),
            roles: Set(words(given.roles)),
            keyLabels: Set(words(given.keyLabels)),
            schedule: given.times.isEmpty ? nil : RouteSchedule(given.times.map(TimeWindow.init)),
            minimumTokens: given.minimumTokens?.value,
            maximumTokens: given.maximumTokens?.value,
            tools: given.tools?.value,
            images: given.images?.value,
            minimumSpend: given.minimumSpend?.value,
            maximumSpend: given.maximumSpend?.value,
            minimumBudgetUsed: given.minimumBudgetUsed?.value,
            maximumBudgetUsed: given.maximumBudgetUsed?.value,
            preferences: Set(given.preferences?.map(\.value) ?? [])
        )
    }
}

extension TimeWindow {
    fileprivate init(_ window: RouteConfiguration.Conditions.Window) {
        let days = window.days?.compactMap { Self.dayNames.firstIndex(of: $0.value) }
        self.init(
            days: days.map { Set($0) } ?? Set(0..<7),
            from: window.from.value,
            to: window.to.value,
            zone: window.zone?.value ?? .utc
        )
    }
}

extension AttemptPolicy {
    /// What is not given is as usual.
    init(_ given: RouteConfiguration.Attempts, usual: AttemptPolicy = AttemptPolicy()) {
        self = usual
        retries = given.retries?.value ?? retries
        backoff = given.backoff?.value ?? backoff
        longestWait = given.longestWait?.value ?? longestWait
        repeatsSent = given.repeatsSent?.value ?? repeatsSent
        hedges = given.hedges?.value ?? hedges
        holdsHead = given.holdsHead?.value ?? holdsHead
        deadlines = AttemptDeadlines(
            connect: given.connect?.value ?? usual.deadlines.connect,
            head: given.head?.value ?? usual.deadlines.head,
            firstToken: given.firstToken?.value ?? usual.deadlines.firstToken,
            idle: given.idle?.value ?? usual.deadlines.idle,
            total: given.total?.value ?? usual.deadlines.total
        )
    }
}
