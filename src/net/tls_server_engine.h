#pragma once

/// `TlsServerEngine` is the server's side of a TLS connection: it shows a certificate, and verifies
/// the client's where its context asks for one.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include <xtrace/expected.h>
#include <xtrace/tls_server.h>

#include "net/tls_engine.h"

namespace xtrace {

class TlsServerEngine final : public TlsEngine {
 public:
  /// `client` is what messages call the peer.
  TlsServerEngine(const std::shared_ptr<const TlsServerContext>& context, std::string client);
  TlsServerEngine(const TlsServerEngine&) = delete;
  TlsServerEngine& operator=(const TlsServerEngine&) = delete;
  ~TlsServerEngine() override = default;

  TlsInfo conclude() override;

 private:
  int set_up() override;
  Expected<void> check_step() override;
  Expected<void> check_end() override;
  Error failure(int code) override;

  static int judge(void* engine, mbedtls_x509_crt* certificate, int depth,
                   std::uint32_t* flags) noexcept;
  Expected<void> check_certificate();

  const TlsServerContext& context_;        // the engine keeps it
  std::optional<Expected<void>> verdict_;  // on the client's certificate
  bool expects_certificate_ = false;       // it is what comes next
};

}  // namespace xtrace
