import Foundation
import Testing

@Suite("The fuzzer's corpus") struct CorpusTests {
    private static let corpus = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../Fuzz/Corpus/Dialects").standardized

    @Test("every reader of the wire takes its corpus without a crash", arguments: DialectTargets.all.keys.sorted())
    func corpus(_ name: String) throws {
        let folder = Self.corpus.appending(path: name)
        let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
        #expect(!files.isEmpty)
        let check = try #require(DialectTargets.all[name])
        for file in files { check([UInt8](try Data(contentsOf: file))) }
    }
}
