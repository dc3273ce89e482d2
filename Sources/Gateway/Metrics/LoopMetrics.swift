import Inference
import NIOCore
import Providers

/// Counts what the requests of one event loop come to; confined to that loop.
///
/// A request that is like one before it costs one look into a dictionary, and no memory.
final class LoopMetrics {
    /// A label set that requests have only in trouble.
    private struct Rare: Hashable {
        let name: GatewayMetrics.Counted
        let labels: [String]
    }

    /// One for each name of `GatewayMetrics.Counted`.
    private(set) var tables: [SeriesTable]
    private let register: SeriesRegister
    /// What names of models are told apart.
    private var names: KnownNames
    private var prices: PriceOverrides
    private var places: [RequestKind: Int] = [:]
    private var kinds: [RequestSeries] = []
    private var rare: [Rare: Int] = [:]

    init(_ register: SeriesRegister, _ snapshot: Snapshot, _ identities: IdentitySnapshot) {
        self.register = register
        tables = GatewayMetrics.Counted.allCases.map { SeriesTable($0.name, most: register.most) }
        names = snapshot.directory.knownNames
        prices = identities.prices
    }

    /// Goes on with the names that a configuration has, and with what its providers list by now.
    func adopt(_ snapshot: Snapshot) { names = snapshot.directory.knownNames }

    func adopt(_ identities: IdentitySnapshot) { prices = identities.prices }

    // MARK: Counting

    /// Counts a request that is over.
    func note(_ record: ExchangeRecord) {
        let place = place(of: record)
        let kind = kinds[place].kind
        let total = Self.seconds(record.totalMicroseconds)
        let exemplar = Exemplar(requestID: record.requestID, value: total, at: WallClock.seconds())
        observe(
            total,
            in: .http,
            &kinds[place].http,
            exemplar,
            [kind.method, kind.path, "\(kind.status)", kind.tenant]
        )
        count(
            1,
            in: .requests,
            &kinds[place].requests,
            [
                kind.dialect?.rawValue ?? "", kind.provider, kind.model, kind.statusClass, kind.outcome.rawValue,
                kind.tenant,
            ]
        )
        noteEnd(record, kind, at: place)
        noteUsage(record, kind, at: place)
        if record.provider != nil, record.attempts > 0 { noteAttempts(record, kind, at: place) }
        if let operation = kinds[place].operation { noteModel(record, kind, operation, at: place, exemplar) }
    }

    /// What a request that runs is told under, as far as that is known by now.
    func subject(of record: ExchangeRecord) -> LiveSubject {
        let kind = RequestKind(record)
        return LiveSubject(tenant: kind.tenant, provider: kind.provider, model: told(kind.model))
    }

    /// Counts how long a request has waited for a place at a provider.
    func noteWait(_ time: TimeAmount, for provider: String, of record: ExchangeRecord) {
        let series = index(of: [provider, RequestKind(record).tenant], in: .queueWait)
        let seconds = Double(max(0, time.nanoseconds)) / 1e9
        tables[GatewayMetrics.Counted.queueWait.rawValue].note(seconds, at: series)
    }

    /// Counts what was used beside a request, by a copy of it or by an attempt that was given up; it is no request itself.
    func noteBeside(_ record: UsageRecord) {
        let usage = record.usage
        let labels = [record.provider ?? "", told(record.upstreamModel ?? ""), record.tenant ?? ""]
        let tokens = [
            ("input", usage.input), ("cached_input", usage.cachedInput), ("cache_write", usage.cacheWrite),
            ("output", usage.output), ("reasoning", usage.reasoning),
        ]
        for (kind, count) in tokens {
            if let count, count > 0 { add(Double(count), to: [kind] + labels, in: .tokens) }
        }
        if record.cost.nanos > 0 { add(Double(record.cost.nanos) / 1e9, to: labels, in: .cost) }
    }

    private func noteEnd(_ record: ExchangeRecord, _ kind: RequestKind, at place: Int) {
        switch record.outcome {
        case .refused:
            count(1, in: .rejections, &kinds[place].rejection, [kind.code ?? "", kind.tenant])
        case .clientGone:
            count(1, in: .disconnects, &kinds[place].disconnect, [kind.path, kind.tenant])
        case .ok, .failed, .interrupted: break
        }
        if let from = kind.dialect, let to = kind.upstreamDialect, from != to {
            count(1, in: .translations, &kinds[place].translation, [from.rawValue, to.rawValue, kind.tenant])
        }
        guard record.outcome == .ok, let upstream = record.upstreamMicroseconds else { return }
        let others = record.receivedMicroseconds + record.waitedMicroseconds + upstream
        let own = Self.seconds(max(0, record.totalMicroseconds - others))
        observe(own, in: .overhead, &kinds[place].overhead, nil, [kind.dialect?.rawValue ?? "", kind.tenant])
    }

    private func noteUsage(_ record: ExchangeRecord, _ kind: RequestKind, at place: Int) {
        let usage = record.usage
        noteTokens(usage.input, "input", kind, &kinds[place].input)
        noteTokens(usage.cachedInput, "cached_input", kind, &kinds[place].cachedInput)
        noteTokens(usage.cacheWrite, "cache_write", kind, &kinds[place].cacheWrite)
        noteTokens(usage.output, "output", kind, &kinds[place].output)
        noteTokens(usage.reasoning, "reasoning", kind, &kinds[place].reasoning)
        guard let nanos = record.costNanos, nanos > 0 else { return }
        count(Double(nanos) / 1e9, in: .cost, &kinds[place].cost, [kind.provider, kind.model, kind.tenant])
    }

    private func noteTokens(_ tokens: Int?, _ word: String, _ kind: RequestKind, _ known: inout Int) {
        guard let tokens, tokens > 0 else { return }
        count(Double(tokens), in: .tokens, &known, [word, kind.provider, kind.model, kind.tenant])
    }

    private func noteModel(
        _ record: ExchangeRecord,
        _ kind: RequestKind,
        _ operation: String,
        at place: Int,
        _ exemplar: Exemplar
    ) {
        let total = exemplar.value
        observe(
            total,
            in: .serverDuration,
            &kinds[place].serverDuration,
            exemplar,
            [operation, kind.provider, kind.model, kind.error, kind.tenant]
        )
        noteCount(record.usage.input, "input", kind, operation, &kinds[place].inputUsage)
        noteCount(record.usage.output, "output", kind, operation, &kinds[place].outputUsage)
        // Both are of good answers: what has come of one that broke off tells too little of its speed.
        guard record.outcome == .ok, let first = record.firstTokenMicroseconds else { return }
        let wait = Self.seconds(first)
        observe(
            wait,
            in: .firstToken,
            &kinds[place].firstToken,
            Exemplar(requestID: exemplar.requestID, value: wait, at: exemplar.at),
            [operation, kind.provider, kind.model, kind.tenant]
        )
        guard let output = record.usage.output, output > 1, total >= wait else { return }
        observe(
            (total - wait) / Double(output - 1),
            in: .outputToken,
            &kinds[place].outputToken,
            nil,
            [operation, kind.provider, kind.model, kind.tenant]
        )
    }

    private func noteCount(
        _ tokens: Int?,
        _ word: String,
        _ kind: RequestKind,
        _ operation: String,
        _ known: inout Int
    ) {
        guard let tokens else { return }
        let value = Double(tokens)
        observe(value, in: .tokenUsage, &known, nil, [operation, kind.provider, kind.model, word, kind.tenant])
    }

    // MARK: Attempts

    private func noteAttempts(_ record: ExchangeRecord, _ kind: RequestKind, at place: Int) {
        // What was refused was not sent there.
        if record.outcome != .refused {
            let word = kind.outcome == .ok ? "ok" : kind.error
            count(1, in: .attempts, &kinds[place].attempt, [kind.provider, word, kind.tenant])
        }
        if let time = record.attemptMicroseconds, let operation = kinds[place].operation {
            observe(
                Self.seconds(time),
                in: .clientDuration,
                &kinds[place].clientDuration,
                nil,
                [operation, kind.provider, kind.model, kind.error, kind.tenant]
            )
        }
        guard !record.tried.isEmpty else { return }
        noteTried(record, kind, kinds[place].operation)
    }

    /// Those before the last one, of which hardly a request has any.
    private func noteTried(_ record: ExchangeRecord, _ kind: RequestKind, _ operation: String?) {
        var retries = record.retries
        for (number, one) in record.tried.enumerated() {
            add(1, to: [one.provider, one.outcome, kind.tenant], in: .attempts)
            let next = number + 1 < record.tried.count ? record.tried[number + 1].provider : kind.provider
            if retries > 0, next == one.provider {
                retries -= 1
                add(1, to: [one.provider, kind.tenant], in: .retries)
            }
            guard let operation, let time = one.microseconds else { continue }
            let labels = [operation, one.provider, told(one.model ?? ""), one.outcome, kind.tenant]
            let series = index(of: labels, in: .clientDuration)
            tables[GatewayMetrics.Counted.clientDuration.rawValue].note(Self.seconds(time), at: series)
        }
        if retries > 0 { add(Double(retries), to: [kind.provider, kind.tenant], in: .retries) }
        guard let cause = record.fallbackCause else { return }
        add(1, to: [cause, kind.provider, kind.tenant], in: .fallbacks)
    }

    // MARK: Series

    private func place(of record: ExchangeRecord) -> Int {
        var kind = RequestKind(record)
        // Nobody has to compute the hash of a name that is none.
        if kind.model.utf8.count > KnownNames.longest { kind.model = KnownNames.other }
        if let place = places[kind] { return place }
        let model = told(kind.model)
        if model != kind.model {
            kind.model = model
            if let place = places[kind] { return place }
        }
        if kinds.count >= Self.mostKinds {
            places.removeAll(keepingCapacity: true)
            kinds.removeAll(keepingCapacity: true)
        }
        places[kind] = kinds.count
        kinds.append(RequestSeries(kind))
        return kinds.count - 1
    }

    /// A model's name as a label.
    private func told(_ model: String) -> String { names.name(of: model, prices) }

    private func count(
        _ amount: Double,
        in name: GatewayMetrics.Counted,
        _ known: inout Int,
        _ labels: @autoclosure () -> [String]
    ) {
        if known == RequestSeries.unknown { known = make(labels(), in: name) }
        tables[name.rawValue].add(amount, at: known)
    }

    private func observe(
        _ value: Double,
        in name: GatewayMetrics.Counted,
        _ known: inout Int,
        _ exemplar: Exemplar?,
        _ labels: @autoclosure () -> [String]
    ) {
        if known == RequestSeries.unknown { known = make(labels(), in: name) }
        tables[name.rawValue].note(value, at: known, exemplar: exemplar)
    }

    private func add(_ amount: Double, to labels: [String], in name: GatewayMetrics.Counted) {
        let series = index(of: labels, in: name)
        tables[name.rawValue].add(amount, at: series)
    }

    private func index(of labels: [String], in name: GatewayMetrics.Counted) -> Int {
        let wanted = Rare(name: name, labels: labels)
        if let index = rare[wanted] { return index }
        if rare.count >= Self.mostKinds { rare.removeAll(keepingCapacity: true) }
        let index = make(labels, in: name)
        rare[wanted] = index
        return index
    }

    private func make(_ labels: [String], in name: GatewayMetrics.Counted) -> Int {
        let admitted = register.admitted(labels, to: name)
        return tables[name.rawValue].index(of: admitted)
    }

    private static func seconds(_ microseconds: Int) -> Double { Double(microseconds) / 1e6 }

    /// Kinds of requests that are remembered at a time; what is forgotten is found again among the series.
    private static let mostKinds = 8_192
}
