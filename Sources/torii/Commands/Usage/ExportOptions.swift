import ArgumentParser

/// Where what is exported goes.
struct ExportOptions: ParsableArguments {
    @Option(help: "The file to write, with mode 0600; without it standard output.", completion: .file())
    var output: String?

    /// Has a text written bit by bit; a file has its name only when it is whole.
    func export(_ body: (_ write: (String) throws -> Void) async throws -> Void) async throws {
        guard let output else { return try await body { try Console.standard.write($0) } }
        let file = try NewFile(output)
        do { try await body { try file.write($0) } } catch {
            file.discard()
            throw error
        }
        try file.finish()
    }
}
