import Foundation
import Testing

@Suite("The fuzzer's corpus of HTTP/1") struct HTTP1CorpusTests {
    private static let targets: [String: @Sendable ([UInt8]) -> Void] = [
        "http1-request": HTTP1Target.checkRequests, "http1-response": HTTP1Target.checkResponses,
    ]

    @Test(
        "each message, and each that ends early or has one other byte, is the same at every cut",
        arguments: targets.keys.sorted()
    )
    func corpus(_ name: String) throws {
        let folder = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../../Fuzz/Corpus/Wire/\(name)").standardized
        let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
        #expect(!files.isEmpty)
        let check = try #require(Self.targets[name])
        for file in files {
            let bytes = [UInt8](try Data(contentsOf: file))
            check(bytes)
            for place in bytes.indices {
                check(Array(bytes[..<place]))
                var changed = bytes
                changed[place] = [0x0A, 0x0D, 0x20, 0x30, 0x3A, 0xFF][place % 6]
                check(changed)
            }
        }
    }
}
