#include "net/tls_errors.h"

#include <algorithm>
#include <array>
#include <utility>

#include "net/tls.h"
#include "net/tls_library.h"

namespace xtrace {

namespace {

constexpr std::string_view kTruncation = "connection closed without TLS close_notify";

}  // namespace

bool is_tls_truncation(const Error& error) {
  return error.code == Error::Code::receive_failed && error.message.ends_with(kTruncation);
}

namespace tls {

namespace {

struct AlertName {
  int alert;
  std::string_view name;
};

constexpr auto kAlertNames = std::to_array<AlertName>({
    {0, "close_notify"},
    {10, "unexpected_message"},
    {20, "bad_record_mac"},
    {21, "decryption_failed"},
    {22, "record_overflow"},
    {30, "decompression_failure"},
    {40, "handshake_failure"},
    {41, "no_certificate"},
    {42, "bad_certificate"},
    {43, "unsupported_certificate"},
    {44, "certificate_revoked"},
    {45, "certificate_expired"},
    {46, "certificate_unknown"},
    {47, "illegal_parameter"},
    {48, "unknown_ca"},
    {49, "access_denied"},
    {50, "decode_error"},
    {51, "decrypt_error"},
    {60, "export_restriction"},
    {70, "protocol_version"},
    {71, "insufficient_security"},
    {80, "internal_error"},
    {86, "inappropriate_fallback"},
    {90, "user_canceled"},
    {100, "no_renegotiation"},
    {109, "missing_extension"},
    {110, "unsupported_extension"},
    {111, "certificate_unobtainable"},
    {112, "unrecognized_name"},
    {113, "bad_certificate_status_response"},
    {114, "bad_certificate_hash_value"},
    {115, "unknown_psk_identity"},
    {116, "certificate_required"},
    {120, "no_application_protocol"},
});

constexpr int kHandshakeFailure = 40;
constexpr int kProtocolVersion = 70;
constexpr int kNoApplicationProtocol = 120;

Error fault(Error::Code code, const std::string& name, std::string_view reason) {
  return {code, Phase::tls, "TLS handshake with " + name + ": " + std::string(reason)};
}

Error version_error(const std::string& name, const Offer& offer) {
  std::string reason = "the server refuses every version offered (" + list_versions(offer) + ")";
  if (offer.is_short_of_newest) {
    reason += "; this build speaks " + to_string(kNewestVersion) + " at most";
  }
  return fault(Error::Code::tls_version, name, reason);
}

Error alert_error(const std::string& name, int alert, const Offer& offer) {
  if (alert == kProtocolVersion) return version_error(name, offer);
  std::string reason = "the server answered with the alert " + alert_name(alert);
  if (alert == kHandshakeFailure) {
    reason += "; it accepts none of the versions (" + list_versions(offer) +
              ") and ciphers offered, or asks for a client certificate";
  }
  if (alert == kNoApplicationProtocol) reason += "; it does not speak " + list_protocols(offer);
  return fault(Error::Code::tls_handshake, name, reason);
}

// Every TLS record begins with its type, 20 to 24, and the major version 3.
bool looks_like_tls(std::string_view bytes) {
  if (bytes.empty()) return true;
  const auto type = static_cast<unsigned char>(bytes[0]);
  return type >= 20 && type <= 24 && (bytes.size() < 2 || bytes[1] == 3);
}

}  // namespace

std::string alert_name(int alert) {
  const auto* const found =
      std::find_if(kAlertNames.begin(), kAlertNames.end(),
                   [alert](const AlertName& known) { return known.alert == alert; });
  if (found != kAlertNames.end()) return std::string(found->name);
  return "alert " + std::to_string(alert);
}

Error handshake_error(const std::string& name, const Breakdown& breakdown, const Offer& offer) {
  switch (breakdown.code) {
    case MBEDTLS_ERR_SSL_FATAL_ALERT_MESSAGE:
      if (breakdown.alert) return alert_error(name, *breakdown.alert, offer);
      return fault(Error::Code::tls_handshake, name, "the server answered with a fatal alert");
    case MBEDTLS_ERR_SSL_CONN_EOF:
    case MBEDTLS_ERR_SSL_PEER_CLOSE_NOTIFY:
      return fault(Error::Code::tls_closed, name,
                   breakdown.first_bytes.empty()
                       ? "the server closed the connection without an answer"
                       : "the server closed the connection before the handshake was done");
#if MBEDTLS_VERSION_MAJOR >= 3
    case MBEDTLS_ERR_SSL_BAD_PROTOCOL_VERSION:
#else
    case MBEDTLS_ERR_SSL_BAD_HS_PROTOCOL_VERSION:
#endif
      return version_error(name, offer);
    default:
      break;
  }
  if (!looks_like_tls(breakdown.first_bytes)) {
    return fault(Error::Code::tls_handshake, name,
                 "the server does not speak TLS on this port (its answer begins with \"" +
                     printable(breakdown.first_bytes) + "\")");
  }
  return fault(Error::Code::tls_handshake, name, reason_of(breakdown.code));
}

Error handshake_cut(const std::string& name, const Error& below) {
  return fault(Error::Code::tls_closed, name, below.message);
}

Error receive_error(const Breakdown& breakdown) {
  std::string message = "read from the TLS connection: ";
  if (breakdown.alert) {
    message += "the server sent the alert " + alert_name(*breakdown.alert);
  } else {
    message += reason_of(breakdown.code);
  }
  return {Error::Code::receive_failed, Phase::response, std::move(message)};
}

Error truncation_error() {
  return {Error::Code::receive_failed, Phase::response, std::string(kTruncation)};
}

}  // namespace tls

}  // namespace xtrace
