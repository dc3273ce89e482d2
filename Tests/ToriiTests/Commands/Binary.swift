import Foundation
import Testing

/// The built program, run as a process of its own with nothing of this process's environment.
struct Binary {
    struct Result {
        var status: Int32
        var output: String
        var errors: String
    }

    var home: String
    var environment: [String: String] = [:]

    /// The program beside the test bundle.
    static let path: String = {
        let bundle = Bundle.allBundles.map(\.bundleURL).first { $0.pathExtension == "xctest" }
        let folder = (bundle ?? URL(filePath: CommandLine.arguments[0])).deletingLastPathComponent()
        return folder.appending(path: "torii").path
    }()

    /// Starts the program, or another with its environment; a stream that is nil leads nowhere.
    func start(
        _ arguments: [String],
        program: String = path,
        input: (any ProgramStream)? = nil,
        output: (any ProgramStream)? = nil,
        errors: (any ProgramStream)? = nil
    ) throws -> Program {
        try Program(
            program,
            arguments,
            environment: environment.merging(["HOME": home, "PATH": "/usr/bin:/bin"]) { given, _ in given },
            folder: home,
            input: input,
            output: output,
            errors: errors
        )
    }

    /// Runs the program to its end.
    func run(_ arguments: String..., input: String? = nil) async throws -> Result {
        try await run(arguments, input: input)
    }

    func run(_ arguments: [String], input: String? = nil) async throws -> Result {
        let (output, errors, inputPipe) = (Pipe.toProgram(), Pipe.toProgram(), Pipe.toProgram())
        let program = try start(
            arguments,
            input: input == nil ? nil : inputPipe,
            output: output,
            errors: errors
        )
        if let input {
            try inputPipe.fileHandleForWriting.write(contentsOf: Data(input.utf8))
            try inputPipe.fileHandleForWriting.close()
        }
        async let outputText = Self.text(output)
        async let errorText = Self.text(errors)
        let status: Int32 =
            switch await program.ending {
            case .exit(let status): status
            case .signal(let number): 128 + number
            }
        return try await Result(status: status, output: outputText, errors: errorText)
    }

    private static func text(_ pipe: Pipe) async throws -> String { try await rest(of: pipe) }

    /// All that a pipe still holds and gets, to its end.
    static func rest(of pipe: Pipe) async throws -> String {
        try await blocking { String(decoding: try pipe.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self) }
    }

    /// The next bytes of a pipe, as soon as this many are there.
    static func read(_ pipe: Pipe, atMost count: Int) async throws -> String {
        try await blocking {
            String(decoding: try pipe.fileHandleForReading.read(upToCount: count) ?? Data(), as: UTF8.self)
        }
    }

    /// Whatever comes next of a pipe; nothing at its end.
    static func some(of pipe: Pipe) async throws -> String {
        try await blocking { String(decoding: pipe.fileHandleForReading.availableData, as: UTF8.self) }
    }

    /// A read that blocks must not hold one of the few threads that the tests share.
    static func blocking<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread { continuation.resume(with: Swift.Result(catching: work)) }
        }
    }
}
