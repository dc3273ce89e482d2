import Providers
import ScriptedUpstream
import Testing

@testable import Gateway

@Suite("Gateways that lead back to themselves")
struct LoopTests {
    @Test("a gateway that is its own provider under another name is a 508", arguments: Sample.allCases, [true, false])
    func itself(_ sample: Sample, _ stream: Bool) async throws {
        let door = try await Door.open()
        let provider = try Provider(name: "loop", baseURL: BaseURL("http://127.0.0.1:\(door.port)"))
        try await withGateway([provider]) { gateway in
            door.lead(to: gateway.port)
            let answer = try await gateway.send(sample.request(stream: stream))
            #expect(answer.status == 508)
            #expect(answer.bodyText.contains("been here before"))
            #expect(answer.bodyText.hasPrefix(sample.errorMark))
        }
        await door.close()
    }

    @Test("two gateways that point at each other are a 508", arguments: Sample.allCases)
    func eachOther(_ sample: Sample) async throws {
        let door = try await Door.open()
        let toSecond = try Provider(name: "second", baseURL: BaseURL("http://127.0.0.1:\(door.port)"))
        try await withGateway([toSecond]) { first in
            let toFirst = try Provider(name: "first", baseURL: BaseURL("http://127.0.0.1:\(first.port)"))
            try await withGateway([toFirst]) { second in
                door.lead(to: second.port)
                let answer = try await first.send(sample.request())
                #expect(answer.status == 508)
                let lines = try await first.log.lines(2)
                #expect(lines.count == 2)
            }
        }
        await door.close()
    }

    @Test("a chain of gateways is no loop until it is too long")
    func chain() async throws {
        try await withGateway(answers: [Sample.chat.answer(stream: false)]) { gateway, upstream in
            let answer = try await gateway.send(Sample.chat.request(fields: [("x-torii-hop", "aaa,bbb")]))
            #expect(answer.status == 200)
            let hops = try await upstream.request().field("x-torii-hop") ?? ""
            #expect(hops.hasPrefix("aaa,bbb,"))
            let long = try await gateway.send(Sample.chat.request(fields: [("x-torii-hop", "1,2,3,4,5,6,7,8")]))
            #expect(long.status == 508)
            let back = try await gateway.send(Sample.chat.request(fields: [("x-torii-hop", hops)]))
            #expect(back.status == 508)
        }
    }
}
