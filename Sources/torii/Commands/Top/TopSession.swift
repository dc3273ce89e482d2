import NIOPosix
import UnixSignals

/// torii top on a terminal: asks regularly, draws, and does what keys say, until somebody has seen enough.
struct TopSession: Sendable {
    let reader: LiveReader
    let interval: Duration
    let inColour: Bool

    private enum Event: Sendable {
        case report(LiveReport)
        case failure(LiveReader.Failure)
        case keys([TopKey])
        case signal(UnixSignal)
        /// No key can come any more.
        case hungUp
    }

    private typealias Events = AsyncStream<Event>

    /// Begins with a first report; the terminal is as it was when this ends, however it ends.
    ///
    /// - Throws: `LiveReader.Failure` where asking on is of no use, `Exit` for Ctrl-C and signals.
    func run(_ model: TopModel, on terminal: TopTerminal, from first: LiveReport) async throws {
        let signals = await UnixSignalsSequence(
            trapping: .sigint,
            .sigterm,
            .sighup,
            .sigquit,
            .sigwinch,
            .sigcont
        )
        let (events, sink) = Events.makeStream()
        defer { terminal.leave() }
        try terminal.enter()
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            defer { tasks.cancelAll() }
            tasks.addTask { for await signal in signals { sink.yield(.signal(signal)) } }
            tasks.addTask { await self.ask(sink) }
            tasks.addTask { await Self.listen(sink) }
            try await show(model, on: terminal, from: first, events)
        }
    }

    private func show(
        _ start: TopModel,
        on terminal: TopTerminal,
        from first: LiveReport,
        _ events: Events
    ) async throws {
        var model = start
        var history = TopHistory()
        history.note(first)
        model.take(history.rates)
        try terminal.show(model, place: reader.place, inColour: inColour)
        for await event in events {
            switch event {
            case .report(let report):
                history.note(report)
                model.take(history.rates)
            case .failure(let failure):
                guard failure.mayPass else { throw failure }
                model.note(failure.message)
            case .keys(let keys):
                for key in keys {
                    switch model.press(key) {
                    case .stay: break
                    case .quit: return
                    case .interrupt: throw Exit(.interrupted)
                    }
                }
            case .signal(.sigwinch): break
            // Whoever was in front meanwhile may have left the terminal otherwise.
            case .signal(.sigcont): try terminal.enter()
            case .signal: throw Exit(.interrupted)
            case .hungUp: return
            }
            try terminal.show(model, place: reader.place, inColour: inColour)
        }
    }

    private func ask(_ sink: Events.Continuation) async {
        while (try? await Task.sleep(for: interval)) != nil {  // Only cancellation throws.
            let event: Event
            do throws(LiveReader.Failure) { event = .report(try await reader.read()) } catch { event = .failure(error) }
            if !Task.isCancelled { sink.yield(event) }
        }
    }

    /// Keys are waited for on a thread that may block, and in short turns, so that the end is not waited for.
    private static func listen(_ sink: Events.Continuation) async {
        while !Task.isCancelled {
            let bytes = try? await NIOThreadPool.singleton.runIfActive { TopTerminal.bytes(within: 100) }
            guard let bytes else {
                sink.yield(.hungUp)
                return
            }
            let keys = TopKey.all(in: bytes)
            if !keys.isEmpty { sink.yield(.keys(keys)) }
        }
    }
}
