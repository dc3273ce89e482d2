package import Inference
package import NIOCore
package import Providers
import Synchronization

/// Knows which models each provider lists and what it speaks, and keeps the routing table that follows from it.
package final class ModelDirectory: Sendable {
    /// What asking one provider brought.
    package struct Answer: Sendable {
        package var listing: RoutingTable.Listing
        /// What it turned out to speak; nil where it could not be asked.
        package var dialect: Dialect?
        /// What it tells of its models beside their names.
        package var catalog: [CatalogModel]
        /// Why there is no listing, for the operator.
        package var failure: String?
        /// Whether it can be expected to serve: it answered and took its key, though it may list nothing.
        package var isReachable: Bool

        /// `isReachable` is true without a failure and false with one, unless it is known better.
        package init(
            listing: RoutingTable.Listing,
            dialect: Dialect? = nil,
            catalog: [CatalogModel] = [],
            failure: String? = nil,
            isReachable: Bool? = nil
        ) {
            self.listing = listing
            self.dialect = dialect
            self.catalog = catalog
            self.failure = failure
            self.isReachable = isReachable ?? (failure == nil)
        }
    }

    /// Asks one provider for its models; bounded in time by itself.
    package typealias Lister = @Sendable (Provider) async -> Answer

    private struct State {
        var table: RoutingTable
        /// Made of the table when somebody asks.
        var planner: RoutePlanner?
        /// The same for callers for whom only some of the providers exist.
        var regional = RegionalPlanners()
        var knownNames: KnownNames
        var answers: [String: Answer] = [:]
        var isSelf: @Sendable (Provider) -> Bool = { _ in false }
        var refreshedAt: NIODeadline?
        var waiting: [EventLoopPromise<Void>] = []
        /// Who are being asked now.
        var asked: Set<String> = []
        var isAsking = false
        /// Who waits for one provider's next answer alone.
        var waitingFor: [String: [EventLoopPromise<Void>]] = [:]
        var isClosed = false

        func isStale(after age: TimeAmount) -> Bool { refreshedAt.map { NIODeadline.now() - $0 > age } ?? true }
    }

    /// An unknown model makes the directory ask again, but not more often than this.
    private let staleAfter: TimeAmount
    private static let interval = Duration.seconds(60)

    private let providers: [Provider]
    private let defaultProvider: String?
    private let aliases: [ModelAlias]
    private let rules: RouteRules
    private let models: KnownModels
    /// What may be asked for at all.
    private let rights: ModelRights
    /// What each model costs, for rules that go by it and for bills.
    let prices: PriceTable
    /// What attempts tell of the targets; read by rules that go by it.
    package let loads: TargetLoads
    /// How the providers fare, for attempts.
    package let upstreams: ProviderStates
    private let lister: Lister
    private let state: Mutex<State>
    private let wishes: AsyncStream<Void>
    private let wish: AsyncStream<Void>.Continuation

    package init(
        providers: [Provider],
        defaultProvider: String?,
        aliases: [ModelAlias] = [],
        rules: RouteRules = RouteRules(),
        models: KnownModels = KnownModels(),
        prices: PriceTable? = nil,
        loads: TargetLoads = TargetLoads(),
        upstreams: ProviderStates = ProviderStates(),
        rights: ModelRights = .all,
        limits: [ModelPattern] = [],
        staleAfter: TimeAmount = .seconds(5),
        lister: @escaping Lister
    ) {
        let prices = prices ?? PriceTable(known: models)
        self.providers = providers
        self.defaultProvider = defaultProvider
        self.aliases = aliases
        self.rules = rules
        self.models = models
        self.prices = prices
        self.loads = loads
        self.upstreams = upstreams
        self.rights = rights
        self.staleAfter = staleAfter
        self.lister = lister
        let table = RoutingTable(
            providers: providers,
            defaultProvider: defaultProvider,
            aliases: aliases,
            rights: rights
        )
        let names = KnownNames(
            providers: providers,
            aliases: aliases,
            rules: rules.rules,
            models: models.names,
            limits: limits,
            prices: prices.list
        )
        state = Mutex(State(table: table, knownNames: names))
        (wishes, wish) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// The directory that settings ask for.
    ///
    /// `loads` and `upstreams` are those of the directory before it, where there was one: attempts go on across a reload.
    convenience init(
        _ settings: GatewaySettings,
        loads: TargetLoads = TargetLoads(),
        upstreams: ProviderStates = ProviderStates(),
        lister: @escaping Lister
    ) {
        self.init(
            providers: settings.providers,
            defaultProvider: settings.defaultProvider,
            aliases: settings.aliases,
            rules: RouteRules(settings.routes, preference: settings.preference, providers: settings.providers),
            models: settings.knownModels,
            prices: PriceTable(settings.prices, known: settings.knownModels),
            loads: loads,
            upstreams: upstreams,
            rights: settings.admission.rights,
            limits: settings.admission.models.map(\.pattern),
            lister: lister
        )
    }

    /// Goes on from what another one knows, so that who stays as it was is not asked anew; to be called before `run`.
    package func follow(_ old: ModelDirectory) {
        let known = old.state.withLock { ($0.answers, $0.isSelf, $0.refreshedAt) }
        state.withLock { state in
            (state.answers, state.isSelf, state.refreshedAt) = known
            let staying = providers.filter { provider in old.providers.contains { $0.answersAs(provider) } }
            state.answers = state.answers.filter { name, _ in staying.contains { $0.name == name } }
            // From now on whoever needs a newcomer's answer waits for it.
            state.asked = Set(providers.map(\.name)).subtracting(state.answers.keys)
            if !state.asked.isEmpty { state.refreshedAt = nil }
            state.table = makeTable(state)
            state.knownNames = state.knownNames.listing(state.answers.values.map(\.listing))
        }
    }

    /// The table as it is now.
    package var table: RoutingTable { state.withLock { $0.table } }

    /// The rules on top of the table as it is now.
    package var planner: RoutePlanner {
        state.withLock { state in
            if let planner = state.planner, planner.table === state.table { return planner }
            let planner = RoutePlanner(
                table: state.table,
                rules: rules,
                answers: state.answers,
                models: models,
                prices: prices,
                loads: loads,
                upstreams: upstreams
            )
            state.planner = planner
            return planner
        }
    }

    /// The same for somebody for whom the providers of other regions do not exist (B11).
    func planner(for rights: ModelRights) -> RoutePlanner {
        guard !rights.regions.isEmpty else { return planner }
        return state.withLock { state in
            if let planner = state.regional.planner(of: rights.regions, beside: state.table) { return planner }
            let planner = RoutePlanner(
                table: makeTable(state, with: rights.reach),
                rules: rules,
                answers: state.answers,
                models: models,
                prices: prices,
                loads: loads,
                upstreams: upstreams
            )
            state.regional.keep(planner, of: rights.regions)
            return planner
        }
    }

    /// The table of the same.
    func table(for rights: ModelRights) -> RoutingTable {
        rights.regions.isEmpty ? table : planner(for: rights).table
    }

    /// The names of models that the configuration and the providers' lists have, as they are now.
    var knownNames: KnownNames { state.withLock { $0.knownNames } }

    /// What each provider answered last, by name.
    package var answers: [String: Answer] { state.withLock { $0.answers } }

    /// Leaves out the providers that are this gateway itself.
    package func exclude(_ isSelf: @escaping @Sendable (Provider) -> Bool) {
        state.withLock { state in
            state.isSelf = isSelf
            state.table = makeTable(state)
        }
    }

    /// Asks all providers again if the last time was a while ago.
    ///
    /// - Returns: nil where what is known is fresh; otherwise a future that ends when it is again, whatever came of it.
    package func refreshIfStale(on eventLoop: any EventLoop) -> EventLoopFuture<Void>? {
        let promise = eventLoop.makePromise(of: Void.self)
        let isWanted = state.withLock { state in
            guard !state.isClosed, state.isStale(after: staleAfter) else { return false }
            state.waiting.append(promise)
            return true
        }
        guard isWanted else {
            promise.succeed()
            return nil
        }
        wish.yield()
        return promise.futureResult
    }

    /// Has all providers be asked again soon if the last time was a while ago; waits for nothing.
    package func wishIfStale() {
        if state.withLock({ $0.isStale(after: staleAfter) && !$0.isAsking && !$0.isClosed }) { wish.yield() }
    }

    /// Waits until a provider of which nobody knows what it speaks has been asked; nobody else's answer is waited for.
    ///
    /// - Returns: nil where it was asked a moment ago, so that waiting would bring nothing.
    package func nextAnswer(of name: String, on eventLoop: any EventLoop) -> EventLoopFuture<Void>? {
        let promise = eventLoop.makePromise(of: Void.self)
        let (isExpected, isNew) = state.withLock { state -> (Bool, Bool) in
            let isUnderWay = state.asked.contains(name)
            guard !state.isClosed, isUnderWay || (state.isStale(after: staleAfter) && !state.isAsking) else {
                return (false, false)
            }
            state.waitingFor[name, default: []].append(promise)
            return (true, !isUnderWay)
        }
        guard isExpected else {
            promise.succeed()
            return nil
        }
        if isNew { wish.yield() }
        return promise.futureResult
    }

    /// Asks whom it knows nothing of at the start, then all every minute and whenever somebody wants it, until it is
    /// cancelled or retired.
    package func run() async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.wishRegularly() }
            await begin()
            for await _ in wishes { await refresh() }
            group.cancelAll()
        }
        let waiting = state.withLock { state in
            state.isClosed = true
            defer { (state.waiting, state.waitingFor) = ([], [:]) }
            return state.waiting + state.waitingFor.values.joined()
        }
        for promise in waiting { promise.succeed() }
    }

    /// Ends `run` once who is being asked has answered; what is known stays.
    package func retire() { wish.finish() }

    /// Whether a provider is this gateway itself.
    package func isSelf(_ provider: Provider) -> Bool {
        let isSelf = state.withLock { $0.isSelf }
        return isSelf(provider)
    }

    /// Whether a provider is in the regions of the installation; to all callers others do not exist (B11).
    func reaches(_ provider: Provider) -> Bool { rights.reach(provider) }

    private func begin() async {
        let (newcomers, isNew) = state.withLock { ($0.asked, $0.answers.isEmpty) }
        if isNew { return await refresh() }
        if !newcomers.isEmpty { await ask(providers.filter { newcomers.contains($0.name) }) }
    }

    private func wishRegularly() async {
        while (try? await Task.sleep(for: Self.interval)) != nil { wish.yield() }  // Only cancellation throws.
    }

    private func refresh() async {
        let waiting = state.withLock { state in
            defer { state.waiting = [] }
            return state.waiting
        }
        state.withLock { $0.isAsking = true }
        await ask(providers)
        state.withLock { ($0.refreshedAt, $0.isAsking) = (.now(), false) }
        for promise in waiting { promise.succeed() }
    }

    private func ask(_ providers: [Provider]) async {
        let isSelf = state.withLock { $0.isSelf }
        let others = providers.filter { !isSelf($0) }
        state.withLock { $0.asked = Set(others.map(\.name)) }
        let lister = lister
        await withTaskGroup(of: (String, Answer).self) { group in
            for provider in others {
                group.addTask { (provider.name, await lister(provider)) }
            }
            // One provider that is slow to answer keeps nobody from the others' models.
            for await (name, answer) in group { take(answer, of: name) }
        }
    }

    private func take(_ answer: Answer, of name: String) {
        let waiting = state.withLock { state in
            state.answers[name] = Self.newest(answer, after: state.answers[name])
            state.table = makeTable(state)
            state.knownNames = state.knownNames.listing(state.answers.values.map(\.listing))
            state.asked.remove(name)
            return state.waitingFor.removeValue(forKey: name) ?? []
        }
        for promise in waiting { promise.succeed() }
    }

    /// A provider that is down for a moment keeps the models that it had, and what it speaks.
    private static func newest(_ answer: Answer, after old: Answer?) -> Answer {
        guard case .unknown = answer.listing, answer.failure != nil, let old else { return answer }
        let dialect = answer.dialect ?? old.dialect
        return Answer(
            listing: old.listing,
            dialect: dialect,
            catalog: old.catalog,
            failure: answer.failure,
            isReachable: answer.isReachable
        )
    }

    private func makeTable(
        _ state: borrowing State,
        with isThere: (Provider) -> Bool = { _ in true }
    ) -> RoutingTable {
        RoutingTable(
            providers: providers.filter(isThere),
            defaultProvider: defaultProvider,
            aliases: aliases,
            isSelf: state.isSelf,
            listings: state.answers.mapValues(\.listing),
            dialects: state.answers.compactMapValues(\.dialect),
            rights: rights
        )
    }
}

/// The planners of those for whom only the providers of some regions exist; they are made when somebody asks, and gone when
/// a provider tells something new.
private struct RegionalPlanners {
    /// Administrators may name regions as they like, so that it has a bound.
    private static let most = 64

    /// What they were made beside.
    private var table: RoutingTable?
    private var planners: [[[String]]: RoutePlanner] = [:]

    mutating func planner(of regions: [[String]], beside table: RoutingTable) -> RoutePlanner? {
        if self.table !== table { (self.table, planners) = (table, [:]) }
        return planners[regions]
    }

    mutating func keep(_ planner: RoutePlanner, of regions: [[String]]) {
        if planners.count >= Self.most { planners = [:] }
        planners[regions] = planner
    }
}
