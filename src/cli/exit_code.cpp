#include "cli/exit_code.h"

namespace xtrace::cli {

namespace {

using enum Error::Code;

bool is_refusal_of_request(Error::Code code) {
  return code == invalid_request || code == invalid_config || code == invalid_address ||
         code == tls_config || code == invalid_document;
}

ExitCode of_response(Error::Code code) {
  switch (code) {
    case empty_reply:
      return ExitCode::empty_reply;
    case not_http:
    case ambiguous_framing:
    case upgrade_refused:
    case too_many_interim:
      return ExitCode::not_http;
    case body_cut:
      return ExitCode::body_cut;
    case body_refused:
      return ExitCode::not_written;
    case body_undecodable:
      return ExitCode::not_decoded;
    case body_expands:
      return ExitCode::too_large;
    default:
      return ExitCode::not_received;
  }
}

ExitCode of_connection(Error::Code code, std::string_view proxy) {
  switch (code) {
    case proxy_not_found:
      return ExitCode::proxy_not_resolved;
    case proxy_denied:
    case proxy_refused:
    case proxy_failed:
      return proxy.starts_with("socks") ? ExitCode::socks : ExitCode::not_received;
    default:
      return ExitCode::not_connected;
  }
}

ExitCode of_request(Error::Code code) {
  if (code == body_source_failed) return ExitCode::not_read;
  return code == body_not_repeatable ? ExitCode::not_repeatable : ExitCode::not_sent;
}

// The server's side has codes of this group too; the command meets the address that is taken.
ExitCode of_call(Error::Code code) {
  if (code == too_many_redirects || code == bad_redirect) return ExitCode::bad_redirect;
  return code == listen_failed ? ExitCode::not_emitted : ExitCode::internal;
}

/// The pool had no connection to give: as far as the server is concerned, none was made.
bool is_refusal_of_pool(Error::Code code) {
  return code == pool_full || code == client_closed;
}

}  // namespace

ExitCode exit_code_of(const Error& error, std::string_view proxy) {
  if (is_timeout(error.code)) return ExitCode::timed_out;
  if (is_refusal_of_request(error.code)) return ExitCode::usage;
  if (error.code == cancelled || error.code == redundant) return ExitCode::interrupted;
  if (error.code == breaker_open) return ExitCode::breaker_open;
  if (error.code == emit_refused || error.code == emit_failed) return ExitCode::not_emitted;
  if (error.code >= service_unavailable && error.code <= invalid_reply) {
    return ExitCode::not_emitted;
  }
  if (error.code >= cert_untrusted && error.code <= cert_invalid) return ExitCode::untrusted;
  if (is_refusal_of_pool(error.code)) return ExitCode::not_connected;
  // Codes are grouped by hundreds per phase (error.h).
  switch (static_cast<int>(error.code) / 100) {
    case 1:
      return ExitCode::bad_url;
    case 2:
      return ExitCode::not_resolved;
    case 3:
      return of_connection(error.code, proxy);
    case 4:
      return ExitCode::handshake;
    case 5:
      return of_request(error.code);
    case 6:
    case 7:
      return of_response(error.code);
    case 8:
      return of_call(error.code);
    default:
      return ExitCode::internal;
  }
}

}  // namespace xtrace::cli
