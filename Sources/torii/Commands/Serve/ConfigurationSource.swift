import Gateway
import NIOPosix
import Synchronization

/// Where the gateway's settings come from, at the start and again later: file, environment and flags.
final class ConfigurationSource: Sendable {
    /// What one reading brought.
    struct Reading: Sendable {
        var settings: GatewaySettings
        /// What is legal and yet worth a line.
        var warnings: [ConfigurationError]
        /// Why providers are not among the settings.
        var leftOut: [ConfigurationError]
    }

    private struct Files {
        var paths: Set<String> = []
        /// What was there when it was read last.
        var read: [String: FileIdentity] = [:]
    }

    private let path: String?
    private let environment: [String: String]
    private let flags: ConfigurationFlags
    private let allowsAnonymousAnywhere: Bool
    private let files = Mutex(Files())

    /// `path` is the value of `--config`.
    init(path: String?, environment: [String: String], flags: ConfigurationFlags, allowsAnonymousAnywhere: Bool) {
        self.path = path
        self.environment = environment
        self.flags = flags
        self.allowsAnonymousAnywhere = allowsAnonymousAnywhere
    }

    /// Reads everything and fetches all secrets; may block, for seconds where commands are run.
    ///
    /// `host` is where the gateway listens already.
    func read(listeningOn host: String? = nil) async throws(ConfigurationError) -> Reading {
        let places = ConfigurationFile.candidates(path: path, environment: environment)
        // Looked at before it is read: what changes in between is read once more.
        files.withLock { files in
            files.paths.formUnion(places)
            files.read = FileIdentity.all(of: files.paths)
        }
        let configuration = try load()
        let paths = Set(places + configuration.secretFiles + [configuration.prices.file?.value].compactMap(\.self))
        files.withLock { files in
            let known = files.read.filter { paths.contains($0.key) }
            files.read = FileIdentity.all(of: paths.subtracting(files.paths)).merging(known) { $1 }
            files.paths = paths
        }
        let (settings, leftOut) = try await GatewaySettings.make(
            from: configuration,
            environment: environment,
            allowsAnonymousAnywhere: allowsAnonymousAnywhere,
            listeningOn: host
        )
        return Reading(settings: settings, warnings: configuration.warnings, leftOut: leftOut)
    }

    /// Reads the configuration; a file that it names and in which something is wrong is watched from then on, so that it counts
    /// when it is mended.
    private func load() throws(ConfigurationError) -> Configuration {
        do throws(ConfigurationError) {
            return try Configuration.load(path: path, environment: environment, flags: flags)
        } catch {
            let named = Set(error.all.compactMap(\.position?.file))
            files.withLock { files in
                let new = FileIdentity.all(of: named.subtracting(files.paths))
                files.paths.formUnion(new.keys)
                files.read.merge(new) { known, _ in known }
            }
            throw error
        }
    }

    /// The same for a gateway that runs; off the threads that everything else shares.
    func readAgain(_ running: GatewaySettings) async throws(ReloadProblem) -> Reloader.Loaded {
        do throws(ConfigurationError) {
            let reading = try await withTaskExecutorPreference(BlockingExecutor.shared) {
                () async throws(ConfigurationError) in
                try await read(listeningOn: running.host)
            }
            let leftOut = reading.leftOut.map { "a provider is left out: \($0.message)" }
            return Reloader.Loaded(reading.settings, warnings: reading.warnings.map(\.description) + leftOut)
        } catch {
            throw ReloadProblem(error)
        }
    }

    /// What is there now, and what was when it was read, of the configuration's file and of those that hold its secrets and its
    /// prices.
    var identities: (now: [String: FileIdentity], read: [String: FileIdentity]) {
        let files = files.withLock { $0 }
        return (FileIdentity.all(of: files.paths), files.read)
    }
}

extension ReloadProblem {
    init(_ error: ConfigurationError) {
        self.init(
            error.all.map { fault in
                Fault(
                    fault.code.rawValue,
                    fault.message,
                    file: fault.position?.file,
                    line: fault.position?.line,
                    column: fault.position?.column,
                    nextStep: fault.nextStep
                )
            }
        )
    }
}

extension Configuration {
    /// The files that secrets are read from.
    fileprivate var secretFiles: [String] {
        let own = [server.stateKey, server.metrics.token].compactMap(\.self)
        let secrets = providers.flatMap(\.secrets).map(\.secret) + server.keys + own
        return secrets.compactMap { if case .file(let path) = $0.value { path } else { nil } }
    }
}

/// Runs tasks on threads that may block: a command that fetches a key must hold up nothing else.
final class BlockingExecutor: TaskExecutor {
    static let shared = BlockingExecutor()

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        NIOThreadPool.singleton.submit { _ in job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}
