import Testing

@testable import Providers

@Suite struct FirstTokenTimesTests {
    @Test("nineteen of twenty stay below it, and twenty have to be known")
    func percentile() {
        var times = FirstTokenTimes()
        for number in 1...19 { times.note(.milliseconds(number)) }
        #expect(times.percentile95 == nil)
        times.note(.milliseconds(20))
        #expect(times.percentile95 == .milliseconds(20))
        for number in 21...100 { times.note(.milliseconds(number)) }
        #expect(times.percentile95 == .milliseconds(96))
    }

    @Test("only the latest count")
    func latest() {
        var times = FirstTokenTimes()
        for _ in 0..<128 { times.note(.seconds(9)) }
        for _ in 0..<128 { times.note(.milliseconds(5)) }
        #expect(times.percentile95 == .milliseconds(5))
    }
}
