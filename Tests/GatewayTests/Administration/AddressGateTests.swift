import NIOCore
import Testing

@testable import Gateway

@Suite("Connections of one address to the administration")
struct AddressGateTests {
    @Test("F22: one address has so many of them, others still have theirs, and what closes is free again")
    func places() {
        let places = AddressPlaces()
        for _ in 0..<AddressPlaces.most { #expect(places.enter([10, 0, 0, 1])) }
        #expect(!places.enter([10, 0, 0, 1]) && places.enter([10, 0, 0, 2]))
        places.leave([10, 0, 0, 1])
        #expect(places.enter([10, 0, 0, 1]) && !places.enter([10, 0, 0, 1]))
    }

    @Test(
        "IPv4 counts by the address, also where it is written in IPv6, and IPv6 by its network of 64 bits",
        arguments: [
            ("10.0.0.1", "10.0.0.1", true), ("10.0.0.1", "10.0.0.2", false), ("::ffff:10.0.0.1", "10.0.0.1", true),
            ("::ffff:10.0.0.1", "::ffff:10.0.0.2", false), ("2001:db8::1", "2001:db8::ffff:2", true),
            ("2001:db8::1", "2001:db8:0:1::1", false), ("::1", "127.0.0.1", false),
        ]
    )
    func networks(_ one: String, _ other: String, _ isSame: Bool) throws {
        let networks = try [one, other].map { text in
            try #require(AddressRange.network(of: SocketAddress(ipAddress: text, port: 1)))
        }
        #expect((networks[0] == networks[1]) == isSame)
    }

    @Test("F22: a connection too many of one address is closed at once, and a free place serves again")
    func overWire() async throws {
        try await withGateway([], { $0.limits.headTimeout = .seconds(60) }) { gateway in
            var held: [RawClient] = []
            defer { for client in held { client.close() } }
            for _ in 0..<AddressPlaces.most {
                let client = try await RawClient.connect(port: gateway.adminPort)
                held.append(client)
                // Its place is taken once it is served.
                try await client.send(RawRequest.get("/health"))
                #expect(try await client.answer().status == 200)
            }
            let late = try await RawClient.connect(port: gateway.adminPort)
            #expect(try await late.untilClosed().isEmpty)
            // Those that are there are served on, and so is the public listener.
            try await held[0].send(RawRequest.get("/health"))
            #expect(try await held[0].answer().status == 200)
            #expect(try await gateway.send(RawRequest.get("/health")).status == 200)
            held[1].close()
            _ = try await eventually("a free place") {
                let client = try await RawClient.connect(port: gateway.adminPort)
                defer { client.close() }
                client.post(RawRequest.get("/health"))
                return try await client.state.wait(for: "an end") { $0.isClosed || !$0.bytes.isEmpty }.bytes.isEmpty
                    ? nil : true
            }
        }
    }
}
