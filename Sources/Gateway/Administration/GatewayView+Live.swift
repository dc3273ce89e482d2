import JSON
import NIOCore

/// What runs and what ran since the start, for whoever watches.
extension GatewayView {
    /// All that somebody may see of it; each event loop is asked in its turn.
    func live(for actor: AdministrationActor) async throws(AdministrationProblem) -> AdministrationReply {
        let tenant = try actor.watchedTenant
        guard shared.series != nil else { throw .nothingCounted }
        var picture = LivePicture()
        for name in LivePicture.names { picture.add(await counted(name), of: name) }
        for loop in loops {
            // A loop that takes no more work has nothing left to tell.
            picture.add(running: (try? await loop.eventLoop.submit { loop.value.running }.get()) ?? [])
        }
        return AdministrationReply(status: 200, body: write(picture.rows(of: tenant)))
    }

    private func write(_ rows: [(subject: LiveSubject, counts: LiveCounts)]) -> [UInt8] {
        let tenants = shared.identities.scopes.tenants
        var names: [(id: String, name: String)] = []
        var writer = JSONWriter(capacity: 1 << 12)
        writer.object { object in
            object.member("uptime_ms", Int(uptime.nanoseconds / 1_000_000))
            object.key("data")
            object.array { list in
                for (subject, counts) in rows {
                    Self.write(subject, counts, to: &list)
                    // Those of one tenant stand together.
                    guard names.last?.id != subject.tenant, let tenant = tenants[subject.tenant] else { continue }
                    names.append((tenant.id, tenant.name))
                }
            }
            object.key("names")
            object.object { member in for (id, name) in names { member.member(id, name) } }
        }
        return writer.bytes
    }

    private static func write(_ subject: LiveSubject, _ counts: LiveCounts, to list: inout JSONWriter) {
        list.object { row in
            row.member("tenant", subject.tenant)
            row.member("provider", subject.provider)
            row.member("model", subject.model)
            row.member("requests", LiveCounts.whole(counts.requests))
            row.member("failed", LiveCounts.whole(counts.failed))
            row.member("in_flight", counts.inFlight)
            row.member("input_tokens", LiveCounts.whole(counts.input))
            row.member("output_tokens", LiveCounts.whole(counts.output))
            row.key("cost_usd")
            UsageCell.money(Money(nanos: LiveCounts.whole(counts.usd * 1e9))).write(to: &row)
            row.member("first_tokens", LiveCounts.whole(counts.firstTokens))
            row.member("first_token_us", LiveCounts.whole(counts.firstTokenSeconds * 1e6))
        }
    }
}

extension AdministrationActor {
    /// The tenant whose requests it may watch; nil for all.
    fileprivate var watchedTenant: String? {
        get throws(AdministrationProblem) {
            switch Access.of(role, toRead: .live) {
            case .all: return nil
            case .tenant: return try ownTenant
            case .own, .none:
                throw AdministrationProblem(
                    .forbidden,
                    "The role \(role.rawValue) does not see what its tenant's requests come to. torii usage has its own."
                )
            }
        }
    }
}
