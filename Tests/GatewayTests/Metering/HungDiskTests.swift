import Dispatch
import ScriptedUpstream
import Testing

@testable import Gateway

@Suite("A disk that hangs")
struct HungDiskTests {
    @Test("F18: at the end clients are let go before anybody waits for the disk")
    func stop() async throws {
        let scratch = try Scratch()
        let hangs = Watched(true)
        let reached = Watched(false)
        let gate = DispatchSemaphore(value: 0)
        var disk = JournalDisk.system
        disk.synchronise = { descriptor in
            if hangs.value {
                reached.change { $0 = true }
                gate.wait()
            }
            return JournalDisk.system.synchronise(descriptor)
        }
        let upstream = try await ScriptedUpstream.start(answers: [Sample.chat.answer(stream: false), [.stall]])
        try await withGateway([try .scripted(upstream)], journalDisk: disk) {
            $0.limits.drainTimeout = .milliseconds(20)
            $0.metering.journal.place = .folder(scratch.path + "/journal")
            $0.metering.ledger.place = .folder(scratch.path)
        } body: { gateway in
            defer {
                hangs.change { $0 = false }
                gate.signal()
            }
            #expect(try await gateway.send(Sample.chat.request()).status == 200)
            try await reached.wait(for: "the disk to hang") { $0 }
            let client = try await gateway.connect()
            try await client.send(Sample.chat.request())
            _ = try await upstream.request(1)
            await gateway.beginStop()
            _ = try await client.untilClosed(within: .seconds(10))
        }
        await upstream.shutdown()
    }
}
