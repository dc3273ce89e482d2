import Inference

/// A call on its way to the caller, while its arguments arrive.
struct UnfoldedCall: Sendable {
    private enum Reading: Sendable {
        /// Plain text of a provider that knows custom tools itself.
        case plain
        case object(ObjectArguments)
        case input(CustomInput)
        /// What it is, or how it is written, is known when it is whole.
        case whole(TrainedTool?)
    }

    /// As the caller knows it, but for its arguments.
    private(set) var call: ToolCall
    /// Its place among the calls that the caller has been told of.
    var place: Int?
    /// What is certain of the arguments and waits to be told.
    private(set) var untold = ""
    /// All arguments; nil before the end.
    private(set) var arguments: String?
    /// The function's name; nil for one that nobody declared.
    private var function: String?
    private var reading: Reading

    /// A call as the provider begins it.
    init(_ call: ToolCall, _ tools: DeclaredTools) {
        self.call = call
        guard call.kind == .function else {
            reading = .plain
            return
        }
        reading = .object(ObjectArguments())
        switch tools.meaning(of: call.name) {
        case .tool(let name):
            become(name, tools)
            switch self.call.kind {
            case .function: reading = .object(ObjectArguments(of: tools.shell(name)))
            case .custom: reading = .input(CustomInput(isPatch: takesPatch))
            case .localShell, .toolSearch: reading = .whole(nil)
            }
        case .trained(let tool): reading = .whole(tool)
        case .unknown: break
        }
    }

    /// Whether it can be told that there is such a call.
    var isKnown: Bool {
        if case .whole = reading { arguments != nil } else { true }
    }

    /// Takes a piece of the arguments.
    mutating func take(_ piece: String) {
        switch reading {
        case .plain: untold += piece
        case .whole: break
        case .object(var object):
            reading = .plain
            untold += object.take(piece)
            reading = .object(object)
        case .input(var input):
            reading = .plain
            untold += input.take(piece)
            reading = .input(input)
        }
    }

    /// Whether it matters to these arguments how the answer goes on.
    func isOpen(with arguments: String) -> Bool {
        switch reading {
        case .plain, .input: false
        case .object(let object): !object.isWhole && !ArgumentMender.isWhole(arguments)
        case .whole: !ArgumentMender.isWhole(arguments)
        }
    }

    /// Takes the end; false if a limit has cut off what counts only whole, so that there is no call.
    mutating func finish(_ arguments: String, isCut: Bool, _ tools: DeclaredTools) -> Bool {
        switch reading {
        case .plain: self.arguments = arguments
        case .object(var object):
            untold += object.finish(arguments, isCut: isCut, for: function.flatMap(tools.function))
            self.arguments = object.told
        case .input(let input):
            let (whole, rest) = input.finish(arguments)
            untold += rest
            self.arguments = whole
        case .whole(let trained):
            guard !isCut else { return false }
            untold = settle(arguments, as: trained, tools)
            self.arguments = untold
        }
        return true
    }

    /// Gives out what has waited.
    mutating func takeUntold() -> String {
        defer { untold = "" }
        return untold
    }

    /// Gives the call an id if the provider gave none.
    mutating func identify(_ id: String) {
        if call.id.isEmpty { call.id = id }
    }

    private var takesPatch: Bool { DeclaredTools.key(call.name) == "applypatch" }

    /// Becomes the call of a declared tool, by the name that the caller knows.
    private mutating func become(_ name: String, _ tools: DeclaredTools) {
        let original = tools.original(name)
        (call.name, call.namespace, call.kind) = (original.name, original.namespace, original.kind)
        function = name
    }

    /// Decides what the call is now that it is whole, and returns its arguments as the caller's tool takes them.
    private mutating func settle(_ arguments: String, as trained: TrainedTool?, _ tools: DeclaredTools) -> String {
        var arguments = arguments
        if let other = trained?.call(arguments, with: tools) {
            become(other.name, tools)
            arguments = other.arguments
        }
        let object = FunctionArguments.object(of: arguments, for: function.flatMap(tools.function))
        switch call.kind {
        case .function, .toolSearch: return object
        case .localShell: return LocalShellAction.action(of: object)
        case .custom: return CustomInput(isPatch: takesPatch).finish(object).whole
        }
    }
}
