import Dialects
import JSON

extension RouteExplanation {
    /// The explanation as the administration gives it.
    package var json: [UInt8] {
        var writer = JSONWriter()
        writer.object { object in
            object.key("passed")
            object.array { list in
                for passed in passed {
                    list.object { member in
                        member.member("rule", passed.rule)
                        member.member("reason", passed.reason.description)
                    }
                }
            }
            object.member("rule", orNull: rule)
            for (key, targets) in [("targets", targets), ("left_out", leftOut)] {
                object.key(key)
                object.array { list in for target in targets { target.write(to: &list) } }
            }
            object.key("shadow")
            if let shadow { shadow.write(to: &object) } else { object.null() }
            object.key("refusal")
            guard let refusal else { return object.null() }
            object.object { member in
                member.member("status", refusal.body.status)
                member.member("code", refusal.body.code)
                member.member("message", refusal.body.message)
            }
        }
        return writer.bytes
    }
}

extension RouteExplanation.Target {
    fileprivate func write(to writer: inout JSONWriter) {
        writer.object { object in
            object.member("provider", provider)
            object.member("model", model)
            object.member("reason", reason)
        }
    }
}
