import Gateway
import Logging
import Providers

extension GatewaySettings {
    /// The gateway's part of a configuration.
    init(
        _ configuration: Configuration,
        providers: [Provider],
        clientKeys: [Secret],
        transport: TransportSettings,
        allowsAnonymousAnywhere: Bool
    ) {
        let server = configuration.server
        self.init(
            providers: providers,
            defaultProvider: configuration.defaultProvider?.value,
            host: server.host.value,
            port: server.port.value,
            adminHost: server.adminHost.value,
            adminPort: server.adminPort.value,
            clientKeys: clientKeys,
            allowedHosts: server.allowedHosts.value,
            allowsAnonymousAnywhere: allowsAnonymousAnywhere,
            limits: Limits(server.limits),
            log: LogSettings(format: LogSettings.Format(server.logFormat.value)),
            transport: transport,
            threads: server.threads?.value,
            version: Version.current
        )
        if let certificate = server.tlsCertificate?.value, let key = server.tlsKey?.value {
            tls = TLS(certificateFile: certificate, keyFile: key)
        }
    }
}

extension Limits {
    /// The gateway's own defaults where the configuration is silent.
    init(_ limits: ServerConfiguration.Limits) {
        self.init()
        if let value = limits.body?.value { body = value }
        if let value = limits.bodiesInMemory?.value { bodiesInMemory = value }
        if let value = limits.event?.value { event = value }
        if let value = limits.response?.value { response = value }
        if let value = limits.heldResponse?.value { heldResponse = value }
        if let value = limits.fields?.value { fields = value }
        if let value = limits.fieldBytes?.value { fieldBytes = value }
        if let value = limits.connections?.value { connections = value }
        if let value = limits.headTimeout?.value { headTimeout = value }
        if let value = limits.bodyTimeout?.value { bodyTimeout = value }
        if let value = limits.keepAliveTimeout?.value { keepAliveTimeout = value }
        if let value = limits.writeTimeout?.value { writeTimeout = value }
        if let value = limits.drainTimeout?.value { drainTimeout = value }
    }
}

extension LogSettings.Format {
    init(_ format: ServerConfiguration.LogFormat) {
        self = format == .json ? .json : .text
    }
}

extension Logger.Level {
    init(_ level: ServerConfiguration.LogLevel) {
        switch level {
        case .debug: self = .debug
        case .info: self = .info
        case .warning: self = .warning
        case .error: self = .error
        }
    }
}
