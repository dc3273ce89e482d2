import ArgumentParser

/// The command `torii status`.
struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Show how a running gateway and its providers are.",
        discussion:
            "Asks the administration listener of the configuration, with the key of $TORII_API_KEY if there is one."
    )

    @Option(help: "The administration listener, such as http://127.0.0.1:8788.")
    var url: String?

    @Flag(help: "Show it anew each second, until Ctrl-C.")
    var watch = false

    @Option(name: [.customLong("format"), .customLong("output-format")], help: "How it is printed: text or json.")
    var format = ListFormat.text

    @OptionGroup var options: ConfigurationOptions

    func run() async throws {
        let reader = try StatusReader(
            address: url ?? options.administrationAddress,
            key: options.environment["TORII_API_KEY"]
        )
        guard watch else {
            let answer: StatusReader.Answer
            do throws(StatusReader.Failure) { answer = try await reader.read() } catch {
                Console.standard.note("torii: \(error.message)\n  \(error.nextStep)")
                throw Exit(.failed)
            }
            return try Console.standard.write(Self.text(answer, format))
        }
        let (format, console) = (format, Console.standard)
        try await Interruption.run { () async throws -> Void in
            repeat {
                let picture = await Self.frame(reader, format)
                guard !Task.isCancelled else { return }
                try console.show(picture, redraws: format == .text)
            } while (try? await Task.sleep(for: .seconds(1))) != nil  // Only cancellation throws.
        }
    }

    private static func text(_ answer: StatusReader.Answer, _ format: ListFormat) -> String {
        format == .json ? String(decoding: answer.json, as: UTF8.self) + "\n" : answer.report.text
    }

    /// One picture of many; that there is none now is one as well.
    private static func frame(_ reader: StatusReader, _ format: ListFormat) async -> String {
        do throws(StatusReader.Failure) {
            return text(try await reader.read(), format)
        } catch {
            guard format == .json else { return "torii: \(error.message)\n" }
            Console.standard.note("torii: \(error.message)")
            return ""
        }
    }
}

extension Console {
    /// Shows one picture of many: in the place of the one before on a terminal, behind it elsewhere.
    fileprivate func show(_ text: String, redraws: Bool) throws(ReaderGone) {
        if redraws, outputIsTerminal { return try redraw(text) }
        try write(redraws ? text + "\n" : text)
    }
}
