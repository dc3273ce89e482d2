/// What is wrong with the configuration, where, and what to do next; never holds a secret.
///
/// One reading finds all faults of a file: the first is the error itself, `others` are the rest in the file's order.
struct ConfigurationError: Error, Sendable, Hashable {
    enum Code: String, Sendable, Hashable, CaseIterable {
        /// A file that was named does not exist; choose `unreadable` for one that exists.
        case notFound = "not_found"
        /// The file cannot be opened, is too large, or is not text.
        case unreadable
        /// The file is not YAML, JSON or TOML; what it says does not matter yet.
        case syntax
        /// A key that nobody reads.
        case unknownKey = "unknown_key"
        /// A key that is given twice, also when once in capitals.
        case duplicateKey = "duplicate_key"
        /// A key that has to be there.
        case missingKey = "missing_key"
        /// A value of another kind, such as a list where a text belongs.
        case wrongType = "wrong_type"
        /// A value of the right kind that cannot be, such as a port of 70000.
        case badValue = "bad_value"
        /// Two providers of one name.
        case duplicateName = "duplicate_name"
        /// A part of the configuration that this version does not read yet.
        case unsupported
        /// A reference such as `env:NAME` that leads to nothing.
        case unresolvedSecret = "unresolved_secret"
        /// A provider is asked for that the configuration does not have.
        case unknownProvider = "unknown_provider"
        /// Settings that are right one by one and unsafe or impossible together.
        case conflict
    }

    var code: Code
    /// One sentence: what is wrong.
    var message: String
    var position: SourcePosition?
    /// What to do about it: one sentence or a command.
    var nextStep: String?
    var others: [ConfigurationError] = []

    init(_ code: Code, _ message: String, at position: SourcePosition? = nil, nextStep: String? = nil) {
        self.code = code
        self.message = message
        self.position = position
        self.nextStep = nextStep
    }

    /// This fault and all others.
    var all: [ConfigurationError] {
        var first = self
        first.others = []
        return [first] + others
    }
}

extension ConfigurationError: CustomStringConvertible {
    /// `file:line:column: message`, with the next step on a line of its own; one such block for each fault.
    var description: String {
        all.map { fault in
            let place = fault.position.map { "\($0): " } ?? ""
            return place + fault.message + (fault.nextStep.map { "\n  \($0)" } ?? "")
        }
        .joined(separator: "\n")
    }
}

/// Collects the faults and warnings of one reading, so that a person hears of all of them at once.
final class Findings {
    private(set) var faults: [ConfigurationError] = []
    private(set) var warnings: [ConfigurationError] = []

    func add(_ fault: ConfigurationError) { faults.append(fault) }

    func add(
        _ code: ConfigurationError.Code,
        _ message: String,
        at position: SourcePosition?,
        nextStep: String? = nil
    ) {
        faults.append(ConfigurationError(code, message, at: position, nextStep: nextStep))
    }

    func warn(_ warning: ConfigurationError) { warnings.append(warning) }

    /// Throws all faults as one error, if there is any.
    func check() throws(ConfigurationError) {
        let ordered = faults.sorted {
            ($0.position?.line ?? 0, $0.position?.column ?? 0) < ($1.position?.line ?? 0, $1.position?.column ?? 0)
        }
        guard var first = ordered.first else { return }
        first.others = Array(ordered.dropFirst())
        throw first
    }
}
