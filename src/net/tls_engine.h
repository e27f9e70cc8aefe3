#pragma once

/// `TlsEngine` is the client's side of a TLS connection without a connection: bytes from the peer
/// go in, bytes for the peer come out. `TlsStream` moves them.

#include <array>
#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <xtrace/clock.h>
#include <xtrace/expected.h>
#include <xtrace/tls.h>

#include "net/tls_buffers.h"
#include "net/tls_errors.h"
#include "net/tls_library.h"
#include "net/tls_sessions.h"

namespace xtrace {

struct TlsPeer {
  /// Sent as SNI unless it is an IP address, and the name the certificate must be for.
  std::string name;
  /// Sessions are continued with the same peer only: name, port and whatever else tells it apart.
  std::string session_key;
};

class TlsEngine {
 public:
  TlsEngine(std::shared_ptr<const TlsContext> context, TlsPeer peer);
  TlsEngine(const TlsEngine&) = delete;
  TlsEngine& operator=(const TlsEngine&) = delete;
  /// A session that was offered in a handshake which then came to nothing is not offered again.
  ~TlsEngine();

  const std::string& name() const { return peer_.name; }

  /// The peer sent `bytes`, which stay valid until they are used up (`has_input`) or kept
  /// (`keep_input`). Only when everything before is used up.
  void feed(std::span<const std::byte> bytes);
  /// The peer sends nothing more.
  void end_input() { input_ended_ = true; }
  bool has_input() const { return !input_.empty(); }
  /// Copy what is not used up, because the bytes fed are about to go.
  void keep_input();

  /// Go on as far as the input allows. True once the handshake is done and the peer is verified.
  Expected<bool> shake_hands();
  /// What was agreed on. Once, after the handshake: keeps the session for the next one, and frees
  /// what only the handshake needed.
  TlsInfo conclude();

  enum class ReadState { data, starved, closed };
  struct Piece {
    ReadState state;
    std::size_t size = 0;
  };
  /// Decrypts at most one record into `into`, of `tls::kMostPerRecord` bytes. `starved` asks for
  /// more input, `closed` is the peer's close_notify. Its absence at the end of the input is the
  /// error of `is_tls_truncation`.
  Expected<Piece> read(std::span<std::byte> into);

  /// Encrypts the beginning of `plain` into one record. Returns how much of it.
  Expected<std::size_t> encrypt(std::span<const std::byte> plain);
  /// Tells the peer that nothing more comes.
  void say_goodbye();

  /// Bytes for the peer; whoever sends them empties it.
  tls::Buffer& output() { return output_; }

 private:
  static int send(void* engine, const unsigned char* bytes, std::size_t size);
  static int receive(void* engine, unsigned char* into, std::size_t size);

  Expected<Piece> read_record(std::span<std::byte> into);
  int set_up();
  int offer_session();
  bool is_resumed() const { return offered_ && !has_seen_certificate_; }
  TlsInfo agreed() const;
  void keep_session(const TlsInfo& info);
  Expected<void> verify_peer();
  mbedtls_x509_crt* peer_chain();
  bool is_over() const;
  std::string_view first_bytes() const { return {first_bytes_.data(), first_count_}; }
  Error failure(int code);
  std::optional<int> last_alert(int code) const;
  void remember(std::span<const std::byte> used);

  std::shared_ptr<const TlsContext> context_;
  TlsPeer peer_;
  tls::SslContext ssl_;  // uses the context until it is freed
  bool is_set_up_ = false;
  bool has_seen_certificate_ = false;                // the server continues no session
  std::shared_ptr<const tls::KeptSession> offered_;  // until the handshake is concluded
  Tick verified_at_{};      // when the session, or the one it continues, was made
  bool is_judged_ = false;  // the peer was verified, or anybody is accepted

  std::span<const std::byte> input_;
  tls::Buffer kept_;
  bool is_input_kept_ = false;  // `input_` is a part of `kept_`
  bool input_ended_ = false;
  std::optional<Expected<Piece>> end_of_reading_;  // what `read` says from then on
  tls::Buffer output_;

  std::array<char, 16> first_bytes_{};  // of all input, for errors
  std::size_t first_count_ = 0;
  std::array<unsigned char, 7> latest_{};  // input bytes used, newest last: room for a plain alert
};

}  // namespace xtrace
