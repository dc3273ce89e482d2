import Dialects
import Inference
import Providers

extension RoutePlanner {
    /// Says of each target of a rule why it cannot take the request; none of them can.
    func refusal(_ rule: RouteRule, _ candidates: RouteCandidates, _ query: RouteQuery) -> Refusal {
        var faults: [TargetFault] = []
        var reasons: [String] = []
        for candidate in candidates.targets + candidates.fallbacks {
            guard case .cannot(let fault) = candidate.fit(query) else { continue }
            faults.append(fault)
            let target = candidate.target
            reasons.append("\(target.provider.name)/\(target.model) \(fault.words(query))")
        }
        if !faults.isEmpty, faults.allSatisfy({ $0 == .absent(.unlisted) }) {
            let meant = query.rights.isUnrestricted ? candidates.targets.first?.target.model : nil
            return Refusal(table.unknownModel(meant ?? query.model, for: query.rights))
        }
        let message =
            "No target of the route \(rule.name) can take this request: \(reasons.joined(separator: "; "))."
        if faults.contains(where: { if case .window = $0 { true } else { false } }) {
            return Refusal(InferenceError(.contextTooLong, message))
        }
        if faults.contains(.tools) { return Refusal(InferenceError(.toolsUnsupported, message, field: "tools")) }
        if faults.contains(.images) {
            return Refusal(InferenceError(.invalidRequest, message, detail: "images_unsupported"))
        }
        if faults.contains(where: \.isOfCost) { return Refusal(.costTooHigh, message) }
        for case .route(let refusal) in faults { return refusal }
        return Refusal(.noProvider, message)
    }
}
