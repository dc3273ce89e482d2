import Gateway

/// How much may be asked of somebody or something, as far as the configuration says.
struct LimitConfiguration: Sendable {
    private(set) var given: [(member: LimitSet.Member, setting: Setting<Int>)] = []

    /// Reads every limit that stands in a mapping, where it may stand beside others.
    static func read(_ reader: MappingReader) -> LimitConfiguration {
        var limits = LimitConfiguration()
        for member in LimitSet.Member.allCases {
            guard let setting = reader.integer(member.rawValue, in: LimitSet.bounds) else { continue }
            limits.given.append((member, setting))
        }
        return limits
    }

    /// The same as the gateway takes it.
    var set: LimitSet {
        var set = LimitSet()
        for limit in given { set[limit.member] = limit.setting.value }
        return set
    }

    /// What `YAMLText` writes: names, values and where they come from.
    var lines: [(String, String, ValueOrigin)] {
        given.map { ($0.member.rawValue, String($0.setting.value), $0.setting.origin) }
    }
}
