/// Where torii keeps what outlives a run of it, for one user.
enum StateFolder {
    /// `$XDG_STATE_HOME/torii`, which is `~/.local/state/torii` where the variable names no absolute path.
    static func path(_ environment: [String: String]) -> String {
        let state = environment["XDG_STATE_HOME"].flatMap { $0.hasPrefix("/") ? $0 : nil }
        return (state ?? ConfigurationFile.home(environment) + "/.local/state") + "/torii"
    }
}
