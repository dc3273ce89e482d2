import ArgumentParser

/// The command `torii usage`.
struct UsageCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "usage",
        abstract: "Report, follow and export what was used and what it cost.",
        subcommands: [UsageReportCommand.self, UsageTailCommand.self, UsageExportCommand.self]
    )

    static let path = "/admin/v1/usage"
    static let recordsPath = "/admin/v1/usage/records"
}
