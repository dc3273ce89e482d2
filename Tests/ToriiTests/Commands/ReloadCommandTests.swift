import Foundation
import JSON
import Testing

@testable import torii

/// The gateway as a process, with its log and both addresses.
struct RunningGateway: ~Copyable {
    let url: String
    let admin: String
    let program: Program
    private let errors: Pipe
    private var log: String

    /// Starts one and waits until it listens.
    static func start(_ torii: Binary, _ arguments: [String]) async throws -> RunningGateway {
        let errors = Pipe.toProgram()
        let program = try torii.start(["serve", "--port", "0", "--admin-port", "0"] + arguments, errors: errors)
        let words = /listening on (https?:\/\/[^, ]*), administration on (http:\/\/[^" ]*)/
        var log = ""
        while log.firstMatch(of: words) == nil {
            let more = try await Binary.some(of: errors)
            guard !more.isEmpty else { break }
            log += more
        }
        let match = try #require(log.firstMatch(of: words), "\(log)")
        return RunningGateway(
            url: String(match.output.1),
            admin: String(match.output.2),
            program: program,
            errors: errors,
            log: log
        )
    }

    /// Reads the log on until it holds a text.
    mutating func logs(_ text: String) async throws {
        while !log.contains(text) {
            let more = try await Binary.some(of: errors)
            try #require(!more.isEmpty, "the log ends without “\(text)”: \(log)")
            log += more
        }
    }

    /// What was logged so far, which is forgotten.
    mutating func takeLog() -> String {
        defer { log = "" }
        return log
    }

    /// Ends it as a service manager does, and tells how it ended.
    consuming func stop() async throws -> Program.Ending {
        program.send(SIGTERM)
        _ = try await Binary.rest(of: errors)
        return await program.ending
    }

    deinit { program.send(SIGTERM) }
}

@Suite struct ReloadCommandTests {
    private static func providers(_ names: String...) -> String {
        "providers: [" + names.map { "{name: \($0), base_url: 'scripted:', model: m}" }.joined(separator: ", ") + "]\n"
    }

    /// The names of the gateway's providers, and whether its latest configuration was taken.
    private static func status(
        _ torii: Binary,
        _ admin: String
    ) async throws -> (names: [String], isOK: Bool, generation: Int) {
        let result = try await torii.run("status", "--url", admin, "--format", "json")
        let status = try JSONDocument(Array(result.output.utf8)).root
        let names = (status["providers"]?.elements.map { $0["name"]?.string ?? "" }) ?? []
        return (names, status["config_ok"]?.int == 1, status["config_generation"]?.int ?? 0)
    }

    @Test("SIGHUP has the configuration read again; F17: what is wrong is logged with its line and changes nothing")
    func signal() async throws {
        let scratch = try Scratch()
        let file = try scratch.write("config.yaml", Self.providers("one"))
        let torii = Binary(home: scratch.path)
        var gateway = try await RunningGateway.start(torii, ["--config", file])
        try scratch.write("config.yaml", Self.providers("one", "two"))
        gateway.program.send(SIGHUP)
        try await gateway.logs("the configuration was read again; it is number 2")
        var status = try await Self.status(torii, gateway.admin)
        #expect(status.names == ["one", "two"] && status.isOK && status.generation == 2)

        try scratch.write("config.yaml", Self.providers("one") + "server:\n  prot: 1\n")
        gateway.program.send(SIGHUP)
        try await gateway.logs("the configuration stays as it was: \(file):3:3: server.prot is not a key")
        status = try await Self.status(torii, gateway.admin)
        #expect(status.names == ["one", "two"] && !status.isOK && status.generation == 2)

        let shown = try await torii.run("status", "--url", gateway.admin)
        #expect(shown.output.contains("NOT TAKEN") && shown.output.contains("\(file):3:3"))
        #expect(try await gateway.stop() == .exit(0))
    }

    @Test("a file that is replaced, or a link that is led elsewhere, is seen without a signal")
    func change() async throws {
        let scratch = try Scratch()
        let first = try scratch.write("first/config.yaml", Self.providers("one"))
        let second = try scratch.write("second/config.yaml", Self.providers("two"))
        let link = scratch.path + "/config.yaml"
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: first)
        let torii = Binary(home: scratch.path)
        var gateway = try await RunningGateway.start(torii, ["--config", link])
        // As Kubernetes does it: a new link is put in the place of the old one.
        try FileManager.default.createSymbolicLink(atPath: link + ".new", withDestinationPath: second)
        try Process.rename(link + ".new", to: link)
        try await gateway.logs("it is number 2")
        #expect(try await Self.status(torii, gateway.admin).names == ["two"])
        try scratch.write("second/config.yaml", Self.providers("three"))
        try await gateway.logs("it is number 3")
        #expect(try await Self.status(torii, gateway.admin).names == ["three"])
        try scratch.write("second/config.yaml", "providers: [\n")
        try await gateway.logs("the configuration stays as it was: \(link):")
        #expect(try await Self.status(torii, gateway.admin).names == ["three"])
        #expect(try await gateway.stop() == .exit(0))
    }

    @Test("the log's level changes with a reload, and its form is named as what needs a restart")
    func logLevel() async throws {
        let scratch = try Scratch()
        let file = try scratch.write("config.yaml", Self.providers("one"))
        let torii = Binary(home: scratch.path)
        var gateway = try await RunningGateway.start(torii, ["--config", file])
        try scratch.write("config.yaml", Self.providers("one") + "server: {log: {level: warning, format: text}}\n")
        gateway.program.send(SIGHUP)
        try await gateway.logs("server.log.format has changed, which counts after a restart only")
        _ = gateway.takeLog()
        let client = try scratch.write(
            "client.yaml",
            "providers: [{name: gate, base_url: '\(gateway.url)/v1', model: m, dialect: chat}]\n"
        )
        #expect(try await torii.run("--config", client, "a silent request").status == 0)
        try scratch.write("config.yaml", "providers: [\n")
        gateway.program.send(SIGHUP)
        try await gateway.logs("the configuration stays as it was")
        #expect(!gateway.takeLog().contains(#""event":"request""#))
        #expect(try await gateway.stop() == .exit(0))
    }
}
