import CZlib

/// Frames around bytes that no record has.
enum FrameBytes {
    static func sealed(_ payload: [UInt8]) -> [UInt8] {
        let sum = UInt32(truncatingIfNeeded: crc32(0, payload, UInt32(payload.count)))
        return four(UInt32(payload.count)) + four(sum) + payload
    }

    private static func four(_ number: UInt32) -> [UInt8] {
        (0..<4).map { UInt8(truncatingIfNeeded: number >> UInt32(8 * $0)) }
    }
}
