/// Writes one event loop's records into the journal; confined to that loop.
///
/// A record is with the system when `append` returns, so that it outlives the process. What the disk refuses waits in memory, in its
/// order, until `retry` gets it written; meanwhile the journal's condition says that nothing should be begun that has to be billed.
final class JournalWriter {
    private let state: JournalState
    private let memory: JournalMemory?
    private var writer: SegmentWriter?
    /// The record that is being written; its memory is used again and again.
    private var frame: [UInt8] = []
    private var spool = JournalSpool()
    private var isRefused = false

    init(_ segments: JournalSegments) {
        state = segments.state
        memory = nil
        writer = SegmentWriter(segments)
    }

    init(_ memory: JournalMemory) {
        state = memory.state
        self.memory = memory
    }

    /// Whether something waits for `retry`.
    var isWaiting: Bool { !spool.isEmpty }

    /// Writes a record down; it is lost only where the disk refuses it and there is no room for it in memory either.
    func append(_ record: UsageRecord) {
        state.didTakeRecord()
        frame.removeAll(keepingCapacity: true)
        JournalFrame.append(record, to: &frame)
        if let memory { return memory.append(frame) }
        guard spool.isEmpty else { return wait() }
        guard writer != nil else { return state.lose(1, "they come behind the journal's end") }
        guard let problem = frame.withUnsafeBytes({ writer?.put($0) })?.problem else { return }
        refuse(problem)
        wait()
    }

    /// Tries to write what waits; cheap where nothing does.
    func retry() {
        writer?.leaveIfSpoiled()
        var budget = Self.bytesAtOnce
        while !spool.isEmpty, budget > 0, let room = writer?.room {
            let most = min(Self.pieceBytes, room)
            guard let result = spool.withFirst(within: most, { writer?.put($0) }) else { return }
            spool.removeFirst(result.written)
            state.unspool(result.written)
            budget -= result.written
            if let problem = result.problem { return refuse(problem) }
        }
        if spool.isEmpty { recover() }
    }

    /// Tries once more to write all that waits, and ends; nothing may be appended from then on.
    func close() {
        var before = Int.max
        while spool.count > 0, spool.count < before {
            before = spool.count
            retry()
        }
        if !spool.isEmpty {
            state.lose(spool.frames, "the disk refuses them, and the gateway stops")
            state.unspool(spool.count)
            spool = JournalSpool()
        }
        recover()
        writer?.leave()
        writer = nil
    }

    private func wait() {
        guard state.spool(frame.count) else {
            return state.lose(1, "the disk refuses them, and there is no room in memory")
        }
        frame.withUnsafeBytes { spool.append($0) }
    }

    private func refuse(_ problem: JournalProblem) {
        guard !isRefused else { return }
        isRefused = true
        state.refuse(problem)
    }

    private func recover() {
        guard isRefused else { return }
        isRefused = false
        state.recover()
    }

    private static let pieceBytes = 256 << 10
    /// What one `retry` writes at most, so that its loop has time for others.
    private static let bytesAtOnce = 4 << 20
}
