extension GatewaySettings {
    /// These settings with what only a restart can change taken from those that are in use, and the names of the keys that
    /// differ there.
    func keepingFixed(of running: GatewaySettings) -> (settings: GatewaySettings, restartNeeded: [String]) {
        var settings = self
        var names: [String] = []
        func keep<Value: Equatable>(_ path: WritableKeyPath<GatewaySettings, Value>, _ name: String) {
            guard settings[keyPath: path] != running[keyPath: path] else { return }
            settings[keyPath: path] = running[keyPath: path]
            names.append(name)
        }
        keep(\.host, "server.host")
        keep(\.port, "server.port")
        keep(\.adminHost, "server.admin_host")
        keep(\.adminPort, "server.admin_port")
        if tls?.certificateFile != running.tls?.certificateFile { names.append("server.tls_cert") }
        if tls?.keyFile != running.tls?.keyFile { names.append("server.tls_key") }
        keep(\.threads, "server.threads")
        keep(\.state, "server.state")
        keep(\.log.format, "server.log.format")
        settings.tls = running.tls
        settings.allowsAnonymousAnywhere = running.allowsAnonymousAnywhere
        // Made of the process's environment, which does not change; the pools and their TLS contexts share it.
        settings.transport = running.transport
        settings.version = running.version
        return (settings, names)
    }
}
