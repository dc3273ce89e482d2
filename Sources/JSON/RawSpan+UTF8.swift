extension RawSpan {
    /// Whether the bytes are well-formed UTF-8: no overlong form, no surrogate, nothing above U+10FFFF and nothing cut.
    package var isUTF8: Bool {
        withBytes { text in
            var at = 0
            while at < text.count {
                if at + 16 <= text.count {
                    let unusual = text.lanes(at: at).topBits
                    at += (unusual | 0x10000).trailingZeroBitCount
                    if unusual == 0 { continue }
                }
                guard text[at] >= 0x80 else {
                    at += 1
                    continue
                }
                // The error says where and why, which nobody asks for here.
                guard let end = try? text.endOfScalar(at: at) else { return false }
                at = end
            }
            return true
        }
    }
}
