#include "net/tls_server_engine.h"

#include <span>
#include <string_view>
#include <utility>

#include "net/tls_server.h"
#include "net/tls_settings.h"
#include "net/tls_verify.h"

namespace xtrace {

namespace {

// For the person who left out an `s`.
constexpr std::string_view kAnswerToHttp =
    "HTTP/1.1 400 Bad Request\r\n"
    "Content-Type: text/plain; charset=utf-8\r\n"
    "Content-Length: 62\r\n"
    "Connection: close\r\n"
    "\r\n"
    "This port speaks HTTPS, and the request came over plain HTTP.\n";

// RFC 8446; before it, there was none.
constexpr int kCertificateRequired = 116;

}  // namespace

TlsServerEngine::TlsServerEngine(const std::shared_ptr<const TlsServerContext>& context,
                                 std::string client)
    : TlsEngine({.owner = context,
                 .config = &context->config(),
                 .offer = &context->offer(),
                 .peer = tls::Side::client},
                std::move(client)),
      context_(*context) {}

int TlsServerEngine::set_up() {
  if (context_.client_trust() != nullptr) mbedtls_ssl_set_verify(&ssl(), judge, this);
  return 0;
}

Expected<void> TlsServerEngine::check_step() {
  if (context_.client_trust() == nullptr) return {};
  tls::name_issuers(ssl(), context_.client_issuers());
  const bool did_expect =
      std::exchange(expects_certificate_, tls::expects_client_certificate(ssl()));
  if (verdict_ && !*verdict_) {
    send_alert(tls::alert_for(verdict_->error().code));
    return *verdict_;
  }
  // At once, for a later step gives the client a ticket.
  if (did_expect && !expects_certificate_) return check_certificate();
  return {};
}

Expected<void> TlsServerEngine::check_end() {
  if (auto checked = check_certificate(); !checked) return checked;
  tls::give_tickets(ssl());
  return {};
}

// Who continues a session showed one when it was made.
Expected<void> TlsServerEngine::check_certificate() {
  const bool needs_certificate = context_.client_trust() != nullptr && has_seen_certificate();
  if (!needs_certificate || verdict_) return {};
  const bool has_own_alert = agreed({}).version == "TLSv1.3";
  send_alert(has_own_alert ? kCertificateRequired : MBEDTLS_SSL_ALERT_MSG_HANDSHAKE_FAILURE);
  return Error{Error::Code::cert_invalid, Phase::tls, name() + " showed no certificate"};
}

TlsInfo TlsServerEngine::conclude() {
  TlsInfo info = agreed({});
  info.resumed = !has_seen_certificate();
  info.verified = context_.client_trust() != nullptr;
  tls::forget_chain(ssl());
  return info;
}

Error TlsServerEngine::failure(int code) {
  Error error = TlsEngine::failure(code);
  if (tls::looks_like_http(first_bytes())) {
    const auto answer = std::as_bytes(std::span(kAnswerToHttp));
    output().assign(answer.begin(), answer.end());
  }
  return error;
}

// Called for each certificate of the chain, the client's own last and at its head.
int TlsServerEngine::judge(void* engine, mbedtls_x509_crt* certificate, int depth,
                           std::uint32_t* /*flags*/) noexcept {
  auto* self = static_cast<TlsServerEngine*>(engine);
  if (depth != 0) return 0;
  self->verdict_ = tls::verify(*certificate, *self->context_.client_trust(),
                               {.name = self->name(), .cipher = {}, .peer = tls::Side::client});
  return 0;
}

}  // namespace xtrace
