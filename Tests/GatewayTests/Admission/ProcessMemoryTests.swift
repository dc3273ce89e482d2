import Foundation
import Testing

@testable import Gateway

@Suite("The process's memory")
struct ProcessMemoryTests {
    /// Writes files below a folder of its own, which is removed afterwards.
    private func withFiles(_ files: [String: String], _ body: (String) throws -> Void) throws {
        let root = FileManager.default.temporaryDirectory.appending(path: "torii-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: root) }
        for (name, text) in files {
            let file = root.appending(path: name)
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(),
                withIntermediateDirectories: true
            )
            try Data(text.utf8).write(to: file)
        }
        try body(root.path)
    }

    @Test("is known on Linux, and is some megabytes")
    func resident() throws {
        #if os(Linux)
        #expect(try #require(ProcessMemory.resident()) > 1 << 20)
        #endif
    }

    @Test("its limit is the least of the group's own and of those above it")
    func unified() throws {
        let files = [
            "memory.max": "max\n", "system.slice/memory.max": "2000000\n",
            "system.slice/torii.service/memory.max": "3000000\n",
        ]
        try withFiles(files) { root in
            #expect(ProcessMemory.limit(root: root, groups: "0::/system.slice/torii.service\n") == 2_000_000)
            #expect(ProcessMemory.limit(root: root, groups: "0::/\n") == nil)
            #expect(ProcessMemory.limit(root: root, groups: "0::/elsewhere\n") == nil)
        }
    }

    @Test("its limit is found in the older hierarchy, where no machine's memory means none")
    func older() throws {
        let files = [
            "memory/docker/1/memory.limit_in_bytes": "5000000\n",
            "memory/memory.limit_in_bytes": "9223372036854771712\n",
        ]
        try withFiles(files) { root in
            let groups = "12:cpu,cpuacct:/docker/1\n4:memory:/docker/1\n1:name=systemd:/docker/1\n"
            #expect(ProcessMemory.limit(root: root, groups: groups) == 5_000_000)
            #expect(ProcessMemory.limit(root: root, groups: "4:memory:/\n") == nil)
            #expect(ProcessMemory.limit(root: root, groups: "4:cpu:/docker/1\n") == nil)
        }
    }
}
