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
        if clientCertificates?.authorityFile != running.clientCertificates?.authorityFile {
            names.append("server.client_certificates.ca")
        }
        if clientCertificates?.isRequired != running.clientCertificates?.isRequired {
            names.append("server.client_certificates.required")
        }
        keep(\.threads, "server.threads")
        keep(\.state, "server.state")
        keep(\.metering, "server.metering")
        keep(\.capture, "server.capture")
        keep(\.metrics.isOn, "server.metrics.enabled")
        keep(\.metrics.maximumSeries, "server.metrics.max_series")
        keep(\.log.format, "server.log.format")
        settings.tls = running.tls
        let rules = clientCertificates?.rules ?? []
        // What is asked of callers instead of a key counts later; that a key is asked no more must not count before it.
        settings.awaitsProof =
            !rules.isEmpty && running.clientCertificates == nil
            || clientCertificates?.isRequired == true && running.clientCertificates?.isRequired != true
        settings.clientCertificates = running.clientCertificates
        settings.clientCertificates?.rules = rules
        settings.allowsAnonymousAnywhere = running.allowsAnonymousAnywhere
        // Made of the process's environment, which does not change; the pools and their TLS contexts share it.
        settings.transport = running.transport
        settings.version = running.version
        return (settings, names)
    }
}
