/// What a key of some service looks like.
private struct KeyShape: Sendable {
    let prefix: StaticString
    let body: ByteSet
    let lengths: ClosedRange<Int>
    /// Whether there has to be a digit in it, where words could look the same.
    var needsDigit = false

    init(_ prefix: StaticString, _ body: ByteSet, _ lengths: ClosedRange<Int>, needsDigit: Bool = false) {
        self.prefix = prefix
        self.body = body
        self.lengths = lengths
        self.needsDigit = needsDigit
    }

    private static let dashed = ByteSet("A-Za-z0-9_-")

    static let all: [KeyShape] = [
        // OpenAI, Anthropic (sk-ant-), this gateway (sk-torii-) and many others.
        KeyShape("sk-", dashed, 16...512, needsDigit: true),
        KeyShape("sk_live_", .alphanumeric, 16...255), KeyShape("sk_test_", .alphanumeric, 16...255),
        KeyShape("rk_live_", .alphanumeric, 16...255), KeyShape("rk_test_", .alphanumeric, 16...255),
        KeyShape("ghp_", .alphanumeric, 36...255), KeyShape("gho_", .alphanumeric, 36...255),
        KeyShape("ghu_", .alphanumeric, 36...255), KeyShape("ghs_", .alphanumeric, 36...255),
        KeyShape("ghr_", .alphanumeric, 36...255), KeyShape("github_pat_", .word, 22...255),
        KeyShape("glpat-", dashed, 20...255), KeyShape("AKIA", ByteSet("A-Z0-9"), 16...16),
        KeyShape("ASIA", ByteSet("A-Z0-9"), 16...16), KeyShape("xoxa-", dashed, 10...255),
        KeyShape("xoxb-", dashed, 10...255), KeyShape("xoxp-", dashed, 10...255),
        KeyShape("xoxr-", dashed, 10...255), KeyShape("xoxs-", dashed, 10...255),
        KeyShape("AIza", dashed, 35...35), KeyShape("hf_", .alphanumeric, 30...255),
        KeyShape("npm_", .alphanumeric, 36...36),
    ]

    /// Where a key of this shape ends that begins at the cursor.
    func end(_ cursor: inout MaskCursor) -> Int? {
        guard cursor.take(prefix) else { return nil }
        var (count, hasDigit) = (0, !needsDigit)
        while count < lengths.upperBound, let byte = cursor.peek(), body.contains(byte) {
            hasDigit = hasDigit || ByteSet.digits.contains(byte)
            cursor.at += 1
            count += 1
        }
        guard lengths.contains(count), hasDigit else { return nil }
        // One of a fixed length is none within something longer.
        if lengths.count == 1, cursor.isNext(in: body) { return nil }
        return cursor.at
    }
}

extension MaskDetector {
    /// The keys of services, by what they begin with.
    static let keys: MaskDetector = {
        var first = ByteSet()
        for shape in KeyShape.all { first.insert(shape.prefix.utf8Start[0]...shape.prefix.utf8Start[0]) }
        return MaskDetector(first: first, notBehind: ByteSet("A-Za-z0-9_-")) { cursor in
            let start = cursor.at
            for shape in KeyShape.all {
                if let end = shape.end(&cursor) { return MaskFind(label: MaskKind.secret.label, end: end) }
                cursor.at = start
            }
            return nil
        }
    }()
}
