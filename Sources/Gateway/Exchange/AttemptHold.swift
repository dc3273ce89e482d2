import NIOCore
import Providers

/// The hold of one attempt on its provider: a place there, a count among its target's, and the terms under which its health is
/// judged; ended once, whichever way the attempt ends.
struct AttemptHold {
    let state: ProviderState
    let since: NIODeadline
    /// When the provider had said everything; nil while it has not.
    private(set) var endedAt: NIODeadline?
    private let credential: Int
    private let limits: ProviderLimits
    private let meter: TargetLoads.Meter?
    /// Nil where nobody is judged by what comes of it.
    private var pass: ProviderState.Pass?

    /// The hold of an attempt that has its place; from now on it counts.
    init(on target: RouteTarget, _ pass: ProviderState.Pass?, at now: NIODeadline) {
        state = target.state
        since = now
        credential = target.provider.credentialIndex
        limits = target.provider.limits
        meter = target.meter
        self.pass = pass
        meter?.didStart()
    }

    /// The provider has said everything, or can say no more.
    mutating func upstreamDidEnd(at now: NIODeadline) { endedAt = now }

    /// The first content has come.
    ///
    /// `notesTime` keeps how long that took, for those who start a second attempt by it.
    mutating func didAnswer(at now: NIODeadline, notesTime: Bool) {
        let time = (now - since).nanoseconds
        meter?.firstToken(after: Double(time) / 1e6)
        guard let pass else { return }
        if notesTime { state.note(firstToken: .nanoseconds(time), pass) }
        guard !pass.isPlain else { return }
        // Others wait for what a probe finds, and its answer may take minutes.
        state.end(credential, pass, .success(()), limits, at: now)
        self.pass = pass.asPlain
    }

    /// Another attempt has come to its first content before this one, which would have taken longer still: without the slow
    /// ones the usual time would become shorter and shorter.
    func didLose(at now: NIODeadline) {
        if let pass { state.note(firstToken: .nanoseconds((now - since).nanoseconds), pass) }
    }

    /// Gives the place back, and has the provider judged by how the attempt ended; nil for one that was given up.
    func end(_ result: Result<Void, AttemptFailure>?, at now: NIODeadline) {
        if let pass { state.end(credential, pass, result, limits, at: now) }
        meter?.didEnd()
        state.leave(limits)
    }
}
