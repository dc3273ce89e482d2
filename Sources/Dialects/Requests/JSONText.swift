/// Questions about a scanned text's raw bytes that need no parsing.
enum JSONText {
    /// Whether any string in a valid JSON text holds a control character (U+0000 to U+001F, U+007F to U+009F).
    ///
    /// Below U+0020 they can only be there as escapes; the scan has refused all others.
    static func holdsControl(_ bytes: UnsafeRawBufferPointer) -> Bool {
        var at = 0
        while at < bytes.count {
            switch bytes[at] {
            case 0x5C:
                if isControlEscape(bytes, at: at &+ 1) { return true }
                at &+= 2
            case 0x7F: return true
            case 0xC2 where at &+ 1 < bytes.count && bytes[at &+ 1] < 0xA0: return true
            default: at &+= 1
            }
        }
        return false
    }

    private static func isControlEscape(_ bytes: UnsafeRawBufferPointer, at offset: Int) -> Bool {
        guard offset < bytes.count else { return false }
        guard bytes[offset] == 0x75 else { return "bfnrt".utf8.contains(bytes[offset]) }
        let scalar = hex(bytes, at: offset &+ 1)
        return scalar < 0x20 || (0x7F...0x9F).contains(scalar)
    }

    private static func hex(_ bytes: UnsafeRawBufferPointer, at offset: Int) -> UInt32 {
        var value: UInt32 = 0
        for index in offset..<min(offset &+ 4, bytes.count) {
            let byte = bytes[index]
            let digit = byte < 0x40 ? byte &- 0x30 : (byte | 0x20) &- 0x57
            value = value << 4 | UInt32(digit)
        }
        return value
    }
}
