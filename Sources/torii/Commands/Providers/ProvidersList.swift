import ArgumentParser
import Inference
import JSON

/// The command `torii providers list`.
struct ProvidersList: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the providers; the default one is marked with a star."
    )

    @OptionGroup var options: ConfigurationOptions

    @Option(help: "How the list is printed: text or json.")
    var outputFormat = ListFormat.text

    func run() throws {
        let configuration = try options.load()
        let text =
            switch outputFormat {
            case .text: Self.table(configuration)
            case .json: Self.json(configuration)
            }
        try Console.standard.write(text)
    }

    private static func table(_ configuration: Configuration) -> String {
        var table = TextTable(["NAME", "ADDRESS", "MODEL", "DIALECT", "KEY"])
        for provider in configuration.providers {
            let isDefault = provider.name.value == configuration.defaultProvider?.value
            table.add([
                provider.name.value + (isDefault ? " *" : ""), provider.address.value.description,
                provider.model?.value ?? "-", provider.dialect?.value.rawValue ?? "auto", key(provider),
            ])
        }
        return table.text
    }

    private static func json(_ configuration: Configuration) -> String {
        var writer = JSONWriter()
        writer.array { list in
            for provider in configuration.providers {
                list.object { object in
                    object.member("name", provider.name.value)
                    object.member("base_url", provider.address.value.description)
                    object.memberIfPresent("model", provider.model?.value)
                    object.member("dialect", provider.dialect?.value.rawValue ?? "auto")
                    object.member("default", provider.name.value == configuration.defaultProvider?.value)
                }
            }
        }
        return String(decoding: writer.bytes, as: UTF8.self) + "\n"
    }

    /// Where the key is, never the key.
    private static func key(_ provider: ProviderConfiguration) -> String {
        guard let key = provider.apiKey else { return "-" }
        return key.value.shown.isEmpty ? "none" : key.value.shown
    }
}
