import Dialects
import Testing

@testable import Providers

@Suite struct RetryHintsFieldsTests {
    @Test(
        "F8: of several limits the reset of the one that is used up counts",
        arguments: [
            ([("retry-after", "7")], 7.0), ([("retry-after-ms", "1500"), ("retry-after", "9")], 1.5),
            ([("x-ratelimit-reset", "12")], 12),
            (
                [
                    ("x-ratelimit-remaining-requests", "0"), ("x-ratelimit-reset-requests", "1.5s"),
                    ("x-ratelimit-remaining-tokens", "99"), ("x-ratelimit-reset-tokens", "6m0s"),
                ], 1.5
            ),
            ([("x-ratelimit-remaining-tokens", "0"), ("x-ratelimit-reset-tokens", "2m59.5s")], 179.5),
            ([("x-ratelimit-remaining-tokens", "5"), ("x-ratelimit-reset-tokens", "2m")], nil),
            ([("x-ratelimit-reset", "1764234010")], 10), ([("x-ratelimit-reset", "1764234010000")], 10),
            (
                [
                    ("anthropic-ratelimit-tokens-remaining", "0"),
                    ("anthropic-ratelimit-tokens-reset", "2025-11-27T09:00:20Z"),
                ], 20
            ),
            ([("x-ratelimit-reset", "soon")], nil), ([("x-ratelimit-reset", "")], nil),
            ([("x-ratelimit-reset", "-4")], nil), ([("x-ratelimit-reset", "1")], 1), ([], nil),
        ] as [([(String, String)], Double?)]
    )
    func reset(_ fields: [(String, String)], _ expected: Double?) {
        // 2025-11-27T09:00:00Z.
        #expect(RetryHints(Fields(fields), now: 1_764_234_000).delay() == expected)
    }
}
