import JSON

/// Checks masking on whatever the fuzzer thinks of; a broken property traps.
///
/// The first byte says how the rest is cut: masking gives the same at every chunking, everything comes back as it was, no text is
/// looked at too often, and JSON stays JSON. Compiled into one module with the pure part of Sources/Gateway/Masking.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: start, count: count))
    guard let size = bytes.first.map({ Int($0 % 64) + 1 }) else { return 0 }
    let text = Array(bytes.dropFirst())
    var whole = Masker(rules)
    let expected = whole.mask(text)
    var masker = Masker(rules)
    var masked: [UInt8] = []
    for chunk in chunks(of: text, size) { masked += masker.take(chunk) }
    masked += masker.finish()
    precondition(masked == expected, "another chunking gives something else")
    precondition(whole.steps <= 100 * text.count + 1_000, "a text is looked at too often")
    var unmasker = Unmasker(masker.map)
    var back: [UInt8] = []
    for chunk in chunks(of: masked, size) { back += unmasker.take(chunk) }
    precondition(back + unmasker.finish() == text, "a text does not come back as it was")
    checkJSON(text)
    return 0
}

private let rules: MaskRules = {
    do {
        return MaskRules(patterns: [try MaskPattern("badge", #"EMP-\d{6}"#)])
    } catch {
        preconditionFailure("\(error)")
    }
}()

private func chunks(of text: [UInt8], _ size: Int) -> [[UInt8]] {
    stride(from: 0, to: text.count, by: size).map { Array(text[$0..<min($0 + size, text.count)]) }
}

/// A text that is JSON is JSON masked as well, and says the same when all comes back; of one that is none, and of one that is cut,
/// nothing is asked but an end.
private func checkJSON(_ text: [UInt8]) {
    var cut = TextMask(rules)
    _ = cut.maskedJSON(text, isWhole: false)
    guard let original = json(text) else { return }
    var mask = TextMask(rules)
    guard let masked = json(mask.maskedJSON(text)) else { preconditionFailure("masked JSON is none") }
    precondition(comesBack(masked, original, mask.map), "masked JSON does not come back as it was")
    precondition(mask.map.copies == 0, "what was found is copied")
}

private func json(_ text: [UInt8]) -> JSONValue? { (try? JSONDocument(text).root).map { JSONValue($0) } }

/// Whether a masked value is the original one with its placeholders replaced; numbers may have become strings.
private func comesBack(_ masked: JSONValue, _ original: JSONValue, _ map: MaskMap) -> Bool {
    switch (masked, original) {
    case (.string(let masked), .string(let original)): textComesBack(masked, original, map)
    case (.string(let masked), .number(let original)): Unmasker.whole(masked, map) == original.text
    case (.array(let masked), .array(let original)):
        masked.count == original.count && zip(masked, original).allSatisfy { comesBack($0, $1, map) }
    case (.object(let masked), .object(let original)):
        masked.count == original.count
            && zip(masked.members, original.members).allSatisfy {
                textComesBack($0.key, $1.key, map) && comesBack($0.value, $1.value, map)
            }
    default: masked == original
    }
}

/// The same for a text, which may be JSON itself.
private func textComesBack(_ masked: String, _ original: String, _ map: MaskMap) -> Bool {
    let bytes = Array(original.utf8)
    let first = bytes.first { !ByteSet(" \t\r\n").contains($0) }
    guard first == UInt8(ascii: "{") || first == UInt8(ascii: "["), let value = json(bytes) else {
        return Array(Unmasker.whole(masked, map).utf8) == bytes
    }
    return json(Array(masked.utf8)).map { comesBack($0, value, map) } ?? false
}
