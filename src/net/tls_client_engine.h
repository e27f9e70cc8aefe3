#pragma once

/// `TlsClientEngine` is the client's side of a TLS connection: it verifies the server, and
/// continues sessions.

#include <memory>
#include <string>

#include <xtrace/clock.h>
#include <xtrace/expected.h>
#include <xtrace/tls.h>

#include "net/tls_engine.h"
#include "net/tls_sessions.h"

namespace xtrace {

struct TlsPeer {
  /// Sent as SNI unless it is an IP address, and the name the certificate must be for.
  std::string name;
  /// Sessions are continued with the same peer only: name, port and whatever else tells it apart.
  std::string session_key;
};

class TlsClientEngine final : public TlsEngine {
 public:
  TlsClientEngine(const std::shared_ptr<const TlsContext>& context, TlsPeer peer);
  TlsClientEngine(const TlsClientEngine&) = delete;
  TlsClientEngine& operator=(const TlsClientEngine&) = delete;
  /// A session that was offered in a handshake which then came to nothing is not offered again.
  ~TlsClientEngine() override;

  /// Also keeps the session for the next connection.
  TlsInfo conclude() override;

 private:
  int set_up() override;
  Expected<void> check_step() override;
  Expected<void> check_end() override;
  void on_new_ticket() override;

  int offer_session();
  bool is_resumed() const { return offered_ && !has_seen_certificate(); }
  TlsInfo found_out() const;
  void keep_session(const TlsInfo& info);

  const TlsContext& context_;  // the engine keeps it
  const std::string session_key_;
  std::shared_ptr<const tls::KeptSession> offered_;  // until the handshake is concluded
  Tick verified_at_{};      // when the session, or the one it continues, was made
  bool is_judged_ = false;  // the peer was verified, or anybody is accepted
};

}  // namespace xtrace
