import JSON
import Providers
import ScriptedUpstream
import Testing

@testable import Gateway

@Suite("Damaged requests")
struct DamageTests {
    /// A source of numbers that is the same in every run.
    private struct Seeded: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return (state ^ (state >> 29)) &* 0xBF58_476D_1CE4_E5B9
        }
    }

    @Test("B9: no damage to a request does harm, and what goes up is whole", arguments: Sample.allCases)
    func seededDamage(_ sample: Sample) async throws {
        var random = Seeded(state: 7)
        let odd: [UInt8] = [0, 9, 10, 11, 13, 32, 34, 44, 47, 58, 59, 92, 127, 128, 255]
        let damaged = (0..<150).map { _ in
            var bytes = Array(sample.request(fields: [("Connection", "close"), ("Accept", "*/*")]).utf8)
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                let place = Int.random(in: 0..<bytes.count, using: &random)
                switch Int.random(in: 0..<4, using: &random) {
                case 0: bytes[place] = odd.randomElement(using: &random) ?? 0
                case 1: bytes.remove(at: place)
                case 2: bytes.insert(odd.randomElement(using: &random) ?? 0, at: place)
                default: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
                }
            }
            return bytes
        }
        let change: (inout GatewaySettings) -> Void = {
            $0.limits.headTimeout = .seconds(6)
            $0.limits.bodyTimeout = .seconds(6)
            $0.limits.keepAliveTimeout = .seconds(6)
        }
        try await withGateway(answers: [sample.answer(stream: false)], change) { gateway, upstream in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for bytes in damaged {
                    group.addTask {
                        let client = try await gateway.connect()
                        client.post(bytes)
                        _ = try await client.untilClosed()
                    }
                }
                try await group.waitForAll()
            }
            try await gateway.isIdle()
            // The machine may be so busy that even a whole request comes too late.
            let answer = try await eventually("an answer") { try? await gateway.send(sample.request()) }
            #expect(answer.status == 200)
            #expect(!upstream.requests.isEmpty)
            for request in upstream.requests {
                let body = try JSONDocument(request.body).root
                #expect(body["model"]?.string != nil)
                #expect(request.target == sample.path || request.target.hasPrefix("/v1/"))
                #expect(request.fields.filter { $0.name == "content-length" }.map(\.value) == ["\(request.body.count)"])
                #expect(request.fields.filter { $0.name == "host" }.count == 1)
            }
        }
    }
}
