import Providers

extension TransportFailure.Kind {
    /// The caller's word for a failure that says more than its code; nil where the code says it all.
    ///
    /// `upstream_unreachable`, `upstream_timeout` and `upstream_interrupted` stay what clients know them as (F1, F4, F2);
    /// what an operator has to mend at a name, a certificate or a proxy has a word of its own (F10).
    var callersWord: String? {
        switch self {
        case .nameNotFound: "upstream_name_not_found"
        case .nameTimedOut: "upstream_name_timeout"
        case .certificateExpired: "upstream_certificate_expired"
        case .certificateWrongHost: "upstream_certificate_wrong_host"
        case .certificateUntrusted: "upstream_certificate_untrusted"
        case .tls: "upstream_tls_failed"
        case .proxy: "upstream_proxy_failed"
        case .responseTooLarge: "upstream_response_too_large"
        default: nil
        }
    }
}
