import Testing

@testable import Gateway

@Suite("A histogram")
struct HistogramTests {
    @Test(
        "counts a value in the first bucket whose bound is not below it",
        arguments: [(-1, 0), (0.5, 0), (1, 0), (1.5, 1), (4, 1), (4.5, 2), (1e300, 2)] as [(Double, Int)]
    )
    func bucket(value: Double, bucket: Int) {
        var histogram = Histogram(bounds: [1, 4])
        histogram.note(value)
        var expected: [UInt64] = [0, 0, 0]
        expected[bucket] = 1
        #expect(histogram.counts == expected)
        #expect(histogram.sum == value)
        #expect(histogram.count == 1)
    }

    @Test("leaves out what is no finite number", arguments: [Double.nan, .infinity, -Double.infinity])
    func notFinite(value: Double) {
        var histogram = Histogram(bounds: [1])
        histogram.note(value)
        histogram.note(value, exemplar: Exemplar(requestID: "req_1", value: value, at: 1))
        #expect(histogram == Histogram(bounds: [1]))
    }

    @Test("keeps the newest exemplar of each bucket, also of another's")
    func exemplars() {
        func exemplar(_ id: String, _ value: Double, at time: Double) -> Exemplar {
            Exemplar(requestID: id, value: value, at: time)
        }
        var one = Histogram(bounds: [1, 4])
        one.note(0.5, exemplar: exemplar("a", 0.5, at: 1))
        one.note(0.25, exemplar: exemplar("b", 0.25, at: 2))
        one.note(3, exemplar: exemplar("c", 3, at: 9))
        #expect(one.exemplars.map { $0?.requestID } == ["b", "c", nil])

        var other = Histogram(bounds: [1, 4])
        other.note(0.5, exemplar: exemplar("d", 0.5, at: 3))
        other.note(2, exemplar: exemplar("e", 2, at: 4))
        other.note(5, exemplar: exemplar("f", 5, at: 5))
        one.merge(other)
        #expect(one.exemplars.map { $0?.requestID } == ["d", "c", "f"])
        #expect(one.counts == [3, 2, 1])
        #expect(one.sum == 11.25)

        var empty = Histogram(bounds: [1, 4])
        empty.merge(one)
        #expect(empty == one)
    }
}
