import JSON
import Logging
import Providers
import ScriptedUpstream
import Testing

@testable import Gateway

@Suite("Somebody is told when a budget comes to its end")
struct BudgetAlertTests {
    private static let secret = "0123456789abcdef"

    private static func settings(_ url: String = "http://127.0.0.1:1/hook?team=a") throws -> AlertSettings {
        AlertSettings(address: try KeyAddress(url), secret: Secret(secret))
    }

    private static func waiting(_ alerts: BudgetAlerts) -> [String] {
        var ids: [String] = []
        while let alert = alerts.next() { ids.append(alert.id) }
        return ids
    }

    @Test("each threshold is told of once for each budget and period, at all levels that have one")
    func once() throws {
        let alerts = BudgetAlerts(try Self.settings())
        let accounts = BudgetAccounts(alerts: alerts)
        let scopes = [
            BudgetWorld.scope(.tenant, daily: 10, monthly: 100, in: accounts), BudgetWorld.scope(.user, in: accounts),
            BudgetWorld.scope(.key, dailyTokens: 1_000, in: accounts),
        ]
        #expect(BudgetWorld.spend(scopes, BudgetWorld.amount(4, tokens: 100)) == nil)
        #expect(Self.waiting(alerts) == [])
        #expect(BudgetWorld.spend(scopes, BudgetWorld.amount(5, tokens: 400)) == nil)
        #expect(
            Self.waiting(alerts) == [
                "tenant:tenant_1:daily_budget:2027-01-15:50", "tenant:tenant_1:daily_budget:2027-01-15:80",
                "key:key_1:daily_token_budget:2027-01-15:50",
            ]
        )
        #expect(BudgetWorld.spend(scopes, BudgetWorld.amount(1)) == nil)
        #expect(Self.waiting(alerts) == ["tenant:tenant_1:daily_budget:2027-01-15:100"])
        for days in 1...4 {
            _ = BudgetWorld.spend(scopes, BudgetWorld.amount(10), at: BudgetWorld.noon + days * BudgetWorld.day)
        }
        let ids = Self.waiting(alerts)
        #expect(
            ids.count == 13 && ids.filter { $0.contains("monthly") } == ["tenant:tenant_1:monthly_budget:2027-01:50"]
        )
    }

    @Test("nothing waits where nobody is to be told, and no more than there is room for")
    func bounded() throws {
        let alerts = BudgetAlerts()
        let alert = BudgetAlert(
            level: .key,
            subject: "k",
            member: .monthlyCost,
            number: 2027 * 12 + 11,
            threshold: 50,
            limit: 2_000_000_000,
            spent: 1_500_000_000
        )
        alerts.offer([alert])
        #expect(alerts.next() == nil && alerts.takeLost() == 0)
        alerts.adopt(try Self.settings())
        for _ in 0..<BudgetAlerts.mostWaiting + 5 { alerts.offer([alert]) }
        #expect(alerts.takeLost() == 5 && alerts.takeLost() == 0)
        #expect(Self.waiting(alerts).count == BudgetAlerts.mostWaiting)
        alerts.offer([alert])
        alerts.adopt(nil)
        #expect(alerts.next() == nil && alerts.thresholds == [])
        #expect(
            String(decoding: alert.body(), as: UTF8.self)
                == #"{"id":"key:k:monthly_budget:2027-12:50","type":"budget.threshold","level":"key","subject":"k","budget":"monthly_budget","period":"2027-12","threshold":50,"unit":"usd","limit":2,"spent":1.5}"#
        )
    }

    @Test("an alert is signed over its time and its body")
    func signature() {
        let value = AlertSignature.value(Array(#"{"id":"x"}"#.utf8), Secret(Self.secret), at: 1_800_000_000)
        #expect(value == "t=1800000000,v1=32854fa8b4a0313db77f013259cccf66d22f5d4fb1da02e997f80dc42acb275d")
        #expect(AlertSettings.usualThresholds == [50, 80, 100])
    }

    /// What a sender tried, and how often it is refused.
    private struct Attempts: Sendable {
        var bodies: [String] = []
        var signatures: [String] = []
        var waits: [Duration] = []
        var refusals: Int
    }

    /// Runs a sender until all that waits is dealt with.
    private static func run(
        _ alerts: BudgetAlerts,
        refusing refusals: Int,
        memory: any AlertMemory = RecentAlerts(),
        until condition: @escaping @Sendable (Attempts) -> Bool
    ) async throws -> Attempts {
        let attempts = Watched(Attempts(refusals: refusals))
        let seconds = Watched(1_800_000_000)
        let sender = AlertSender(
            alerts,
            memory: memory,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            clock: { seconds.value * 1_000 },
            pause: { wait in
                seconds.change { $0 += 1 }
                attempts.change { $0.waits.append(wait) }
                return true
            },
            send: { (body, signature, _) async throws(TransportFailure) in
                attempts.change { attempts in
                    attempts.bodies.append(String(decoding: body, as: UTF8.self))
                    attempts.signatures.append(signature)
                    attempts.refusals -= 1
                }
                let left = attempts.value.refusals
                if left.isMultiple(of: 2), left >= 0 { throw TransportFailure(.refused, "") }
                return left >= 0 ? 500 : 204
            }
        )
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await sender.run() }
            let found = try await attempts.wait(for: "the attempts", condition)
            group.cancelAll()
            return found
        }
    }

    @Test("what is not taken is sent again with the same body and a new signature, after waits that grow")
    func retries() async throws {
        let alerts = BudgetAlerts(try Self.settings())
        let scope = BudgetWorld.scope(.tenant, daily: 10, in: BudgetAccounts(alerts: alerts))
        #expect(BudgetWorld.spend([scope], BudgetWorld.amount(5)) == nil)
        let found = try await Self.run(alerts, refusing: 4) { $0.bodies.count == 5 }
        #expect(Set(found.bodies).count == 1 && Set(found.signatures).count == 5 && found.waits.count == 4)
        for (number, wait) in found.waits.enumerated() { #expect(wait <= .seconds(1 << number)) }
    }

    @Test("what is never taken is given up, and the next one is sent; what was sent before is not")
    func givenUp() async throws {
        let alerts = BudgetAlerts(try Self.settings())
        let scope = BudgetWorld.scope(.tenant, daily: 10, in: BudgetAccounts(alerts: alerts))
        let memory = RecentAlerts()
        memory.noteSent("tenant:tenant_1:daily_budget:2027-01-15:80", at: 0)
        #expect(BudgetWorld.spend([scope], BudgetWorld.amount(10)) == nil)
        let most = AlertSender.mostAttempts
        let found = try await Self.run(alerts, refusing: most, memory: memory) { $0.bodies.count == most + 1 }
        #expect(found.bodies.prefix(most).allSatisfy { $0.contains(#""threshold":50"#) })
        #expect(found.bodies.last?.contains(#""threshold":100"#) == true)
    }

    @Test("the newest alerts are remembered, and the oldest forgotten")
    func memory() {
        let memory = RecentAlerts()
        for number in 0..<9_000 { memory.noteSent("\(number)", at: 0) }
        #expect(memory.wasSent("8999") && memory.wasSent("5000") && !memory.wasSent("0"))
    }

    @Test("an alert goes over the wire with its signature, and a redirect is not followed")
    func wire() async throws {
        let upstream = try await ScriptedUpstream.start(answers: [
            Answer.json("", status: 302, fields: [("location", "http://127.0.0.1:1/")]), Answer.json("{}", status: 200),
        ])
        let alerts = BudgetAlerts(try Self.settings(upstream.url + "/hook?team=a"))
        let post = AlertPost(TransportSettings())
        let scope = BudgetWorld.scope(.tenant, daily: 10, in: BudgetAccounts(alerts: alerts))
        #expect(BudgetWorld.spend([scope], BudgetWorld.amount(5)) == nil)
        let sender = AlertSender(
            alerts,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            pause: { _ in true },
            send: { (body, signature, settings) async throws(TransportFailure) in
                try await post.send(body, signature: signature, settings)
            }
        )
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await sender.run() }
            let request = try await upstream.request(1)
            #expect(request.method == "POST" && request.target == "/hook?team=a")
            #expect(request.field("content-type") == "application/json")
            let signature = try #require(request.field("x-torii-signature"))
            let time = try #require(signature.split(separator: ",").first.flatMap { Int($0.dropFirst(2)) })
            #expect(signature == AlertSignature.value(request.body, Secret(Self.secret), at: time))
            #expect(try JSONDocument(request.body).root["spent"]?.int == 5)
            group.cancelAll()
        }
        await upstream.shutdown()
    }
}
