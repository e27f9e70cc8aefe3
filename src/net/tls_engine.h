#pragma once

/// `TlsEngine` is the client's side of a TLS connection without a connection: bytes from the peer
/// go in, bytes for the peer come out. `TlsStream` moves them.

#include <array>
#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <xtrace/expected.h>
#include <xtrace/tls.h>

#include "net/tls_errors.h"
#include "net/tls_library.h"

namespace xtrace {

class TlsEngine {
 public:
  /// The most plaintext one record carries, and so the most `read` gives at once.
  static constexpr std::size_t kMostPerRecord = 16384;

  /// `name` is sent as SNI unless it is an IP address, and is the name the certificate must be for.
  TlsEngine(std::shared_ptr<const TlsContext> context, std::string name);
  TlsEngine(const TlsEngine&) = delete;
  TlsEngine& operator=(const TlsEngine&) = delete;
  ~TlsEngine();

  const std::string& name() const { return name_; }

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
  /// What was agreed on. After the handshake.
  TlsInfo info() const;

  enum class ReadState { data, starved, closed };
  struct Piece {
    ReadState state;
    std::size_t size = 0;
  };
  /// Decrypts at most one record into `into`. `starved` asks for more input, `closed` is the peer's
  /// close_notify. Its absence at the end of the input is the error of `is_tls_truncation`.
  Expected<Piece> read(std::span<std::byte> into);

  /// Encrypts the beginning of `plain` into one record. Returns how much of it.
  Expected<std::size_t> encrypt(std::span<const std::byte> plain);
  /// Tells the peer that nothing more comes.
  void say_goodbye();

  /// Bytes for the peer; whoever sends them empties it.
  std::vector<std::byte>& output() { return output_; }

 private:
  static int send(void* engine, const unsigned char* bytes, std::size_t size);
  static int receive(void* engine, unsigned char* into, std::size_t size);

  Expected<Piece> read_record(std::span<std::byte> into);
  int set_up();
  int set_up_identity();
  Expected<void> verify_peer();
  mbedtls_x509_crt* peer_chain();
  bool is_over() const;
  Error failure(int code);
  std::optional<int> last_alert(int code) const;
  void remember(std::span<const std::byte> used);

  std::shared_ptr<const TlsContext> context_;
  std::string name_;
  tls::CertificateChain own_chain_;
  tls::PrivateKey own_key_;
  tls::SslConfig config_;
  tls::SslContext ssl_;  // uses all of the above until it is freed
  bool is_set_up_ = false;
  bool is_judged_ = false;  // the peer was verified, or anybody is accepted

  std::span<const std::byte> input_;
  std::vector<std::byte> kept_;
  bool is_input_kept_ = false;  // `input_` is a part of `kept_`
  bool input_ended_ = false;
  std::optional<Expected<Piece>> end_of_reading_;  // what `read` says from then on
  std::vector<std::byte> output_;

  std::string first_bytes_;                // of all input, for errors
  std::array<unsigned char, 7> latest_{};  // input bytes used, newest last: room for a plain alert
};

}  // namespace xtrace
