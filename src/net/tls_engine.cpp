#include "net/tls_engine.h"

#include <algorithm>
#include <utility>

#include "net/tls_context.h"
#include "net/tls_key_log.h"
#include "net/tls_names.h"
#include "net/tls_settings.h"
#include "net/tls_verify.h"

namespace xtrace {

namespace {

int alert_for(Error::Code code) {
  switch (code) {
    case Error::Code::cert_untrusted:
    case Error::Code::cert_self_signed:
      return MBEDTLS_SSL_ALERT_MSG_UNKNOWN_CA;
    case Error::Code::cert_expired:
    case Error::Code::cert_not_yet_valid:
      return MBEDTLS_SSL_ALERT_MSG_CERT_EXPIRED;
    default:
      return MBEDTLS_SSL_ALERT_MSG_BAD_CERT;
  }
}

// mbedTLS: TLS-ECDHE-RSA-WITH-AES-128-GCM-SHA256, TLS1-3-AES-128-GCM-SHA256.
std::string to_iana_name(std::string cipher) {
  constexpr std::string_view kTls13 = "TLS1-3-";
  if (cipher.starts_with(kTls13)) cipher.replace(0, kTls13.size(), "TLS-");
  std::replace(cipher.begin(), cipher.end(), '-', '_');
  return cipher;
}

std::string text_or_empty(const char* text) {
  return text == nullptr ? "" : text;
}

}  // namespace

TlsEngine::TlsEngine(std::shared_ptr<const TlsContext> context, TlsPeer peer)
    : context_(std::move(context)), peer_(std::move(peer)) {}

TlsEngine::~TlsEngine() {
  if (offered_) context_->sessions()->drop(peer_.session_key, offered_);
}

void TlsEngine::feed(std::span<const std::byte> bytes) {
  input_ = bytes;
  is_input_kept_ = false;
  const auto first = bytes.first(std::min(bytes.size(), first_bytes_.size() - first_count_));
  std::transform(first.begin(), first.end(), first_bytes_.begin() + first_count_,
                 [](std::byte byte) { return static_cast<char>(byte); });
  first_count_ += first.size();
}

void TlsEngine::keep_input() {
  if (input_.empty() || std::exchange(is_input_kept_, true)) return;
  kept_ = tls::take_buffer();
  kept_.assign(input_.begin(), input_.end());
  input_ = kept_;
}

Expected<bool> TlsEngine::shake_hands() {
  if (!std::exchange(is_set_up_, true)) {
    if (const int code = set_up(); code != 0) return failure(code);
  }
  while (!is_over()) {
    const int code = mbedtls_ssl_handshake_step(ssl_.get());
    if (code == MBEDTLS_ERR_SSL_WANT_READ && !has_input()) return false;
    if (code != 0 && code != MBEDTLS_ERR_SSL_WANT_READ) return failure(code);
    if (tls::expects_certificate(*ssl_.get())) has_seen_certificate_ = true;
    if (is_judged_ || peer_chain() == nullptr) continue;
    if (auto verdict = verify_peer(); !verdict) return std::move(verdict).error();
  }
  // Who continues a session was verified when it was made.
  if (!is_judged_ && !is_resumed()) {
    return Error{Error::Code::cert_invalid, Phase::tls, name() + " showed no certificate"};
  }
  return true;
}

TlsInfo TlsEngine::conclude() {
  TlsInfo info = agreed();
  const auto offered = std::exchange(offered_, nullptr);
  verified_at_ = info.resumed ? offered->made : now().tick;
  if (offered && !info.resumed) context_->sessions()->drop(peer_.session_key, offered);
  tls::forget_chain(*ssl_.get());
  if (!info.resumed || tls::has_new_ticket(*ssl_.get(), offered->session)) keep_session(info);
  return info;
}

TlsInfo TlsEngine::agreed() const {
  TlsInfo info;
  if (is_resumed()) info = offered_->peer;
  info.resumed = is_resumed();
  info.version = text_or_empty(mbedtls_ssl_get_version(ssl_.get()));
  info.cipher = to_iana_name(text_or_empty(mbedtls_ssl_get_ciphersuite(ssl_.get())));
  info.alpn = text_or_empty(mbedtls_ssl_get_alpn_protocol(ssl_.get()));
  info.verified = !context_->accepts_any_certificate();
  if (const mbedtls_x509_crt* peer = mbedtls_ssl_get_peer_cert(ssl_.get()); peer != nullptr) {
    info.peer_subject = tls::to_string(peer->subject);
    info.peer_issuer = tls::to_string(peer->issuer);
    info.peer_not_before = tls::to_wall(peer->valid_from);
    info.peer_not_after = tls::to_wall(peer->valid_to);
  }
  return info;
}

void TlsEngine::keep_session(const TlsInfo& info) {
  tls::SessionCache* sessions = context_->sessions();
  if (sessions == nullptr) return;
  const auto kept = std::make_shared<tls::KeptSession>();
  if (!tls::copy_session(*ssl_.get(), kept->session)) return;
  kept->peer = info;
  kept->made = verified_at_;
  const auto lifetime = tls::ticket_lifetime(kept->session);
  sessions->keep(peer_.session_key, kept, tls::end_of(*kept, lifetime, now()));
}

Expected<TlsEngine::Piece> TlsEngine::read(std::span<std::byte> into) {
  if (end_of_reading_) return *end_of_reading_;
  auto piece = read_record(into);
  if (!piece || piece->state == ReadState::closed) end_of_reading_ = piece;
  return piece;
}

Expected<TlsEngine::Piece> TlsEngine::read_record(std::span<std::byte> into) {
  auto* bytes = reinterpret_cast<unsigned char*>(into.data());
  while (true) {
    const int code = mbedtls_ssl_read(ssl_.get(), bytes, into.size());
    if (code > 0) return Piece{ReadState::data, static_cast<std::size_t>(code)};
    switch (code) {
      case MBEDTLS_ERR_SSL_WANT_READ:
        if (has_input()) continue;  // a record without data for us
        return Piece{ReadState::starved};
      case MBEDTLS_ERR_SSL_PEER_CLOSE_NOTIFY:
        return Piece{ReadState::closed};
      case 0:  // the end, or a second record in a row without data
        if (!input_ended_) continue;
        return tls::truncation_error();
      case MBEDTLS_ERR_SSL_CONN_EOF:
        return tls::truncation_error();
#if defined(MBEDTLS_ERR_SSL_RECEIVED_NEW_SESSION_TICKET)
      case MBEDTLS_ERR_SSL_RECEIVED_NEW_SESSION_TICKET:
        keep_session(agreed());
        continue;
#endif
      default:
        return tls::receive_error(
            {.code = code, .alert = last_alert(code), .first_bytes = first_bytes()});
    }
  }
}

Expected<std::size_t> TlsEngine::encrypt(std::span<const std::byte> plain) {
  const auto record = plain.first(std::min(plain.size(), tls::kMostPerRecord));
  const int code = mbedtls_ssl_write(
      ssl_.get(), reinterpret_cast<const unsigned char*>(record.data()), record.size());
  if (code >= 0) return static_cast<std::size_t>(code);
  return Error{Error::Code::send_failed, Phase::request,
               "write to the TLS connection: " + tls::reason_of(code)};
}

void TlsEngine::say_goodbye() {
  // It can fail only where nobody is left to say it to.
  static_cast<void>(mbedtls_ssl_close_notify(ssl_.get()));
}

int TlsEngine::send(void* engine, const unsigned char* bytes, std::size_t size) {
  tls::Buffer& output = static_cast<TlsEngine*>(engine)->output_;
  if (output.capacity() == 0) output = tls::take_buffer();
  const auto* begin = reinterpret_cast<const std::byte*>(bytes);
  output.insert(output.end(), begin, begin + size);
  return static_cast<int>(size);
}

int TlsEngine::receive(void* engine, unsigned char* into, std::size_t size) {
  auto* self = static_cast<TlsEngine*>(engine);
  if (self->input_.empty()) return self->input_ended_ ? 0 : MBEDTLS_ERR_SSL_WANT_READ;
  const auto piece = self->input_.first(std::min(size, self->input_.size()));
  std::copy(piece.begin(), piece.end(), reinterpret_cast<std::byte*>(into));
  self->remember(piece);
  self->input_ = self->input_.subspan(piece.size());
  if (self->input_.empty() && std::exchange(self->is_input_kept_, false)) {
    tls::give_back(self->kept_);
  }
  return static_cast<int>(piece.size());
}

int TlsEngine::set_up() {
  if (const int code = mbedtls_ssl_setup(ssl_.get(), &context_->config()); code != 0) return code;
  if (tls::KeyLog* log = context_->key_log()) tls::KeyLog::attach(*log, *ssl_.get());
  mbedtls_ssl_set_bio(ssl_.get(), this, send, receive, nullptr);
  is_judged_ = context_->accepts_any_certificate();
  const char* server_name = tls::is_ip_address(name()) ? nullptr : name().c_str();
  const int code = mbedtls_ssl_set_hostname(ssl_.get(), server_name);
  return code != 0 ? code : offer_session();
}

int TlsEngine::offer_session() {
  tls::SessionCache* sessions = context_->sessions();
  if (sessions == nullptr) return 0;
  offered_ = sessions->find(peer_.session_key, now().tick);
  if (!offered_) return 0;
  return mbedtls_ssl_set_session(ssl_.get(), offered_->session.get());
}

Expected<void> TlsEngine::verify_peer() {
  const std::string cipher = tls::cipher_in_negotiation(*ssl_.get());
  auto verdict = tls::verify(*peer_chain(), context_->trust(), {.name = name(), .cipher = cipher});
  is_judged_ = verdict.has_value();
  if (const Error* error = verdict.if_error()) {
    mbedtls_ssl_send_alert_message(ssl_.get(), MBEDTLS_SSL_ALERT_LEVEL_FATAL,
                                   static_cast<unsigned char>(alert_for(error->code)));
  }
  return verdict;
}

mbedtls_x509_crt* TlsEngine::peer_chain() {
  return tls::chain_in_negotiation(*ssl_.get());
}

bool TlsEngine::is_over() const {
  return tls::is_handshake_over(*ssl_.get());
}

Error TlsEngine::failure(int code) {
  return tls::handshake_error(
      name(), {.code = code, .alert = last_alert(code), .first_bytes = first_bytes()},
      context_->offer());
}

// An alert in the clear is the last thing the library took; an encrypted one only it has seen.
std::optional<int> TlsEngine::last_alert(int code) const {
  if (code != MBEDTLS_ERR_SSL_FATAL_ALERT_MESSAGE) return std::nullopt;
  const bool is_plain = latest_[0] == MBEDTLS_SSL_MSG_ALERT && latest_[3] == 0 && latest_[4] == 2;
  if (is_plain) return latest_[6];
  return tls::decrypted_alert(*ssl_.get());
}

void TlsEngine::remember(std::span<const std::byte> used) {
  const auto fresh = used.last(std::min(used.size(), latest_.size()));
  const auto count = static_cast<std::ptrdiff_t>(fresh.size());
  std::copy(latest_.begin() + count, latest_.end(), latest_.begin());
  std::transform(fresh.begin(), fresh.end(), latest_.end() - count,
                 [](std::byte byte) { return std::to_integer<unsigned char>(byte); });
}

}  // namespace xtrace
