import JSON
import Testing

@testable import Dialects

private let patch = """
    *** Begin Patch
    *** Update File: a.swift
    @@
    -let a = "x"
    +let a = "it's \\n 日本"
    *** End Patch
    """

private func json(_ value: JSONValue) -> String { String(decoding: value.bytes, as: UTF8.self) }

/// What models write when they are to write a patch.
private let shapes: [String] = [
    patch, patch + "\n", "\n" + patch, "```\n\(patch)\n```", "```diff\n\(patch)\n```\n",
    "apply_patch <<'EOF'\n\(patch)\nEOF", "apply_patch <<EOF\n\(patch)\nEOF\n",
    "apply_patch '" + patch.replacing("'", with: "'\\''") + "'",
    json(.string(patch)), json(.string("```\n\(patch)\n```")),
    json(["input": .string(patch)]), json(["patch": .string(patch)]), json(["content": .string(patch + "\n")]),
    json(["whatever": .string(patch)]), json(["path": "a.swift", "diff": .string(patch)]),
    json(["command": ["apply_patch", .string(patch)]]), json(["apply_patch", .string(patch)]),
    json(["cmd": ["bash", "-lc", .string("apply_patch <<'EOF'\n\(patch)\nEOF")]]),
    json(["cmd": .string("apply_patch <<'EOF'\n\(patch)\nEOF\n")]),
    json(["input": .string(json(["patch": .string(patch)]))]), json(["input": .string("apply_patch\n" + patch)]),
    json(["input": .string(json(.string(patch)).dropFirst().dropLast().description)]),
    json(["input": .string("Here it is:\n\(patch)\nThat is all.")]),
    // Line ends and quotes that should have been escaped.
    "{\"input\":\"" + patch.replacing("\\", with: "\\\\") + "\"}",
    "{'input': '\(patch.replacing("\\", with: "\\\\").replacing("'", with: "\\'"))'}",
]

@Suite("A patch in whatever a model wraps it")
struct PatchTextTests {
    @Test("is found in every shape", arguments: shapes)
    func found(_ shape: String) {
        #expect(PatchText.bare(shape)?.trimmed == patch)
    }

    @Test("streams as itself from every shape of arguments, the same at every cut", arguments: shapes)
    func streamed(_ shape: String) {
        for pieces in cuts(shape) {
            var input = CustomInput(isPatch: true)
            var told = ""
            for piece in pieces { told += input.take(piece) }
            let (whole, rest) = input.finish(shape)
            #expect(whole.trimmed == patch, "\(pieces)")
            #expect(told + rest == whole, "\(pieces)")
        }
    }

    @Test("is told while it comes where its shape is certain")
    func early() {
        var input = CustomInput(isPatch: true)
        #expect(input.take(#"{"input":"*** Begin Pat"#).isEmpty)
        #expect(input.take(#"ch\n*** Add"#) == "*** Begin Patch\n*** Add")
        #expect(input.take(#" File: a\n+"#) == " File: a\n+")
        #expect(input.take(#"x\n*** End Patch\nEOF\n"}"#) == "x\n*** End Patch\n")
        var wrapped = CustomInput(isPatch: true)
        #expect(wrapped.take(#"{"input":"apply_patch <<'EOF'\n*** Begin Patch\n"#).isEmpty)
    }

    @Test("that lacks its end keeps lacking it, and what is none stays as it is")
    func others() {
        #expect(PatchText.bare("*** Begin Patch\n+a") == "*** Begin Patch\n+a")
        #expect(PatchText.bare("--- a\n+++ b") == nil)
        for text in ["--- a\n+++ b", "", "*** Begin"] {
            var input = CustomInput(isPatch: true)
            let arguments = json(["input": .string(text)])
            let told = input.take(arguments)
            let (whole, rest) = input.finish(arguments)
            #expect(whole == text)
            #expect(told + rest == text)
        }
    }
}

extension String {
    /// Without the line end that some shapes leave.
    fileprivate var trimmed: String { hasSuffix("\n") ? String(dropLast()) : self }
}
