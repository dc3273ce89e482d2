/// The quickest and the median of many runs, in microseconds.
func timed(rounds: Int, _ body: () throws -> Int) rethrows -> (best: Double, median: Double) {
    var times: [Double] = []
    var sum = 0
    let clock = ContinuousClock()
    for _ in 0..<rounds {
        let start = clock.now
        sum &+= try body()
        let (seconds, attoseconds) = (clock.now - start).components
        times.append(Double(seconds) * 1e6 + Double(attoseconds) / 1e12)
    }
    precondition(sum != 0, "the work was optimised away")
    times.sort()
    return (times[0], times[rounds / 2])
}
