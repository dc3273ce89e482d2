import Foundation
import Providers
import Testing

@testable import Gateway

@Suite("The order of reloads")
struct ReloaderTests {
    private static let settings = GatewaySettings(providers: [])

    /// Runs a reloader for as long as `body` runs.
    private func run(
        _ reloader: Reloader,
        _ perform: @escaping @Sendable (Set<Reloader.Cause>) async throws(ReloadProblem) -> Reloader.Success,
        _ body: () async throws -> Void
    ) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await reloader.run(perform) }
            try await body()
            group.cancelAll()
        }
    }

    private static func reloader() -> Reloader {
        Reloader(load: { (_) async throws(ReloadProblem) in Reloader.Loaded(settings) }, now: { 1_000 })
    }

    private static func success(_ generation: Int) -> Reloader.Success {
        Reloader.Success(generation: generation, warnings: [], restartNeeded: [])
    }

    @Test("wishes that come while one is performed are performed together behind it, one at a time")
    func together() async throws {
        let reloader = Self.reloader()
        let (gate, causes) = (Watched(false), Watched<[Set<Reloader.Cause>]>([]))
        try await run(reloader) { (wanted) async throws(ReloadProblem) in
            causes.change { $0.append(wanted) }
            _ = try? await gate.wait(for: "the gate") { $0 }
            return Self.success(causes.value.count + 1)
        } _: {
            reloader.wish(.signal)
            try await causes.wait(for: "the first") { $0 == [[.signal]] }
            reloader.wish(.file)
            async let answer = reloader.reload(.administration)
            _ = try await eventually("the wish") { reloader.waiting == 2 ? true : nil }
            gate.change { $0 = true }
            #expect(await answer == .success(Self.success(3)))
            #expect(causes.value == [[.signal], [.file, .administration]])
            #expect(reloader.record.generation == 3 && reloader.record.loadedAt == 1_000)
        }
    }

    @Test("whoever waits when the gateway ends is let go, and nobody waits behind it")
    func ends() async throws {
        let reloader = Self.reloader()
        let began = Watched(false)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                await reloader.run { (_) async throws(ReloadProblem) in
                    began.change { $0 = true }
                    // Ends by the cancellation alone.
                    try? await Task.sleep(for: .seconds(60))
                    throw ReloadProblem([.init("x", "cancelled")])
                }
            }
            reloader.wish(.signal)
            try await began.wait(for: "the reload") { $0 }
            async let late = reloader.reload(.administration)
            _ = try await eventually("the wish") { reloader.waiting == 1 ? true : nil }
            group.cancelAll()
            #expect(await late == .unavailable)
            #expect(await reloader.reload(.administration) == .unavailable)
        }
    }

    @Test("a failure leaves number and time, and a success takes the problem away")
    func record() {
        var record = ConfigurationRecord()
        record.didSucceed(Self.success(2), at: 10)
        record.didFail(ReloadProblem([.init("a", "first", file: "f", line: 1, column: 2), .init("b", "second")]))
        #expect(record.generation == 2 && record.loadedAt == 10 && !record.isOK)
        #expect(record.problem == "f:1:2: first; second")
        record.didSucceed(Self.success(3), at: 20)
        #expect(record.isOK && record.problem == nil && record.generation == 3 && record.loadedAt == 20)
    }

    @Test("docs/reload.md lists what a restart alone can change")
    func restartDocument() throws {
        var other = GatewaySettings(providers: [], host: "10.0.0.1", port: 1, adminHost: "::1", adminPort: 2)
        other.tls = .init(certificateFile: "c", keyFile: "k")
        other.clientCertificates = .init(authorityFile: "a", rules: [IdentityRule(subject: "cn", tenant: "t")])
        other.threads = 7
        other.state.ttl = .seconds(1)
        other.metering.isOn = false
        other.capture.days = 3
        (other.metrics.isOn, other.metrics.maximumSeries) = (false, 20)
        other.log.format = .text
        let (kept, names) = other.keepingFixed(of: Self.settings)
        #expect(try ReloadDocument.words("restart") == names)
        #expect(kept.keepingFixed(of: Self.settings).restartNeeded == [])
    }
}

/// The page about reloading.
enum ReloadDocument {
    /// What stands in the code marks of a part of the page.
    static func words(_ part: String) throws -> [String] {
        try lines(part).flatMap { line in line.matches(of: /`([^`]+)`/).map { String($0.output.1) } }
    }

    /// The first word in code marks of each row of a part's table.
    static func rows(_ part: String) throws -> [String] {
        try lines(part).compactMap { line in line.firstMatch(of: /^\| `([^`]+)`/).map { String($0.output.1) } }
    }

    private static func lines(_ part: String) throws -> [Substring] {
        let page = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../../docs/reload.md").standardizedFileURL
        let text = try String(contentsOf: page, encoding: .utf8)
        let cut = text.components(separatedBy: "<!-- \(part) -->\n").last?.components(separatedBy: "<!-- /\(part) -->")
            .first
        return (cut ?? "").split(separator: "\n")
    }
}
