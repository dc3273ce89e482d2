/// The bounds of a connection pool, for each origin unless it says otherwise.
package struct TransportSettings: Sendable {
    /// Connections at a time, idle and busy ones together.
    package var maximumConnections = 4096
    /// Exchanges that may wait for a connection; their connect deadline bounds the wait.
    package var maximumWaiting = 4096
    /// Idle connections that are kept.
    package var maximumIdle = 256
    /// Idle connections that are opened ahead of need while others are busy: the next exchange then waits for no
    /// handshake.
    package var spareConnections = 0
    /// How long an idle connection is kept, give or take a quarter.
    package var idleLifetime: Duration = .seconds(30)
    /// Bytes of a response's head.
    package var maximumHeadBytes = 32 * 1024
    /// Fields of a response's head and trailers.
    package var maximumFields = 100
    /// Bytes of one response's body.
    package var maximumResponseBytes = 256 * 1024 * 1024
    /// How often deadlines are looked at; one passes up to two of these late and never early.
    package var tick: Duration = .milliseconds(50)
    /// Idle for longer than this, a connection is probed for an end that is already there before it is used again.
    package var probeAfter: Duration = .milliseconds(20)
    /// How long a connection has to stay open behind an answer before an origin that is not trusted yet counts as one that
    /// keeps its connections.
    package var keepAliveTrial: Duration = .milliseconds(150)
    /// How long no connection is kept to an origin that closed one behind an answer by itself.
    package var keepAlivePause: Duration = .seconds(600)
    /// The forward proxies; none by default.
    package var proxies: ProxySettings
    /// How names become addresses.
    package var resolver: any NameResolver
    /// TLS contexts, shared by every pool that has a copy of these settings.
    package var tls: TLSContexts

    package init(
        proxies: ProxySettings = ProxySettings(),
        resolver: any NameResolver = SystemNameResolver(),
        tls: TLSContexts = TLSContexts()
    ) {
        self.proxies = proxies
        self.resolver = resolver
        self.tls = tls
    }
}
