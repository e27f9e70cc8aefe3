#include "net/tls_client_engine.h"

#include <utility>

#include "net/tls_context.h"
#include "net/tls_key_log.h"
#include "net/tls_names.h"
#include "net/tls_settings.h"
#include "net/tls_verify.h"

namespace xtrace {

TlsClientEngine::TlsClientEngine(const std::shared_ptr<const TlsContext>& context, TlsPeer peer)
    : TlsEngine({.owner = context,
                 .config = &context->config(),
                 .offer = &context->offer(),
                 .peer = tls::Side::server},
                std::move(peer.name)),
      context_(*context),
      session_key_(std::move(peer.session_key)) {}

TlsClientEngine::~TlsClientEngine() {
  if (offered_) context_.sessions()->drop(session_key_, offered_);
}

int TlsClientEngine::set_up() {
  if (tls::KeyLog* log = context_.key_log()) tls::KeyLog::attach(*log, ssl());
  is_judged_ = context_.accepts_any_certificate();
  const char* server_name = tls::is_ip_address(name()) ? nullptr : name().c_str();
  const int code = mbedtls_ssl_set_hostname(&ssl(), server_name);
  return code != 0 ? code : offer_session();
}

int TlsClientEngine::offer_session() {
  tls::SessionCache* sessions = context_.sessions();
  if (sessions == nullptr) return 0;
  offered_ = sessions->find(session_key_, now().tick);
  if (!offered_) return 0;
  return mbedtls_ssl_set_session(&ssl(), offered_->session.get());
}

Expected<void> TlsClientEngine::check_step() {
  mbedtls_x509_crt* chain = is_judged_ ? nullptr : tls::chain_in_negotiation(ssl());
  if (chain == nullptr) return {};
  const std::string cipher = tls::cipher_in_negotiation(ssl());
  auto verdict = tls::verify(*chain, context_.trust(), {.name = name(), .cipher = cipher});
  is_judged_ = verdict.has_value();
  if (const Error* error = verdict.if_error()) send_alert(tls::alert_for(error->code));
  return verdict;
}

Expected<void> TlsClientEngine::check_end() {
  // Who continues a session was verified when it was made.
  if (is_judged_ || is_resumed()) return {};
  return Error{Error::Code::cert_invalid, Phase::tls, name() + " showed no certificate"};
}

TlsInfo TlsClientEngine::conclude() {
  TlsInfo info = found_out();
  const auto offered = std::exchange(offered_, nullptr);
  verified_at_ = info.resumed ? offered->made : now().tick;
  if (offered && !info.resumed) context_.sessions()->drop(session_key_, offered);
  tls::forget_chain(ssl());
  if (!info.resumed || tls::has_new_ticket(ssl(), offered->session)) keep_session(info);
  return info;
}

void TlsClientEngine::on_new_ticket() {
  keep_session(found_out());
}

TlsInfo TlsClientEngine::found_out() const {
  TlsInfo info = agreed(is_resumed() ? offered_->peer : TlsInfo());
  info.resumed = is_resumed();
  info.verified = !context_.accepts_any_certificate();
  return info;
}

void TlsClientEngine::keep_session(const TlsInfo& info) {
  tls::SessionCache* sessions = context_.sessions();
  if (sessions == nullptr) return;
  const auto kept = std::make_shared<tls::KeptSession>();
  if (!tls::copy_session(ssl(), kept->session)) return;
  kept->peer = info;
  kept->made = verified_at_;
  const auto lifetime = tls::ticket_lifetime(kept->session);
  sessions->keep(session_key_, kept, tls::end_of(*kept, lifetime, now()));
}

}  // namespace xtrace
