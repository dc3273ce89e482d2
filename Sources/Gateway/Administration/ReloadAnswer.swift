import JSON

extension AdministrationReply {
    /// What comes of a wish to read the configuration again; `remarks` are more that is worth knowing.
    init(_ outcome: Reloader.Outcome, remarks: [String] = []) {
        switch outcome {
        case .success(let success):
            var writer = JSONWriter()
            writer.object { object in
                object.member("config_ok", 1)
                object.member("config_generation", success.generation)
                for (name, texts) in [
                    ("warnings", success.warnings + remarks), ("restart_needed", success.restartNeeded),
                ] {
                    object.key(name)
                    object.array { list in
                        for text in texts { list.string(text) }
                    }
                }
            }
            self.init(status: 200, body: writer.bytes)
        case .failure(let problem):
            self.init(AdministrationProblem(.invalidConfiguration, problem.description, faults: problem.faults))
        case .unavailable:
            self.init(
                AdministrationProblem(
                    .nothingToReload,
                    "The gateway stops, or was started without a configuration that it could read again."
                )
            )
        }
    }
}

extension ReloadProblem.Fault {
    func write(to writer: inout JSONWriter) {
        writer.object { object in
            object.member("code", code)
            object.member("message", message)
            object.memberIfPresent("file", file)
            object.memberIfPresent("line", line)
            object.memberIfPresent("column", column)
            object.memberIfPresent("next_step", nextStep)
        }
    }
}
