import Hummingbird
import JSON
import NIOCore

/// What went wrong with a request to the administration, as a problem document (RFC 9457).
struct Problem {
    let status: HTTPResponse.Status
    /// One sentence that is the same for each problem of this kind.
    let title: String
    /// What was wrong with this very request.
    let detail: String
    /// What is wrong with the configuration, where that is the problem.
    var faults: [ReloadProblem.Fault] = []

    /// A web page's request: it could be sent to a listener on loopback by any page that somebody opens (B17).
    static func foreign(_ fields: HTTPFields) -> Problem? {
        let site = fields.first { $0.name.canonicalName == "sec-fetch-site" }?.value ?? "none"
        guard fields[.origin] != nil || !["none", "same-origin"].contains(site) else { return nil }
        return Problem(
            status: .forbidden,
            title: "Web pages do not administer this gateway.",
            detail: "The request says that a web page sent it. Use a program on this machine, such as curl."
        )
    }

    var response: Response {
        var writer = JSONWriter()
        writer.object { problem in
            problem.member("type", "about:blank")
            problem.member("title", title)
            problem.member("status", status.code)
            problem.member("detail", detail)
            guard !faults.isEmpty else { return }
            problem.key("errors")
            problem.array { list in
                for fault in faults {
                    list.object { object in
                        object.member("code", fault.code)
                        object.member("message", fault.message)
                        object.memberIfPresent("file", fault.file)
                        object.memberIfPresent("line", fault.line)
                        object.memberIfPresent("column", fault.column)
                        object.memberIfPresent("next_step", fault.nextStep)
                    }
                }
            }
        }
        return Response(
            status: status,
            headers: [.contentType: "application/problem+json", .cacheControl: "no-store"],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: writer.bytes))
        )
    }
}

/// What `POST /admin/v1/reload` answers.
struct ReloadAnswer {
    let outcome: Reloader.Outcome

    init(_ outcome: Reloader.Outcome) { self.outcome = outcome }

    var response: Response {
        switch outcome {
        case .success(let success): return Self.response(success)
        case .failure(let problem):
            return Problem(
                status: .unprocessableContent,
                title: "The configuration was not taken; the one before it stays.",
                detail: problem.description,
                faults: problem.faults
            ).response
        case .unavailable:
            return Problem(
                status: .conflict,
                title: "There is nothing to reload.",
                detail: "The gateway stops, or was started without a configuration that it could read again."
            ).response
        }
    }

    private static func response(_ success: Reloader.Success) -> Response {
        var writer = JSONWriter()
        writer.object { object in
            object.member("config_ok", 1)
            object.member("config_generation", success.generation)
            for (name, texts) in [("warnings", success.warnings), ("restart_needed", success.restartNeeded)] {
                object.key(name)
                object.array { list in
                    for text in texts { list.string(text) }
                }
            }
        }
        return Response(
            status: .ok,
            headers: [.contentType: "application/json", .cacheControl: "no-store"],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: writer.bytes))
        )
    }
}
