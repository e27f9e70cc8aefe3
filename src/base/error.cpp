#include <array>
#include <utility>

#include <xtrace/error.h>

namespace xtrace {

namespace {

constexpr std::array<std::string_view, kPhaseCount> kPhaseNames = {
    "none",  "queue", "dns_wait", "dns",      "dial", "connect",
    "proxy", "tls",   "request",  "response", "body"};

using enum Error::Code;
constexpr auto kCodeNames = std::to_array<std::pair<Error::Code, std::string_view>>({
    {invalid_url, "invalid_url"},
    {unsupported_scheme, "unsupported_scheme"},
    {invalid_request, "invalid_request"},
    {invalid_config, "invalid_config"},
    {invalid_address, "invalid_address"},
    {invalid_host_name, "invalid_host_name"},
    {pool_timeout, "pool_timeout"},
    {pool_full, "pool_full"},
    {client_closed, "client_closed"},
    {breaker_open, "breaker_open"},
    {dns_not_found, "dns_not_found"},
    {dns_temporary, "dns_temporary"},
    {dns_failed, "dns_failed"},
    {dns_timeout, "dns_timeout"},
    {connect_refused, "connect_refused"},
    {connect_unreachable, "connect_unreachable"},
    {connect_failed, "connect_failed"},
    {connect_timeout, "connect_timeout"},
    {proxy_not_found, "proxy_not_found"},
    {proxy_denied, "proxy_denied"},
    {proxy_refused, "proxy_refused"},
    {proxy_failed, "proxy_failed"},
    {proxy_timeout, "proxy_timeout"},
    {tls_handshake, "tls_handshake"},
    {tls_version, "tls_version"},
    {tls_closed, "tls_closed"},
    {tls_timeout, "tls_timeout"},
    {tls_config, "tls_config"},
    {cert_untrusted, "cert_untrusted"},
    {cert_self_signed, "cert_self_signed"},
    {cert_expired, "cert_expired"},
    {cert_not_yet_valid, "cert_not_yet_valid"},
    {cert_wrong_host, "cert_wrong_host"},
    {cert_invalid, "cert_invalid"},
    {send_failed, "send_failed"},
    {send_stalled, "send_stalled"},
    {body_source_failed, "body_source_failed"},
    {body_not_repeatable, "body_not_repeatable"},
    {empty_reply, "empty_reply"},
    {receive_failed, "receive_failed"},
    {response_timeout, "response_timeout"},
    {not_http, "not_http"},
    {headers_too_large, "headers_too_large"},
    {head_cut, "head_cut"},
    {ambiguous_framing, "ambiguous_framing"},
    {upgrade_refused, "upgrade_refused"},
    {response_stalled, "response_stalled"},
    {too_many_interim, "too_many_interim"},
    {body_cut, "body_cut"},
    {body_stalled, "body_stalled"},
    {body_invalid, "body_invalid"},
    {body_too_large, "body_too_large"},
    {body_refused, "body_refused"},
    {body_undecodable, "body_undecodable"},
    {body_expands, "body_expands"},
    {call_timeout, "call_timeout"},
    {cancelled, "cancelled"},
    {too_many_redirects, "too_many_redirects"},
    {bad_redirect, "bad_redirect"},
    {attempt_timeout, "attempt_timeout"},
    {plan_timeout, "plan_timeout"},
    {redundant, "redundant"},
    {peer_left, "peer_left"},
    {peer_stalled, "peer_stalled"},
    {request_invalid, "request_invalid"},
    {unanswered, "unanswered"},
    {server_closed, "server_closed"},
    {listen_failed, "listen_failed"},
    {emit_refused, "emit_refused"},
    {emit_failed, "emit_failed"},
    {document_too_large, "document_too_large"},
    {invalid_document, "invalid_document"},
    {service_unavailable, "service_unavailable"},
    {service_throttled, "service_throttled"},
    {service_denied, "service_denied"},
    {service_refused, "service_refused"},
    {invalid_reply, "invalid_reply"},
    {system, "system"},
});

}  // namespace

std::string_view to_string(Phase phase) {
  return kPhaseNames[static_cast<std::size_t>(phase)];
}

Error Error::with_prefix(std::string_view prefix) const {
  std::string text{prefix};
  text += ": ";
  text += message;
  return {code, phase, std::move(text)};
}

std::string_view to_string(Error::Code code) {
  for (const auto& [known, name] : kCodeNames) {
    if (known == code) return name;
  }
  return "unknown";
}

bool is_timeout(Error::Code code) {
  switch (code) {
    case dns_timeout:
    case connect_timeout:
    case pool_timeout:
    case proxy_timeout:
    case tls_timeout:
    case send_stalled:
    case response_timeout:
    case response_stalled:
    case body_stalled:
    case call_timeout:
    case attempt_timeout:
    case plan_timeout:
    case peer_stalled:
      return true;
    default:
      return false;
  }
}

}  // namespace xtrace
