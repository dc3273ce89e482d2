import Inference
import Providers
import ScriptedUpstream
import Testing

@testable import Gateway

@Suite("Finding out what a provider speaks")
struct DialectKnowledgeTests {
    @Test("the first request waits for its own provider's word, and for nobody else's")
    func waitsForItsOwn() async throws {
        let upstream = try await ScriptedUpstream.start(answers: [Side.messages.answer(stream: false)])
        let slow = try await ScriptedUpstream.start(answers: [[.stall]])
        let (own, other) = (Watched(false), Watched(false))
        let lister: ModelDirectory.Lister = { provider in
            let gate = provider.name == "house" ? own : other
            _ = try? await gate.wait(for: "the gate") { $0 }
            return .init(listing: .unknown, dialect: .messages)
        }
        let providers = [try Provider.scripted(upstream), try .scripted(slow, name: "slow")]
        try await withGateway(providers, lister: lister) { gateway in
            let client = try await gateway.connect()
            try await client.send(Side.chat.request(stream: false))
            _ = try await eventually("the exchange") {
                try await gateway.status("exchanges_in_flight") == 1 ? true : nil
            }
            #expect(upstream.requests.isEmpty)
            own.change { $0 = true }
            let answer = try await client.answer()
            #expect(Side.chat.text(ofWhole: answer.bodyText) == "Hello", "\(answer.bodyText)")
            #expect(try await upstream.request().target == "/v1/messages")
            other.change { $0 = true }
        }
        await upstream.shutdown()
        await slow.shutdown()
    }

    @Test("a provider that does not say in time is spoken to as the caller speaks")
    func givesUp() async throws {
        let upstream = try await ScriptedUpstream.start(answers: [Side.chat.answer(stream: false)])
        let lister: ModelDirectory.Lister = { _ in
            // Ends by the cancellation alone.
            try? await Task.sleep(for: .seconds(60))
            return .init(listing: .unknown)
        }
        try await withGateway([try .scripted(upstream)], lister: lister) { gateway in
            let answer = try await gateway.send(Side.chat.request(stream: false))
            #expect(answer.bodyText == Side.chat.whole())
        }
        await upstream.shutdown()
    }

    @Test("a client may leave while it waits")
    func clientLeaves() async throws {
        let upstream = try await ScriptedUpstream.start(answers: [[.stall]])
        let gate = Watched(false)
        let lister: ModelDirectory.Lister = { _ in
            _ = try? await gate.wait(for: "the gate") { $0 }
            return .init(listing: .unknown, dialect: .chat)
        }
        try await withGateway([try .scripted(upstream)], lister: lister) { gateway in
            let client = try await gateway.connect()
            try await client.send(Side.chat.request(stream: false))
            _ = try await eventually("the exchange") {
                try await gateway.status("exchanges_in_flight") == 1 ? true : nil
            }
            client.close()
            try await gateway.isIdle(within: .promptly)
            gate.change { $0 = true }
            #expect(try await gateway.log.record()["outcome"] == "client_gone")
            #expect(upstream.requests.isEmpty)
        }
        await upstream.shutdown()
    }
}
