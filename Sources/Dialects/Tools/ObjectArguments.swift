import Inference

/// The arguments of a function's call while they arrive: told as they come where they are an object, at the end where
/// they are anything else.
///
/// Those of a shell are told as they come if they begin with the command in the form that it wants.
struct ObjectArguments: Sendable {
    private enum State {
        /// What has come does not tell yet what they are.
        case open(String)
        case object(ArgumentMender)
        case held
    }

    private var state = State.open("")
    private let shell: ShellTool?
    /// All that has been told.
    private(set) var told = ""

    init(of shell: ShellTool? = nil) {
        self.shell = shell
    }

    /// Takes a piece and returns what of the arguments is certain by now.
    mutating func take(_ piece: String) -> String {
        switch state {
        case .held: return ""
        case .object(var mender):
            state = .held
            let text = mender.take(piece)
            state = .object(mender)
            told += text
            return text
        case .open(let before):
            let text = before + piece
            let words = text.utf8.filter { !ArgumentMender.isSpace($0) }
            let opening = shell?.opening ?? [UInt8(ascii: "{")]
            guard words.starts(with: opening) else {
                state = opening.starts(with: words) ? .open(text) : .held
                return ""
            }
            state = .object(ArgumentMender())
            return take(text)
        }
    }

    /// Whether the object was closed by the model itself, so that there is nothing to add.
    var isWhole: Bool { if case .object(let mender) = state { mender.isWhole } else { false } }

    /// Nothing follows `arguments`: returns what has to be told yet.
    ///
    /// What a limit has cut off is told as far as it came. Otherwise what is missing is added where that is certain; a
    /// string without its end is not, and is left for the client to refuse.
    mutating func finish(_ arguments: String, isCut: Bool, for function: FunctionTool?) -> String {
        let rest: String
        switch state {
        case .object(var mender): rest = isCut ? "" : mender.finish().rest
        case .open, .held: rest = isCut ? arguments : whole(arguments, for: function)
        }
        state = .held
        told += rest
        return rest
    }

    private func whole(_ arguments: String, for function: FunctionTool?) -> String {
        let object = FunctionArguments.object(of: arguments, for: function)
        return shell?.fitted(object) ?? object
    }
}
