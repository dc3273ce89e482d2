import Gateway

/// How requests are accounted for, as far as the configuration says; nil is the gateway's own default.
struct MeteringConfiguration: Sendable {
    /// When the journal is brought to the disk itself.
    enum Synchronisation: String, Sendable, CaseIterable {
        case never
        case everySecond = "every_second"
        case always
    }

    var isOn: Setting<Bool>?
    var sync: Setting<Synchronisation>?
    var segmentBytes: Setting<Int>?
    var maximumBytes: Setting<Int>?
    var spoolBytes: Setting<Int>?
    /// Days for which single records are kept, and sums of them.
    var recordDays: Setting<Int>?
    var sumDays: Setting<Int>?

    /// Reads `server.metering`.
    static func read(_ reader: MappingReader) -> MeteringConfiguration {
        var metering = MeteringConfiguration()
        metering.isOn = reader.boolean("enabled")
        metering.sync = reader.choice("sync")
        metering.segmentBytes = reader.size("segment_bytes", atLeast: JournalSettings.leastSegmentBytes)
        metering.maximumBytes = reader.size("max_bytes")
        metering.spoolBytes = reader.size("spool_bytes")
        metering.recordDays = reader.integer("record_days", in: 1...3_660)
        metering.sumDays = reader.integer("sum_days", in: 62...36_600)
        return metering
    }

    /// The same as the gateway takes it, kept beside `place`.
    func settings(at place: StoreSettings.Place) -> MeteringSettings {
        var settings = MeteringSettings()
        settings.isOn = isOn?.value ?? settings.isOn
        if case .file(let path) = place, let slash = path.lastIndex(of: "/") {
            settings.journal.place = .folder(path[...slash] + "journal")
        }
        settings.ledger.place = IdentityStore.Place(place)
        switch sync?.value {
        case .never: settings.journal.sync = .never
        case .everySecond: settings.journal.sync = .everySecond
        case .always: settings.journal.sync = .always
        case nil: break
        }
        settings.journal.segmentBytes = segmentBytes?.value ?? settings.journal.segmentBytes
        settings.journal.maximumBytes = maximumBytes?.value ?? settings.journal.maximumBytes
        settings.journal.spoolBytes = spoolBytes?.value ?? settings.journal.spoolBytes
        settings.ledger.retention = recordDays?.value ?? settings.ledger.retention
        settings.ledger.rollupRetention = sumDays?.value ?? settings.ledger.rollupRetention
        return settings
    }

    func write(to yaml: inout YAMLText) {
        let lines: [(String, String, ValueOrigin)?] = [
            isOn.map { ("enabled", String($0.value), $0.origin) },
            sync.map { ("sync", $0.value.rawValue, $0.origin) },
            segmentBytes.map { ("segment_bytes", Quantity.text(bytes: $0.value), $0.origin) },
            maximumBytes.map { ("max_bytes", Quantity.text(bytes: $0.value), $0.origin) },
            spoolBytes.map { ("spool_bytes", Quantity.text(bytes: $0.value), $0.origin) },
            recordDays.map { ("record_days", String($0.value), $0.origin) },
            sumDays.map { ("sum_days", String($0.value), $0.origin) },
        ]
        let given = lines.compactMap(\.self)
        if !given.isEmpty { yaml.add("metering", "", depth: 1) }
        for (key, value, origin) in given { yaml.add(key, value, depth: 2, origin: origin) }
    }
}
