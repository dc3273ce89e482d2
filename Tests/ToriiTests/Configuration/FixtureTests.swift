import Foundation
import Testing

@testable import torii

/// The configuration files in `Tests/Fixtures/Configuration`, each with what reading it gives in `NAME.expected`.
///
/// Run with `TORII_RECORD=1` to write the expectations anew, and read the difference.
@Suite struct FixtureTests {
    static let folder = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Fixtures/Configuration").path

    static let names: [String] = {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return names.filter { !$0.hasSuffix(".expected") }.sorted()
    }()

    @Test("a configuration file gives its recorded values or its recorded faults", arguments: names)
    func fixture(name: String) throws {
        let result = Self.reading(of: name)
        let path = "\(Self.folder)/\(name).expected"
        if ProcessInfo.processInfo.environment["TORII_RECORD"] != nil {
            try result.write(toFile: path, atomically: true, encoding: .utf8)
        }
        #expect(result == (try String(contentsOfFile: path, encoding: .utf8)))
    }

    @Test("no fault and no shown configuration holds a secret", arguments: names)
    func secrets(name: String) {
        #expect(!Self.reading(of: name).contains("sk-canary"))
    }

    @Test("one configuration in three formats is the same configuration")
    func formats() throws {
        let texts = try ["yaml", "json", "toml"].map { suffix in
            let configuration = try Configuration.load(path: "\(Self.folder)/everything.\(suffix)", environment: [:])
            return configuration.text(origins: false)
        }
        #expect(texts[0] == texts[1])
        #expect(texts[0] == texts[2])
    }

    private static func reading(of name: String) -> String {
        let text: String
        do {
            let environment = ["HOME": "/home/kai"]
            let configuration = try Configuration.load(path: "\(folder)/\(name)", environment: environment)
            text = configuration.text(origins: true) + configuration.leftOut.map { "left out: \($0)\n" }.joined()
        } catch {
            text = "\(error)\n"
        }
        return text.replacing(folder + "/", with: "")
    }
}
