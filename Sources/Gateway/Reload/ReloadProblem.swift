/// Why a configuration did not come into use, so that the one before it stays; never holds a secret.
package struct ReloadProblem: Error, Sendable, Hashable {
    /// One thing that is wrong.
    package struct Fault: Sendable, Hashable {
        /// The configuration's own word, such as `unknown_key`.
        package var code: String
        /// One sentence: what is wrong.
        package var message: String
        package var file: String?
        /// Both count from 1.
        package var line: Int?
        package var column: Int?
        /// What to do about it.
        package var nextStep: String?

        package init(
            _ code: String,
            _ message: String,
            file: String? = nil,
            line: Int? = nil,
            column: Int? = nil,
            nextStep: String? = nil
        ) {
            self.code = code
            self.message = message
            self.file = file
            self.line = line
            self.column = column
            self.nextStep = nextStep
        }
    }

    /// Never empty, in the file's order.
    package var faults: [Fault]

    package init(_ faults: [Fault]) { self.faults = faults }
}

extension ReloadProblem.Fault: CustomStringConvertible {
    /// `file:line:column: message`.
    package var description: String {
        guard let file else { return message }
        let place = [file, line.map(String.init), column.map(String.init)].compactMap(\.self).joined(separator: ":")
        return "\(place): \(message)"
    }
}

extension ReloadProblem: CustomStringConvertible {
    package var description: String { faults.map(\.description).joined(separator: "; ") }
}
