import JSON
import Logging
import NIOCore
import NIOPosix

/// Lists, exports and erases what was captured: for operators, and for those who run the tenant.
struct CaptureAdministration: Sendable {
    let identities: IdentityStore
    let captures: CaptureStore
    let logger: Logger

    /// What is done, as the paths have it.
    enum Act: String, Sendable, Hashable, CaseIterable {
        case list, export, erase

        /// The parameters of a query.
        var parameters: [String] {
            switch self {
            case .list: ["limit", "cursor", "tenant", "user", "key", "since", "until"]
            case .export: ["limit", "cursor", "tenant", "user", "key", "since", "until", "format"]
            case .erase: ["tenant", "user", "key", "since", "until"]
            }
        }
    }

    /// Does it.
    ///
    /// - Throws: why not; nothing is done then.
    func perform(
        _ act: Act,
        query text: String,
        as actor: AdministrationActor
    ) async throws(AdministrationProblem) -> AdministrationReply {
        guard actor.role == .operator || (actor.role == .tenantAdmin && actor.tenant != nil) else {
            throw AdministrationProblem(
                .forbidden,
                "The role \(actor.role.rawValue) does not \(act.rawValue) captures."
            )
        }
        let asked = try CaptureQuery(text, known: act.parameters)
        guard act != .erase || asked.namesSomebody else {
            throw AdministrationQuery.wrong("user", "is missing: say whose captures go, by user, key or tenant")
        }
        let query = try await resolved(asked, actor)
        switch act {
        case .list: return try await page(query, withContent: false)
        case .export:
            // What cannot be put on record is not given out.
            try await note("capture.export", actor, query.filter, count: nil)
            return try await page(query, withContent: true)
        case .erase: return try await erase(query.filter, actor)
        }
    }

    private func resolved(
        _ query: CaptureQuery,
        _ actor: AdministrationActor
    ) async throws(AdministrationProblem) -> CaptureQuery {
        try await blocking { [identities] () throws(AdministrationProblem) in
            try identities.read { (tables) throws(AdministrationProblem) in
                var query = query
                try query.resolve(for: actor, in: tables)
                return query
            }
        }
    }

    private func page(
        _ query: CaptureQuery,
        withContent: Bool
    ) async throws(AdministrationProblem) -> AdministrationReply {
        let page = try await answer(
            captures.page(
                query.filter,
                after: query.after,
                limit: query.limit,
                withContent: withContent,
                on: Self.loop
            )
        )
        var writer = JSONWriter(capacity: 4_096)
        guard query.format == .json else {
            for row in page.rows {
                row.write(to: &writer)
                writer.frame("\n")
            }
            var reply = AdministrationReply(status: 200, body: writer.bytes)
            reply.mediaType = "application/x-ndjson"
            return reply
        }
        writer.object { object in
            object.key("data")
            object.array { array in for row in page.rows { row.write(to: &array) } }
            let last = page.isMore ? page.rows.last.map { AdministrationQuery.cursor($0.number) } : nil
            object.member("next", last.map { .string($0) } ?? JSONValue.null)
        }
        return AdministrationReply(status: 200, body: writer.bytes)
    }

    private func erase(
        _ filter: CaptureFilter,
        _ actor: AdministrationActor
    ) async throws(AdministrationProblem) -> AdministrationReply {
        // What cannot be put on record is not done; the second entry says that it was, and of how many.
        try await note("capture.erase", actor, filter, count: nil)
        let count = try await answer(captures.erase(filter, on: Self.loop))
        do throws(AdministrationProblem) { try await note("capture.erase", actor, filter, count: count) } catch {
            // What is gone is not told as still there.
            logger.error("how many captures an erasure took could not be noted in the audit log: \(error)")
        }
        var writer = JSONWriter()
        writer.object { $0.member("erased", count) }
        return AdministrationReply(status: 200, body: writer.bytes)
    }

    /// Puts an act on record, with whose captures were meant and never with what they say.
    private func note(
        _ act: String,
        _ actor: AdministrationActor,
        _ filter: CaptureFilter,
        count: Int?
    ) async throws(AdministrationProblem) {
        var writer = JSONWriter()
        writer.object { object in
            for (name, value) in [
                ("tenant", filter.tenant), ("user", filter.user), ("subject", filter.subject), ("key", filter.key),
            ] {
                object.memberIfPresent(name, value)
            }
            object.memberIfPresent("since", filter.since.map { Timestamp.text(of: $0) })
            object.memberIfPresent("until", filter.until.map { Timestamp.text(of: $0) })
            object.memberIfPresent("erased", count)
        }
        let after = String(decoding: writer.bytes, as: UTF8.self)
        try await blocking { [identities] () throws(AdministrationProblem) in
            try identities.write { (tables) throws(AdministrationProblem) in
                try tables.note(act, actor, on: "captures", of: filter.tenant, before: nil, after: after)
            }
        }
    }

    private func blocking<Value: Sendable>(
        _ body: @escaping @Sendable () throws(AdministrationProblem) -> Value
    ) async throws(AdministrationProblem) -> Value {
        do { return try await IdentityWatch.blocking { try body() } } catch { throw AdministrationProblem(error) }
    }

    private func answer<Value: Sendable>(
        _ future: EventLoopFuture<Value>
    ) async throws(AdministrationProblem) -> Value {
        do { return try await future.get() } catch { throw .store(error) }
    }

    private static var loop: any EventLoop { MultiThreadedEventLoopGroup.singleton.any() }
}
