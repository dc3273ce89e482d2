import Foundation
import Testing

@testable import torii

@Suite struct FileWatchTests {
    /// Keeps what the watch has seen.
    private final class Watch {
        private var watch = FileWatch()

        func look(_ now: [String: FileIdentity], read: [String: FileIdentity]) -> Bool { watch.look(now, read: read) }
    }

    @Test("a change is told once, when two looks have seen the same")
    func once() throws {
        let scratch = try Scratch()
        let file = try scratch.write("config.yaml", "a")
        func look() -> [String: FileIdentity] { FileIdentity.all(of: [file]) }
        let read = look()
        let watch = Watch()
        #expect(!watch.look(look(), read: read))
        try scratch.write("config.yaml", "ab")
        #expect(!watch.look(look(), read: read))
        try scratch.write("config.yaml", "abc")
        #expect(!watch.look(look(), read: read), "it was still being written")
        #expect(watch.look(look(), read: read))
        #expect(!watch.look(look(), read: read), "it was told")
        #expect(!watch.look(look(), read: look()), "it was read")
        try scratch.write("config.yaml", "ab")
        let changed = look()
        #expect(!watch.look(changed, read: read))
        #expect(watch.look(changed, read: read))
    }

    @Test("a file that goes and comes back within a look is no change, and one that stays away is")
    func gone() throws {
        let scratch = try Scratch()
        let file = try scratch.write("config.yaml", "a")
        let read = FileIdentity.all(of: [file])
        let watch = Watch()
        #expect(!watch.look([:], read: read))
        #expect(!watch.look(read, read: read))
        #expect(!watch.look([:], read: read))
        #expect(watch.look([:], read: read))
    }

    @Test("another file in the place of the first, a link that is led elsewhere and a longer text are other identities")
    func identity() throws {
        let scratch = try Scratch()
        let file = try scratch.write("config.yaml", "a")
        let first = FileIdentity(at: file)
        #expect(first != nil && first == FileIdentity(at: file))
        // Written beside it and put in its place, as editors do.
        try scratch.write("config.yaml", "a")
        #expect(FileIdentity(at: file) != first)
        let other = try scratch.write("other.yaml", "b")
        let link = scratch.path + "/link.yaml"
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: file)
        #expect(FileIdentity(at: link) == FileIdentity(at: file))
        try FileManager.default.removeItem(atPath: link)
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: other)
        #expect(FileIdentity(at: link) == FileIdentity(at: other))
        #expect(FileIdentity(at: scratch.path + "/nothing") == nil)
    }
}
