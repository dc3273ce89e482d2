import Dialects
import NIOCore
import Providers
import Testing

@testable import Gateway

@Suite("What a body has to be")
struct BodyRuleTests {
    @Test("the budget takes up to its limit and gets back what is given")
    func budget() {
        let budget = BodyBudget(limit: 10)
        #expect(budget.take(4))
        #expect(budget.take(6))
        #expect(!budget.take(1))
        budget.giveBack(4)
        #expect(!budget.take(5))
        #expect(budget.take(4))
        #expect(budget.take(0))
    }

    @Test("many takers together never get more than there is")
    func manyTakers() async {
        let budget = BodyBudget(limit: 100)
        let taken = await withTaskGroup(of: Int.self) { group in
            for _ in 0..<8 {
                group.addTask { (0..<100).count { _ in budget.take(1) } }
            }
            return await group.reduce(0, +)
        }
        #expect(taken == 100)
    }

    @Test(
        "B3, B6: each claim of the head has its answer",
        arguments: [
            ("content-length", "10", nil), ("content-length", "11", 413), ("content-encoding", "identity", nil),
            ("content-type", "application/json", nil), ("content-type", "APPLICATION/JSON ; charset=utf-8", nil),
            ("content-type", "text/plain", 415),
            ("content-type", "application/json; charset=latin1", 415), ("content-type", ";", 415),
        ] as [(String, String, Int?)]
    )
    func claims(_ name: String, _ value: String, _ status: Int?) {
        var found: Int?
        do throws(Refusal) {
            try BodyRule(limit: 10).check(CallerFields(Fields([(name, value)])))
        } catch {
            found = error.body.status
        }
        #expect(found == status)
    }

    @Test("a held body takes what fits, whatever its parts are")
    func heldBody() {
        var held = BodyRelay(status: 200, limit: 10)
        for _ in 0..<5 {
            let fits = held.take(ByteBuffer(string: "xy"))
            #expect(fits)
        }
        let fits = held.take(ByteBuffer(string: "z"))
        #expect(!fits)
        #expect(String(buffer: held.bytes) == "xyxyxyxyxyz")
    }
}
