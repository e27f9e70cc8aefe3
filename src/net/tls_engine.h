#pragma once

/// `TlsEngine` is one side of a TLS connection without a connection: bytes from the peer go in,
/// bytes for the peer come out. `TlsStream` moves them.
///
/// Here is what both sides share. How a handshake begins, whom it trusts and what is left of it,
/// `TlsClientEngine` and `TlsServerEngine` know.

#include <array>
#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <xtrace/expected.h>
#include <xtrace/tls.h>

#include "net/tls_buffers.h"
#include "net/tls_errors.h"
#include "net/tls_library.h"

namespace xtrace {

class TlsEngine {
 public:
  TlsEngine(const TlsEngine&) = delete;
  TlsEngine& operator=(const TlsEngine&) = delete;
  virtual ~TlsEngine() = default;

  /// What messages call the peer.
  const std::string& name() const { return name_; }

  /// The peer sent `bytes`, which stay valid until they are used up (`has_input`) or kept
  /// (`keep_input`). Only when everything before is used up.
  void feed(std::span<const std::byte> bytes);
  /// The peer sends nothing more.
  void end_input() { input_ended_ = true; }
  bool has_input() const { return !input_.empty(); }
  /// Copy what is not used up, because the bytes fed are about to go.
  void keep_input();

  /// Go on as far as the input allows. True once the handshake is done and the peer is who it
  /// should be.
  Expected<bool> shake_hands();
  /// What was agreed on. Once, after the handshake: frees what only the handshake needed.
  virtual TlsInfo conclude() = 0;

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

 protected:
  struct Settings {
    /// Whatever the others point into; kept until the library is done with it.
    std::shared_ptr<const void> owner;
    const mbedtls_ssl_config* config;
    const tls::Offer* offer;
    tls::Side peer;
  };

  TlsEngine(Settings settings, std::string name);

  mbedtls_ssl_context& ssl() { return *ssl_.get(); }
  const mbedtls_ssl_context& ssl() const { return *ssl_.get(); }
  /// Whether the server came to show its certificate: it continues no session.
  bool has_seen_certificate() const { return has_seen_certificate_; }
  std::string_view first_bytes() const { return {first_bytes_.data(), first_count_}; }
  /// Adds to `info` what the library knows of the connection, the peer's certificate included.
  TlsInfo agreed(TlsInfo info) const;
  /// Tells the peer why the handshake ends.
  void send_alert(int alert);

  virtual Error failure(int code);

 private:
  /// Before the first step. Returns the library's code.
  virtual int set_up() = 0;
  /// After each step of the handshake.
  virtual Expected<void> check_step() = 0;
  /// After the last one.
  virtual Expected<void> check_end() = 0;
  /// The server gave a ticket after the handshake.
  virtual void on_new_ticket() {}

  static int send(void* engine, const unsigned char* bytes, std::size_t size);
  static int receive(void* engine, unsigned char* into, std::size_t size);

  int begin();
  Expected<Piece> read_record(std::span<std::byte> into);
  std::optional<int> last_alert(int code) const;
  std::optional<int> own_alert() const;
  void remember(std::span<const std::byte> used);

  const Settings settings_;
  const std::string name_;
  tls::SslContext ssl_;  // uses the settings until it is freed
  bool is_begun_ = false;
  bool has_seen_certificate_ = false;

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
