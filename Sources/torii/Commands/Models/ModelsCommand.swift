import ArgumentParser

/// The command `torii models`.
struct ModelsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "models",
        abstract: "List, show and pull models.",
        subcommands: [ModelsList.self, ModelsShow.self, ModelsPull.self]
    )
}

/// Numbers as people read them.
enum Figures {
    /// Bytes in binary units with one decimal: `1.2 GiB`.
    static func bytes(_ count: Int) -> String {
        var value = Double(count)
        for unit in ["B", "KiB", "MiB", "GiB"] {
            if value < 1024 || unit == "GiB" {
                return unit == "B" ? "\(count) B" : "\(tenths(value)) \(unit)"
            }
            value /= 1024
        }
        return "\(count) B"
    }

    /// A number without a fraction that is nothing: `2`, `0.25`.
    static func amount(_ value: Double) -> String {
        value == value.rounded() && abs(value) < 1e9 ? String(Int(value)) : String(value)
    }

    static func tenths(_ value: Double) -> String {
        let scaled = Int((value * 10).rounded())
        return "\(scaled / 10).\(scaled % 10)"
    }

    /// `42s`, `3m10s`, `1h05m`.
    static func wait(_ seconds: Int) -> String {
        if seconds < 60 { return "\(seconds)s" }
        if seconds < 3600 { return "\(seconds / 60)m\(twoDigits(seconds % 60))s" }
        return "\(seconds / 3600)h\(twoDigits(seconds % 3600 / 60))m"
    }

    private static func twoDigits(_ number: Int) -> String { number < 10 ? "0\(number)" : String(number) }
}
