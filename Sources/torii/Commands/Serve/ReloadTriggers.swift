import Gateway
import ServiceLifecycle
import UnixSignals

/// What makes a gateway read its configuration again without being asked: SIGHUP, and a file that has changed.
struct ReloadTriggers: Service {
    /// A change is seen at the second look behind it.
    private static let interval = Duration.seconds(1)

    private let source: ConfigurationSource
    private let reloader: Reloader
    private let hangups: UnixSignalsSequence
    private let console: Console

    /// Takes SIGHUP from now on, which else ends the process.
    init(_ source: ConfigurationSource, _ reloader: Reloader, console: Console = .standard) async {
        self.source = source
        self.reloader = reloader
        self.console = console
        hangups = await UnixSignalsSequence(trapping: .sighup)
    }

    /// Watches until the gateway is told to stop.
    func run() async {
        await cancelWhenGracefulShutdown {
            await withTaskGroup(of: Void.self) { group in
                group.addTask { await hear() }
                group.addTask(executorPreference: BlockingExecutor.shared) { await watch() }
            }
        }
    }

    private func hear() async {
        for await _ in hangups {
            // The terminal has gone that the gateway was started on: whoever closed it wants its programs to end.
            if console.errorIsTerminal, !Console().errorIsTerminal { return Process.askToStop() }
            reloader.wish(.signal)
        }
    }

    private func watch() async {
        var watch = FileWatch()
        while (try? await Task.sleep(for: Self.interval)) != nil {  // Only cancellation throws.
            let (now, read) = source.identities
            if watch.look(now, read: read) { reloader.wish(.file) }
        }
    }
}
