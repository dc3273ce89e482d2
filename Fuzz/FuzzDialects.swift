/// Readers of the dialects.
///
/// `request-<endpoint>`: what is read can be translated into every dialect, or is refused, and becomes valid JSON.
/// `stream-<dialect>` and `body-<dialect>`: the events are the same at any chunking, and every caller's dialect can tell
/// them. Scripts/fuzz.sh builds this against the package's own targets.
let targets = DialectTargets.all
