/// Why an administrative request is not done.
package struct AdministrationProblem: Error, Sendable, Hashable {
    /// One word for each reason, which stays the same; `docs/tenants.md` has all of them.
    package enum Code: String, Sendable, Hashable, CaseIterable {
        /// The body is no JSON object.
        case invalidBody = "invalid_body"
        /// A member holds what it must not.
        case invalidValue = "invalid_value"
        case missingMember = "missing_member"
        /// A member that there is not, or that cannot be set here.
        case unknownMember = "unknown_member"
        case invalidQuery = "invalid_query"
        case conflictingCredentials = "conflicting_credentials"
        /// No key, or one that does not hold, alike.
        case unauthenticated = "invalid_api_key"
        /// The key's role or scope does not reach so far.
        case forbidden
        /// There is none, or none that this key may know of, alike (T1).
        case notFound = "not_found"
        case methodNotAllowed = "method_not_allowed"
        /// The name is taken.
        case nameTaken = "name_taken"
        /// Several things have the name that was to say which is meant.
        case ambiguous = "ambiguous_name"
        /// Other things still belong to it.
        case inUse = "in_use"
        /// The key was revoked and stays so.
        case revoked
        /// The same `Idempotency-Key` came with another request before.
        case idempotencyConflict = "idempotency_conflict"
        /// It has changed since the `ETag` that `If-Match` names.
        case changed = "precondition_failed"
        case tooLarge = "request_too_large"
        /// There is no configuration that could be read again.
        case nothingToReload = "nothing_to_reload"
        /// The configuration was not taken.
        case invalidConfiguration = "invalid_configuration"
        case storeUnavailable = "store_unavailable"
        /// Whether the token holds cannot be said without its issuer's keys.
        case tokenKeysUnavailable = "token_keys_unavailable"

        package var status: Int {
            switch self {
            case .invalidBody, .invalidValue, .missingMember, .unknownMember, .invalidQuery, .conflictingCredentials:
                400
            case .unauthenticated: 401
            case .forbidden: 403
            case .notFound: 404
            case .methodNotAllowed: 405
            case .nameTaken, .ambiguous, .inUse, .revoked, .idempotencyConflict, .nothingToReload: 409
            case .changed: 412
            case .tooLarge: 413
            case .invalidConfiguration: 422
            case .storeUnavailable, .tokenKeysUnavailable: 503
            }
        }

        /// One sentence that is the same for each problem of this kind.
        package var title: String {
            switch self {
            case .invalidBody: "The body has to be one JSON object."
            case .invalidValue: "A member has a value that it cannot have."
            case .missingMember: "A member is missing."
            case .unknownMember: "A member cannot be set here."
            case .invalidQuery: "The query holds what it must not."
            case .conflictingCredentials: "The request carries two keys that disagree."
            case .unauthenticated: "The administration needs a key."
            case .forbidden: "This key may not do that."
            case .notFound: "There is no such thing."
            case .methodNotAllowed: "This path does not take this method."
            case .nameTaken: "The name is taken."
            case .ambiguous: "Several have this name."
            case .inUse: "Other things still belong to it."
            case .revoked: "The key is revoked."
            case .idempotencyConflict: "The idempotency key was used for another request."
            case .changed: "It has changed meanwhile."
            case .tooLarge: "The body is too large."
            case .nothingToReload: "There is nothing to reload."
            case .invalidConfiguration: "The configuration was not taken; the one before it stays."
            case .storeUnavailable: "The store cannot be used just now."
            case .tokenKeysUnavailable: "The token cannot be checked just now."
            }
        }
    }

    package let code: Code
    /// What was wrong with this very request, and what to do.
    package let detail: String
    /// The member or the parameter that was wrong.
    package var field: String?
    /// What is wrong with the configuration, where that is the problem.
    package var faults: [ReloadProblem.Fault]
    /// What lay underneath, for the operator's log and never for a caller.
    package var cause: String?

    init(
        _ code: Code,
        _ detail: String,
        field: String? = nil,
        faults: [ReloadProblem.Fault] = [],
        cause: String? = nil
    ) {
        self.code = code
        self.detail = detail
        self.field = field
        self.faults = faults
        self.cause = cause
    }

    /// The store failed; what it says of files and statements is the operator's business alone.
    static func store(_ error: any Error) -> AdministrationProblem {
        AdministrationProblem(
            .storeUnavailable,
            "The store cannot be used just now. The gateway's log says why; what was asked for is not done.",
            cause: "\(error)"
        )
    }
}
