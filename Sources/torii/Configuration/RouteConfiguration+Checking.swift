import Gateway

extension Configuration {
    /// Checks what single rules cannot know: names that are given twice, providers and tags that nobody has, and rules that
    /// no request gets to.
    func checkRoutes(_ findings: Findings) {
        checkRouteNames(findings)
        for (index, route) in routes.enumerated() {
            for (key, target) in route.namedTargets { check(target, "routes[\(index)].\(key)", findings) }
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

    private func check(_ target: RouteConfiguration.Target, _ path: String, _ findings: Findings) {
        if let tag = target.tag, !providers.contains(where: { $0.tags?.value.contains(tag.value) ?? false }) {
            let tags = Set(providers.flatMap { $0.tags?.value ?? [] })
            findings.add(
                .unknownProvider,
                "\(path).tag is \(tag.value), which no provider has among its tags",
                at: tag.origin.position,
                nextStep: Spelling.nearest(to: tag.value, among: tags).map { "Did you mean \($0)?" }
            )
        }
        guard let name = target.provider else { return }
        do throws(ConfigurationError) { _ = try provider(named: name.value) } catch {
            var fault = error
            fault.message = "\(path).provider: \(fault.message)"
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

    /// Every target with the key that it stands under.
    fileprivate var namedTargets: [(key: String, target: Target)] {
        targets.enumerated().map { ("targets[\($0)]", $1) }
            + fallbacks.enumerated().map { ("fallbacks[\($0)]", $1.target) }
            + [("canary", canary?.target), ("shadow", shadow?.target)].compactMap { key, target in
                target.map { (key, $0) }
            }
    }
}
