import Testing

@testable import torii

@Suite("The code that only the start has run")
struct StartUpCodeTests {
    @Test("Only the program's own code counts")
    func ranges() {
        let maps = """
            55d0a0000000-55d0a0100000 r--p 00000000 fe:00 1234   /usr/local/bin/torii
            55d0a0100000-55d0a3000000 r-xp 00100000 fe:00 1234   /usr/local/bin/torii
            55d0a3000000-55d0a3200000 rw-p 03000000 fe:00 1234   /usr/local/bin/torii
            7f0000000000-7f0000100000 r-xp 00000000 fe:00 99     /usr/lib/x86_64-linux-gnu/libc.so.6
            7f0000200000-7f0000300000 rw-p 00000000 00:00 0
            7ffd00000000-7ffd00021000 r-xp 00000000 00:00 0      [vdso]
            """
        #expect(StartUpCode.ranges(of: "/usr/local/bin/torii", in: maps) == [0x55d0_a010_0000..<0x55d0_a300_0000])
        #expect(StartUpCode.ranges(of: "/usr/local/bin/other", in: maps).isEmpty)
        #expect(StartUpCode.ranges(of: "/usr/local/bin/torii", in: "not\na map").isEmpty)
    }
}
