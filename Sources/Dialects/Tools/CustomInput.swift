/// The input of a custom tool while it arrives as the arguments of the function that stands for it.
struct CustomInput: Sendable {
    private var mender = ArgumentMender()
    private var input = StreamedInput()
    /// For a tool that takes a patch and nothing else.
    private var patch: StreamedPatch?

    init(isPatch: Bool) {
        patch = isPatch ? StreamedPatch() : nil
    }

    /// Takes a piece of the arguments and returns the piece of the input that it adds.
    mutating func take(_ piece: String) -> String {
        let text = input.take(mender.take(piece))
        return patch?.take(text) ?? text
    }

    /// All of the input, and what of it has not been told yet.
    consuming func finish(_ arguments: String) -> (whole: String, rest: String) {
        let late = input.take(mender.finish().rest)
        let mended = ArgumentMender.mend(FunctionArguments.unwrapped(arguments)) ?? arguments
        let (whole, rest) = input.finish(mended)
        guard var patch else { return (whole, late + rest) }
        let told = patch.take(late + rest)
        let end = patch.finish(whole)
        return (end.whole, told + end.rest)
    }
}
