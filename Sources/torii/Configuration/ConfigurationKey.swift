/// One key of the configuration: what `docs/configuration.md` says of it, and what makes every other key unknown.
struct ConfigurationKey: Sendable, Hashable {
    /// The full path; `[]` stands for any element of a list.
    var path: String
    /// The kind of value, in the document's words.
    var kind: String
    /// The value where none is given; empty where there is none.
    var builtIn: String

    private init(_ path: String, _ kind: String, _ builtIn: String = "") {
        self.path = path
        self.kind = kind
        self.builtIn = builtIn
    }

    /// Every key, in the order of the document.
    static let all: [ConfigurationKey] = [
        .init("providers", "list"),
        .init("providers[].name", "name"),
        .init("providers[].base_url", "URL or `scripted:`"),
        .init("providers[].api_key", "secret"),
        .init("providers[].model", "text"),
        .init("providers[].dialect", "`auto`, `chat`, `responses`, `messages`, `ollama`", "`auto`"),
        .init("providers[].headers", "mapping of secrets"),
        .init("providers[].auth", "`bearer`, `x-api-key`, `api-key`, `none`", "by dialect and host"),
        .init("providers[].timeouts", "mapping"),
        .init("providers[].timeouts.connect", "duration", "`10s`"),
        .init("providers[].timeouts.first_byte", "duration", "`10m`"),
        .init("providers[].timeouts.idle", "duration", "`280s`"),
        .init("providers[].timeouts.total", "duration", "`1h`"),
        .init("providers[].max_concurrent", "integer", "no limit"),
        .init("providers[].queue", "mapping"),
        .init("providers[].queue.length", "integer", "`128`"),
        .init("providers[].queue.timeout", "duration", "`1m`"),
        .init("providers[].breaker", "mapping"),
        .init("providers[].breaker.failures", "integer", "`5`"),
        .init("providers[].breaker.error_rate", "number", "`0.5`"),
        .init("providers[].breaker.minimum", "integer", "`20`"),
        .init("providers[].breaker.window", "duration", "`30s`"),
        .init("providers[].breaker.cooldown", "duration", "`5s`"),
        .init("providers[].breaker.max_cooldown", "duration", "`1m`"),
        .init("providers[].retry_budget", "mapping"),
        .init("providers[].retry_budget.ratio", "number", "`0.2`"),
        .init("providers[].retry_budget.floor", "integer", "`10`"),
        .init("providers[].ca_file", "path"),
        .init("providers[].tags", "list of texts"),
        .init("providers[].num_ctx", "integer"),
        .init("providers[].keeps_responses", "boolean", "`true` for api.openai.com"),
        .init("default_provider", "name", "the first provider"),
        .init("server", "mapping"),
        .init("server.host", "address", "`127.0.0.1`"),
        .init("server.port", "port", "`8787`"),
        .init("server.admin_host", "address", "`127.0.0.1`"),
        .init("server.admin_port", "port", "`8788`"),
        .init("server.keys", "list of secrets"),
        .init("server.allowed_hosts", "list of host names"),
        .init("server.tls_cert", "path"),
        .init("server.tls_key", "path"),
        .init("server.threads", "integer", "one for each core"),
        .init("server.allow_pull", "boolean", "`false`"),
        .init("server.websocket", "mapping"),
        .init("server.websocket.enabled", "boolean", "`true`"),
        .init("server.websocket.idle_timeout", "duration", "`15m`"),
        .init("server.websocket.max_age", "duration", "`1h`"),
        .init("server.streams", "mapping"),
        .init("server.streams.head_delay", "duration", "`3s`"),
        .init("server.streams.keep_alive", "duration", "`15s`"),
        .init("server.attempts", "mapping"),
        .init("server.attempts.retries", "integer", "`2`"),
        .init("server.attempts.backoff", "duration", "`250ms`"),
        .init("server.attempts.longest_wait", "duration", "`20s`"),
        .init("server.attempts.repeat_sent", "boolean", "`false`"),
        .init("server.attempts.first_token", "duration", "no limit"),
        .init("server.attempts.total", "duration", "no limit"),
        .init("server.state", "mapping"),
        .init("server.state.file", "path or `memory`", "`torii.sqlite` in the state folder"),
        .init("server.state.ttl", "duration", "`720h`"),
        .init("server.state.max_bytes", "size", "`1GiB`"),
        .init("server.state.key", "secret", "a key of this machine's own"),
        .init("server.log", "mapping"),
        .init("server.log.format", "`json`, `text`", "`json`"),
        .init("server.log.level", "`debug`, `info`, `warning`, `error`", "`info`"),
        .init("server.limits", "mapping"),
        .init("server.limits.body", "size", "`32MiB`"),
        .init("server.limits.bodies_in_memory", "size", "`512MiB`"),
        .init("server.limits.event", "size", "`16MiB`"),
        .init("server.limits.response", "size", "`1GiB`"),
        .init("server.limits.held_response", "size", "`4MiB`"),
        .init("server.limits.fields", "integer", "`100`"),
        .init("server.limits.field_bytes", "size", "`32KiB`"),
        .init("server.limits.connections", "integer", "`16384`"),
        .init("server.limits.head_timeout", "duration", "`10s`"),
        .init("server.limits.body_timeout", "duration", "`1m`"),
        .init("server.limits.keep_alive_timeout", "duration", "`5m`"),
        .init("server.limits.write_timeout", "duration", "`1m`"),
        .init("server.limits.drain_timeout", "duration", "`30s`"),
        .init("aliases", "mapping of texts"),
        .init("models", "list"),
        .init("models[].name", "text"),
        .init("models[].provider", "name"),
        .init("models[].context_window", "integer"),
        .init("models[].output_limit", "integer"),
        .init("models[].capabilities", "list of `tools`, `vision`"),
        .init("models[].efforts", "list of texts"),
        .init("models[].price", "mapping"),
        .init("models[].price.input", "number"),
        .init("models[].price.cached_input", "number"),
        .init("models[].price.output", "number"),
        .init("routes", "list, empty for now", "`[]`"),
        .init("prices", "mapping, empty for now", "`{}`"),
    ]

    /// The names directly below a path; the empty path is the top.
    static func names(below path: String) -> [String] {
        let prefix = path.isEmpty ? "" : path + "."
        return all.compactMap { key in
            guard key.path.hasPrefix(prefix) else { return nil }
            let rest = key.path.dropFirst(prefix.count)
            return rest.contains(".") || rest.contains("[") ? nil : String(rest)
        }
    }
}
