#include "net/tls_engine.h"

#include <algorithm>
#include <utility>

#include "net/tls_names.h"
#include "net/tls_settings.h"

namespace xtrace {

namespace {

// An alert as it stands in the clear: type, version, length, level, description.
constexpr std::size_t kPlainAlertSize = 7;

std::optional<int> read_plain_alert(std::span<const unsigned char, kPlainAlertSize> record) {
  const bool is_plain = record[0] == MBEDTLS_SSL_MSG_ALERT && record[3] == 0 && record[4] == 2;
  return is_plain ? std::optional<int>(record[6]) : std::nullopt;
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

TlsEngine::TlsEngine(Settings settings, std::string name)
    : settings_(std::move(settings)), name_(std::move(name)) {}

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
  if (!std::exchange(is_begun_, true)) {
    if (const int code = begin(); code != 0) return failure(code);
  }
  while (!tls::is_handshake_over(*ssl_.get())) {
    const int code = mbedtls_ssl_handshake_step(ssl_.get());
    if (code == MBEDTLS_ERR_SSL_WANT_READ && !has_input()) return false;
    if (code != 0 && code != MBEDTLS_ERR_SSL_WANT_READ) return failure(code);
    if (tls::expects_certificate(*ssl_.get())) has_seen_certificate_ = true;
    if (auto checked = check_step(); !checked) return std::move(checked).error();
  }
  if (auto checked = check_end(); !checked) return std::move(checked).error();
  return true;
}

int TlsEngine::begin() {
  if (const int code = mbedtls_ssl_setup(ssl_.get(), settings_.config); code != 0) return code;
  mbedtls_ssl_set_bio(ssl_.get(), this, send, receive, nullptr);
  return set_up();
}

TlsInfo TlsEngine::agreed(TlsInfo info) const {
  info.version = text_or_empty(mbedtls_ssl_get_version(ssl_.get()));
  info.cipher = to_iana_name(text_or_empty(mbedtls_ssl_get_ciphersuite(ssl_.get())));
  info.alpn = text_or_empty(mbedtls_ssl_get_alpn_protocol(ssl_.get()));
  if (const mbedtls_x509_crt* peer = mbedtls_ssl_get_peer_cert(ssl_.get()); peer != nullptr) {
    info.peer_subject = tls::to_string(peer->subject);
    info.peer_issuer = tls::to_string(peer->issuer);
    info.peer_not_before = tls::to_wall(peer->valid_from);
    info.peer_not_after = tls::to_wall(peer->valid_to);
  }
  return info;
}

void TlsEngine::send_alert(int alert) {
  mbedtls_ssl_send_alert_message(ssl_.get(), MBEDTLS_SSL_ALERT_LEVEL_FATAL,
                                 static_cast<unsigned char>(alert));
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
        on_new_ticket();
        continue;
#endif
      default:
        return tls::receive_error({.code = code,
                                   .alert = last_alert(code),
                                   .first_bytes = first_bytes(),
                                   .peer = settings_.peer});
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

Error TlsEngine::failure(int code) {
  return tls::handshake_error(name_,
                              {.code = code,
                               .alert = last_alert(code),
                               .first_bytes = first_bytes(),
                               .peer = settings_.peer,
                               .own_alert = own_alert()},
                              *settings_.offer);
}

// An alert in the clear is the last thing the library took; an encrypted one only it has seen.
std::optional<int> TlsEngine::last_alert(int code) const {
  if (code != MBEDTLS_ERR_SSL_FATAL_ALERT_MESSAGE) return std::nullopt;
  const auto plain = read_plain_alert(latest_);
  return plain ? plain : tls::decrypted_alert(*ssl_.get());
}

// The last thing the library wrote.
std::optional<int> TlsEngine::own_alert() const {
  if (output_.size() < kPlainAlertSize) return std::nullopt;
  std::array<unsigned char, kPlainAlertSize> record{};
  std::transform(output_.end() - kPlainAlertSize, output_.end(), record.begin(),
                 [](std::byte byte) { return std::to_integer<unsigned char>(byte); });
  return read_plain_alert(record);
}

void TlsEngine::remember(std::span<const std::byte> used) {
  const auto fresh = used.last(std::min(used.size(), latest_.size()));
  const auto count = static_cast<std::ptrdiff_t>(fresh.size());
  std::copy(latest_.begin() + count, latest_.end(), latest_.begin());
  std::transform(fresh.begin(), fresh.end(), latest_.end() - count,
                 [](std::byte byte) { return std::to_integer<unsigned char>(byte); });
}

}  // namespace xtrace
