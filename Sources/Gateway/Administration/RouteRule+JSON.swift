import Inference
import JSON
import Providers

extension RouteRule {
    /// Writes the rule under the names that the configuration has for its parts.
    func write(to writer: inout JSONWriter) {
        writer.object { object in
            object.member("name", name)
            object.key("when")
            conditions.write(to: &object)
            object.key("targets")
            object.array { list in
                for target in targets {
                    list.object { member in
                        member.member("provider", target.provider)
                        member.member("model", orNull: target.model)
                        member.member("weight", target.weight)
                    }
                }
            }
            object.member("strategy", strategy.rawValue)
            object.member("affinity", keepsSessions)
            object.member("loaded_first", loadedFirst)
            object.key("fallbacks")
            object.array { list in for fallback in fallbacks { fallback.write(to: &list) } }
            object.member("max_cost", orNull: maxCost?.usd)
            for (key, share) in [("canary", canary), ("shadow", shadow)] {
                object.key(key)
                if let share { share.write(to: &object) } else { object.null() }
            }
            object.key("attempts")
            policy.write(to: &object)
        }
    }
}

extension RouteRule.Fallback {
    fileprivate func write(to writer: inout JSONWriter) {
        writer.object { object in
            object.member("provider", provider)
            object.member("model", orNull: model)
            guard let causes else {
                object.key("on")
                return object.null()
            }
            object.texts("on", causes.map(\.rawValue).sorted())
        }
    }
}

extension RouteRule.Share {
    fileprivate func write(to writer: inout JSONWriter) {
        writer.object { object in
            object.member("provider", provider)
            object.member("model", orNull: model)
            object.member("percent", percent)
        }
    }
}

extension RouteConditions {
    /// Writes the conditions that there are.
    fileprivate func write(to writer: inout JSONWriter) {
        writer.object { object in
            if !headers.isEmpty {
                object.key("headers")
                object.object { member in for header in headers { member.member(header.name, header.value.text) } }
            }
            for (key, words) in [
                ("models", models.map(\.text)), ("families", families), ("dialects", dialects.map(\.rawValue).sorted()),
                ("tenants", tenants.sorted()), ("roles", roles.sorted()), ("key_labels", keyLabels.sorted()),
                ("times", schedule?.windows.map(\.description) ?? []),
            ] where !words.isEmpty {
                object.texts(key, words)
            }
            object.memberIfPresent("min_tokens", minimumTokens)
            object.memberIfPresent("max_tokens", maximumTokens)
            object.memberIfPresent("tools", tools)
            object.memberIfPresent("images", images)
            object.memberIfPresent("min_spend", minimumSpend)
            object.memberIfPresent("max_spend", maximumSpend)
            object.memberIfPresent("min_budget_used", minimumBudgetUsed)
            object.memberIfPresent("max_budget_used", maximumBudgetUsed)
            if !preferences.isEmpty { object.texts("prefer", preferences.map(\.rawValue).sorted()) }
        }
    }
}

extension AttemptPolicy {
    /// Durations are in seconds.
    fileprivate func write(to writer: inout JSONWriter) {
        writer.object { object in
            object.member("retries", retries)
            object.member("backoff", backoff / .seconds(1))
            object.member("longest_wait", longestWait / .seconds(1))
            object.member("repeats_sent", repeatsSent)
            object.member("hedges", hedges)
            for (key, wait) in [
                ("holds_head", holdsHead), ("connect", deadlines.connect), ("head", deadlines.head),
                ("first_token", deadlines.firstToken), ("idle", deadlines.idle), ("total", deadlines.total),
            ] {
                object.member(key, orNull: wait.map { $0 / .seconds(1) })
            }
        }
    }
}
