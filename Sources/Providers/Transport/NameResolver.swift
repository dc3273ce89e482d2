package import NIOCore
import NIOPosix

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// Turns a host's name into addresses, in the order in which they are to be tried.
///
/// It may take as long as it likes: the connect deadline is the pool's. It must not block the event loop.
package protocol NameResolver: Sendable {
    /// - Returns: a future on `eventLoop`; it fails with `NameFailure`.
    func addresses(of host: String, port: Int, on eventLoop: any EventLoop) -> EventLoopFuture<[SocketAddress]>
}

/// Why a name has no address.
package struct NameFailure: Error, Sendable, Hashable {
    /// The resolver could not say now, as opposed to: the name does not exist.
    package var isTemporary: Bool
    package var detail: String

    package init(isTemporary: Bool, detail: String) {
        self.isTemporary = isTemporary
        self.detail = detail
    }
}

/// The system's own resolver, on threads of its own because its calls block.
package struct SystemNameResolver: NameResolver {
    /// One pool for the process; a name server that hangs holds a thread for a while, hence more than one.
    private static let threads: NIOThreadPool = {
        let pool = NIOThreadPool(numberOfThreads: 4)
        pool.start()
        return pool
    }()

    package init() {}

    package func addresses(
        of host: String,
        port: Int,
        on eventLoop: any EventLoop
    ) -> EventLoopFuture<[SocketAddress]> {
        Self.threads.runIfActive(eventLoop: eventLoop) { try Self.lookUp(host, port: port) }
    }

    private static func lookUp(_ host: String, port: Int) throws -> [SocketAddress] {
        var hints = addrinfo()
        #if canImport(Glibc)
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        #else
        hints.ai_socktype = SOCK_STREAM
        #endif
        var first: UnsafeMutablePointer<addrinfo>?
        let code = getaddrinfo(host, String(port), &hints, &first)
        guard code == 0 else {
            let detail = gai_strerror(code).map { String(cString: $0) } ?? "error \(code)"
            throw NameFailure(isTemporary: code == EAI_AGAIN, detail: detail)
        }
        defer { freeaddrinfo(first) }
        return sequence(first: first, next: { $0?.pointee.ai_next }).compactMap { entry in
            guard let info = entry?.pointee, let address = info.ai_addr else { return nil }
            let raw = UnsafeRawPointer(address)
            switch info.ai_family {
            case AF_INET: return SocketAddress(raw.load(as: sockaddr_in.self), host: host)
            case AF_INET6: return SocketAddress(raw.load(as: sockaddr_in6.self), host: host)
            default: return nil
            }
        }
    }
}

/// Gives one lookup to NIO's connection racing, which asks for each family by itself.
final class FamilyResolver: Resolver, Sendable {
    private let resolver: any NameResolver
    private let eventLoop: any EventLoop
    private let v4: EventLoopPromise<[SocketAddress]>
    private let v6: EventLoopPromise<[SocketAddress]>

    init(_ resolver: any NameResolver, on eventLoop: any EventLoop) {
        self.resolver = resolver
        self.eventLoop = eventLoop
        v4 = eventLoop.makePromise()
        v6 = eventLoop.makePromise()
    }

    /// Kept or broken once the lookup is over.
    var lookup: EventLoopFuture<[SocketAddress]> { v4.futureResult }

    func initiateAQuery(host: String, port: Int) -> EventLoopFuture<[SocketAddress]> {
        v4.futureResult
    }

    func initiateAAAAQuery(host: String, port: Int) -> EventLoopFuture<[SocketAddress]> {
        resolver.addresses(of: host, port: port, on: eventLoop).whenComplete { result in
            // Both in one go: NIO waits a little for the other family otherwise.
            self.v6.completeWith(result.map { $0.filter { $0.protocol == .inet6 } })
            self.v4.completeWith(result.map { $0.filter { $0.protocol == .inet } })
        }
        return v6.futureResult
    }

    func cancelQueries() {
        let failure = NameFailure(isTemporary: true, detail: "the lookup was given up")
        v6.fail(failure)
        v4.fail(failure)
    }
}
