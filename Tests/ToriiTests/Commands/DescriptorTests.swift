import Foundation
import NIOCore
import NIOPosix
import Testing

@testable import torii

@Suite struct DescriptorTests {
    @Test("F23: a gateway that runs out of descriptors goes on once it has some again")
    func exhausted() async throws {
        let scratch = try Scratch()
        let file = try scratch.write("config.yaml", "providers: [{name: demo, base_url: 'scripted:'}]\n")
        let torii = Binary(home: scratch.path)
        let serve = ["serve", "--port", "0", "--admin-port", "0", "--config", file]
        let limited = ["-c", "ulimit -n 64; exec \"$0\" \"$@\"", Binary.path] + serve
        let errors = Pipe.toProgram()
        let program = try torii.start(limited, program: "/bin/sh", errors: errors)
        do {
            let port = try await Self.port(errors)
            try await Self.exhaust(port, of: program.identifier)
            let text =
                "providers: [{name: gate, base_url: 'http://127.0.0.1:\(port)/v1', model: scripted, dialect: chat}]\n"
            let client = try scratch.write("client.yaml", text)
            let result = try await torii.run("--config", client, "after the flood")
            #expect(result.output.contains("“after the flood”"), "\(result.errors)")
            #expect(program.isRunning)
        } catch {
            program.send(SIGTERM)
            throw error
        }
        program.send(SIGTERM)
        _ = try await Binary.rest(of: errors)
        #expect(await program.ending == .exit(0))
    }

    /// The port that a gateway says it listens on.
    private static func port(_ errors: Pipe) async throws -> Int {
        var log = ""
        while true {
            if let match = log.firstMatch(of: /listening on http:\/\/[^, ]*:(\d+), admin/) {
                return try #require(Int(match.output.1))
            }
            let more = try await Binary.some(of: errors)
            try #require(!more.isEmpty, "\(log)")
            log += more
        }
    }

    /// Opens more connections than the gateway may have, each with half a request, until it has no descriptor left, and
    /// closes them all.
    ///
    /// One that the gateway has closed meanwhile, because it could not have it, counts like the others.
    private static func exhaust(_ port: Int, of gateway: Int32) async throws {
        let half = "POST /v1/responses HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n{"
        var channels: [any Channel] = []
        for _ in 0..<120 {
            let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .connect(host: "127.0.0.1", port: port).get()
            channel.writeAndFlush(ByteBuffer(string: half), promise: nil)
            channels.append(channel)
        }
        let deadline = ContinuousClock.now + .seconds(10)
        while try FileManager.default.contentsOfDirectory(atPath: "/proc/\(gateway)/fd").count < 64 {
            try #require(ContinuousClock.now < deadline, "the gateway never ran out of descriptors")
            await Task.yield()
        }
        for channel in channels {
            channel.close(promise: nil)
            try await channel.closeFuture.get()
        }
    }
}
