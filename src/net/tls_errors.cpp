#include "net/tls_errors.h"

#include <algorithm>
#include <array>
#include <utility>

#include "net/tls.h"

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
constexpr int kBadCertificate = 42;
constexpr int kCertificateUnknown = 46;
constexpr int kUnknownCa = 48;
constexpr int kProtocolVersion = 70;
constexpr int kNoApplicationProtocol = 120;

Error fault(Error::Code code, const std::string& name, std::string_view reason) {
  return {code, Phase::tls, "TLS handshake with " + name + ": " + std::string(reason)};
}

std::string_view name_of(Side side) {
  return side == Side::client ? "the client" : "the server";
}

Error version_error(const std::string& name, Side peer, const Offer& offer) {
  std::string reason(name_of(peer));
  reason += peer == Side::server ? " refuses every version offered ("
                                 : " speaks none of the versions accepted (";
  reason += list_versions(offer) + ")";
  if (offer.is_short_of_newest) {
    reason += "; this build speaks " + to_string(kNewestVersion) + " at most";
  }
  return fault(Error::Code::tls_version, name, reason);
}

std::string hint_of_server(int alert, const Offer& offer) {
  if (alert == kHandshakeFailure) {
    return "; it accepts none of the versions (" + list_versions(offer) +
           ") and ciphers offered, or asks for a client certificate";
  }
  if (alert == kNoApplicationProtocol) return "; it does not speak " + list_protocols(offer);
  return {};
}

std::string hint_of_client(int alert) {
  const bool is_about_certificate =
      (alert >= kBadCertificate && alert <= kCertificateUnknown) || alert == kUnknownCa;
  return is_about_certificate ? "; it does not accept the server's certificate" : "";
}

Error alert_error(const std::string& name, const Breakdown& breakdown, const Offer& offer) {
  const int alert = *breakdown.alert;
  if (alert == kProtocolVersion) return version_error(name, breakdown.peer, offer);
  std::string reason(name_of(breakdown.peer));
  reason += " answered with the alert " + alert_name(alert);
  reason += breakdown.peer == Side::server ? hint_of_server(alert, offer) : hint_of_client(alert);
  return fault(Error::Code::tls_handshake, name, reason);
}

Error closed_error(const std::string& name, const Breakdown& breakdown) {
  std::string reason(name_of(breakdown.peer));
  if (!breakdown.first_bytes.empty()) {
    reason += " closed the connection before the handshake was done";
  } else if (breakdown.peer == Side::server) {
    reason += " closed the connection without an answer";
  } else {
    reason += " closed the connection without a word";
  }
  return fault(Error::Code::tls_closed, name, reason);
}

// A client's first bytes are the beginning of a request, which is not for messages.
Error foreign_error(const std::string& name, const Breakdown& breakdown) {
  if (breakdown.peer == Side::server) {
    return fault(Error::Code::tls_handshake, name,
                 "the server does not speak TLS on this port (its answer begins with \"" +
                     printable(breakdown.first_bytes) + "\")");
  }
  return fault(Error::Code::tls_handshake, name,
               looks_like_http(breakdown.first_bytes)
                   ? "the client does not speak TLS, but plain HTTP"
                   : "the client does not speak TLS");
}

// What the library puts into an alert of ours, and nowhere else.
Error refusal_error(const std::string& name, const Breakdown& breakdown, const Offer& offer) {
  if (breakdown.peer == Side::client && breakdown.own_alert == kNoApplicationProtocol) {
    return fault(Error::Code::tls_handshake, name,
                 "the client offers none of the protocols " + list_protocols(offer) + " by ALPN");
  }
  return fault(Error::Code::tls_handshake, name, reason_of(breakdown.code));
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

bool looks_like_http(std::string_view first_bytes) {
  constexpr std::size_t kShortestMethod = 3;
  const auto* const end = std::find_if_not(first_bytes.begin(), first_bytes.end(),
                                           [](char c) { return c >= 'A' && c <= 'Z'; });
  if (end < first_bytes.begin() + kShortestMethod) return false;
  return end == first_bytes.end() || *end == ' ';
}

Error handshake_error(const std::string& name, const Breakdown& breakdown, const Offer& offer) {
  switch (breakdown.code) {
    case MBEDTLS_ERR_SSL_FATAL_ALERT_MESSAGE:
      if (breakdown.alert) return alert_error(name, breakdown, offer);
      return fault(Error::Code::tls_handshake, name,
                   std::string(name_of(breakdown.peer)) + " answered with a fatal alert");
    case MBEDTLS_ERR_SSL_CONN_EOF:
    case MBEDTLS_ERR_SSL_PEER_CLOSE_NOTIFY:
      return closed_error(name, breakdown);
#if MBEDTLS_VERSION_MAJOR >= 3
    case MBEDTLS_ERR_SSL_BAD_PROTOCOL_VERSION:
#else
    case MBEDTLS_ERR_SSL_BAD_HS_PROTOCOL_VERSION:
#endif
      return version_error(name, breakdown.peer, offer);
    default:
      break;
  }
  if (!looks_like_tls(breakdown.first_bytes)) return foreign_error(name, breakdown);
  return refusal_error(name, breakdown, offer);
}

Error handshake_cut(const std::string& name, const Error& below) {
  return fault(Error::Code::tls_closed, name, below.message);
}

Error receive_error(const Breakdown& breakdown) {
  std::string message = "read from the TLS connection: ";
  if (breakdown.alert) {
    message.append(name_of(breakdown.peer)) += " sent the alert " + alert_name(*breakdown.alert);
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
