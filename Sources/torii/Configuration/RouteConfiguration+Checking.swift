import Gateway

extension Configuration {
    /// Checks what single rules cannot know: names that are given twice, providers and tags that nobody has, and rules that
    /// no request gets to.
    func checkRoutes(_ findings: Findings) {
        checkRouteNames(findings)
        for route in routes {
            for target in route.allTargets { check(target, findings) }
        }
        warnOfUnreachable(findings)
    }

    private func checkRouteNames(_ findings: Findings) {
        var seen: [String: Setting<String>] = [:]
        for route in routes {
            if let first = seen[route.name.value] {
                let line = first.origin.position.map { ", first on line \($0.line)" } ?? ""
                findings.add(
                    .duplicateName,
                    "two routes are named \(route.name.value)\(line)",
                    at: route.name.origin.position ?? first.origin.position,
                    nextStep: "Give one of them another name."
                )
            } else {
                seen[route.name.value] = route.name
            }
        }
    }

    private func check(_ target: RouteConfiguration.Target, _ findings: Findings) {
        if let tag = target.tag, !providers.contains(where: { $0.tags?.value.contains(tag.value) ?? false }) {
            let tags = Set(providers.flatMap { $0.tags?.value ?? [] })
            findings.add(
                .unknownProvider,
                "\(target.path).tag is \(tag.value), which no provider has among its tags",
                at: tag.origin.position,
                nextStep: Spelling.nearest(to: tag.value, among: tags).map { "Did you mean \($0)?" }
            )
        }
        guard let name = target.provider else { return }
        do throws(ConfigurationError) { _ = try provider(named: name.value) } catch {
            var fault = error
            fault.message = "\(target.path).provider: \(fault.message)"
            fault.position = name.origin.position
            findings.add(fault)
        }
    }

    private func warnOfUnreachable(_ findings: Findings) {
        var all: Setting<String>?
        var seen: [RouteConditions: String] = [:]
        for route in routes {
            let conditions = RouteConditions(route.conditions)
            let place = route.position
            if let all, !conditions.namesProvider {
                findings.warn(
                    ConfigurationError(
                        .conflict,
                        "the route \(route.name.value) is never reached: \(all.value) in front of it takes every request",
                        at: place
                    )
                )
            } else if let earlier = seen[conditions] {
                findings.warn(
                    ConfigurationError(
                        .conflict,
                        "the route \(route.name.value) is never reached: \(earlier) in front of it has the same conditions",
                        at: place
                    )
                )
            }
            seen[conditions] = seen[conditions] ?? route.name.value
            if conditions.isEmpty, all == nil { all = route.name }
        }
    }
}

extension RouteConfiguration {
    /// Where it stands in the file.
    fileprivate var position: SourcePosition? { name.origin.position ?? targets.first?.position }

    fileprivate var allTargets: [Target] {
        targets + fallbacks.map(\.target) + [canary?.target, shadow?.target].compactMap(\.self)
    }
}
