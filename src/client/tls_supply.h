#pragma once

/// `TlsSupply` makes a client's `TlsContext` when it is first needed: a client that never speaks
/// TLS never reads a trust store.

#include <memory>
#include <utility>

#include <xtrace/expected.h>
#include <xtrace/tls.h>

namespace xtrace {

class TlsSupply {
 public:
  explicit TlsSupply(TlsConfig config) : config_(std::move(config)) {}

  /// Reads the files the first time, and again only where that failed.
  Expected<std::shared_ptr<const TlsContext>> get() {
    if (context_) return context_;
    Expected<std::shared_ptr<const TlsContext>> made = make_tls_context(config_);
    if (made) context_ = *made;
    return made;
  }

 private:
  TlsConfig config_;
  std::shared_ptr<const TlsContext> context_;
};

}  // namespace xtrace
