import Inference
import JSON
import Providers
import ScriptedUpstream
import Testing

@testable import Gateway

@Suite("Prices that an administrator sets")
struct PriceOverridesTests {
    private static func input(_ overrides: PriceOverrides, _ model: String, time: Int = 0) throws -> Double? {
        let provider = try Provider(name: "house", baseURL: BaseURL("http://house:1/v1"))
        let price = PriceTable().price(of: model, at: provider, speaking: .chat, at: time, overrides: overrides)
        return price.map { Double($0.input) / 1e6 }
    }

    @Test("what is created, changed and deleted is in the next snapshot, and what stays the same is the same object")
    func life() throws {
        let office = try Office()
        let first = try office.store.snapshot()
        #expect(first.prices === PriceOverrides.none && !first.isInUse)
        let made = try office.make(
            .prices,
            #"{"provider":"house","model":"GPT-5*","input":0.25,"output":2,"cached_input":0.025,"cache_write_1h":0.5,"request":0.001}"#
        )
        let second = try office.store.snapshot(after: first)
        let price = try #require(second.prices.entries.first)
        #expect(
            price
                == PriceEntry(
                    provider: "house",
                    model: "gpt-5*",
                    price: Price(
                        ModelPrice(input: 0.25, cachedInput: 0.025, cacheWrite1h: 0.5, output: 2, request: 0.001)
                    )
                )
        )
        let shown = try office.ask("GET", "prices/\(made.id)").root
        #expect(shown["input"]?.double == 0.25 && shown["output"]?.int == 2 && shown["request"]?.double == 0.001)
        #expect(shown["reasoning"]?.isNull == true)
        // A price opens and closes nothing.
        #expect(!second.isInUse)
        try office.make(.tenants, #"{"name":"acme"}"#)
        let third = try office.store.snapshot(after: second)
        #expect(third.prices === second.prices)
        #expect(try office.ask("PATCH", "prices/\(made.id)", #"{"input":0.5,"cached_input":null}"#).status == 200)
        let fourth = try office.store.snapshot(after: third)
        #expect(try Self.input(fourth.prices, "gpt-5-mini") == 0.5)
        #expect(fourth.prices.entries.first?.price.cachedInput == nil)
        #expect(try office.ask("DELETE", "prices/\(made.id)").status == 204)
        #expect(try office.store.snapshot(after: fourth).prices === PriceOverrides.none)
    }

    @Test("of two that say the same the later one counts, and one that begins later from then on")
    func later() throws {
        let office = try Office()
        try office.make(.prices, #"{"model":"m","input":1,"output":1}"#)
        try office.make(.prices, #"{"model":"m","input":2,"output":2}"#)
        try office.make(.prices, #"{"model":"m","from":"2027-01-31T00:00:00Z","input":3,"output":3}"#)
        let prices = try office.store.snapshot().prices
        let day = try #require(PriceEntry.moment("2027-01-31"))
        #expect(try Self.input(prices, "m", time: day - 1) == 2)
        #expect(try Self.input(prices, "m", time: day) == 3)
    }

    @Test(
        "an amount that is none is refused, with the member that holds it",
        arguments: [
            (#"{"model":"m","input":-1,"output":1}"#, "invalid_value", "input"),
            (#"{"model":"m","input":1,"output":1000.5}"#, "invalid_value", "output"),
            (#"{"model":"m","input":"1","output":1}"#, "invalid_value", "input"),
            (#"{"model":"m","input":null,"output":1}"#, "invalid_value", "input"),
            (#"{"model":"m","input":1}"#, "missing_member", "output"),
            (#"{"input":1,"output":1}"#, "missing_member", "model"),
            (#"{"model":"m","input":1,"output":1,"from":"soon"}"#, "invalid_value", "from"),
            (#"{"model":"m","input":1,"output":1,"tenant":"acme"}"#, "unknown_member", "tenant"),
        ]
    )
    func faults(body: String, code: String, field: String) throws {
        let reply = try Office().ask("POST", "prices", body)
        #expect(reply.status == 400 && reply.code == code && reply.root["field"]?.string == field, "\(reply.text)")
    }

    @Test("a price that is set counts for routes at once")
    func overWire() async throws {
        let one = try await ScriptedUpstream.start(answers: [Answer.json(#"{"id":"one"}"#)])
        let two = try await ScriptedUpstream.start(answers: [Answer.json(#"{"id":"two"}"#)])
        let providers = [try Provider.scripted(one, name: "one"), try Provider.scripted(two, name: "two")]
        let rule = RouteRule("r", targets: [.init("one"), .init("two")], strategy: .cheapest)
        try await withGateway(
            providers,
            {
                $0.routes = [rule]
                $0.prices.entries = [
                    PriceEntry(provider: "one", model: "m", price: Price(ModelPrice(input: 1, output: 1))),
                    PriceEntry(provider: "two", model: "m", price: Price(ModelPrice(input: 2, output: 2))),
                ]
            },
            body: { gateway in
                let sample = Sample.chat
                #expect(try await gateway.send(sample.request()).bodyText == #"{"id":"one"}"#)
                let made = try await gateway.administer(
                    "POST",
                    "prices",
                    #"{"provider":"two","model":"m","input":0.5,"output":0.5}"#
                )
                #expect(made.status == 201, "\(made.bodyText)")
                #expect(try await gateway.send(sample.request()).bodyText == #"{"id":"two"}"#)
            }
        )
        await one.shutdown()
        await two.shutdown()
    }
}
