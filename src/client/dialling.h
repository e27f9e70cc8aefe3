#pragma once

/// `Dialling` makes one connection ready for requests: lookup, dial, proxy, TLS.
///
/// It has limits of its own, since it may outlive the request that it was begun for. As long as
/// that request watches, the phases go into its `Timeline` and its hooks run; `dismiss` or
/// `silence` end that. Destroying it cancels.

#include <cstdint>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include <xtrace/client_trace.h>
#include <xtrace/http.h>

#include "client/deadlines.h"
#include "client/route.h"
#include "client/tls_supply.h"
#include "client/tunnel.h"
#include "net/connector.h"
#include "net/resolver.h"
#include "net/stream.h"
#include "net/tls.h"

namespace xtrace {

/// What a dial borrows; all of it outlives the dial.
struct DialContext {
  Loop& loop;
  Resolver& resolver;
  const ClientConfig& config;
  TlsSupply& tls;
};

struct Dialled {
  std::unique_ptr<Stream> stream;
  std::optional<TlsInfo> tls;  ///< Of the handshake with the target.
};

class Dialling final : private DialObserver {
 public:
  /// For requests to the origin of `url`, through `proxy` if there is one, which outlives this.
  Dialling(const DialContext& context, const Url& url, const Proxy* proxy,
           Callback<void(Expected<Dialled>)> on_done);
  Dialling(const Dialling&) = delete;
  Dialling& operator=(const Dialling&) = delete;
  ~Dialling();

  /// Whoever watches: both outlive this, or are sent away.
  struct Audience {
    Timeline* timeline = nullptr;
    const ClientTrace* trace = nullptr;
  };

  /// Begin. Hooks may run from inside; `on_done` runs once, on a later turn, unless this fails.
  Expected<void> start(Audience audience);
  /// Tell the audience that everything it was told to have begun has ended with `error`, and tell
  /// it no more.
  void dismiss(const Error& error);
  void silence() { audience_ = {}; }
  /// The phase a limit that strikes now strikes in.
  Phase phase() const;

 private:
  enum class State : std::uint8_t {
    idle,
    resolving_target,
    resolving,
    dialling,
    shaking_with_proxy,
    tunnelling,
    shaking,
    done
  };

  Expected<void> plan();
  void resolve(State state, Route& route);
  void on_resolved(Expected<Resolved> resolved);
  void go_on();
  void dial();
  void on_connected(Expected<std::unique_ptr<Stream>> stream);
  void after_dial();
  void shake_with_proxy();
  void tunnel();
  void on_tunnelled(Expected<std::unique_ptr<Stream>> stream);
  void after_proxy();
  void shake();
  void on_shaken(Expected<TlsSession> session);
  void finish();
  void fail(Error error);
  void on_limit(Limit limit);

  // DialObserver
  void on_dial_start(std::size_t index, const Address& address, Tick at) override;
  void on_dial_done(std::size_t index, const Address& address, Tick at,
                    const Error* error) override;
  void on_dial_abandoned(std::size_t index, const Address& address, Tick at) override;

  void record_lookup(Outcome outcome);
  void close_dial(std::size_t index, Tick at, Outcome outcome, const Error* error);
  bool needs_tunnel() const;
  bool is_proxy_tls() const { return proxy_ != nullptr && proxy_->kind == Proxy::Kind::https; }
  Error of_proxy(const Error& error) const;
  void begin_phase(Phase phase);
  void end_phase(Phase phase, Outcome outcome);
  Duration since_start(Tick at) const { return at - audience_.timeline->started.tick; }

  DialContext context_;
  const Url url_;
  const Proxy* proxy_;
  Callback<void(Expected<Dialled>)> on_done_;
  Audience audience_;
  State state_ = State::idle;

  Deadlines deadlines_;
  std::shared_ptr<const TlsContext> tls_;
  Route target_;  // of the URL's origin
  Route route_;   // of what is dialled: the proxy, or the same
  std::unique_ptr<Lookup> lookup_;
  std::unique_ptr<Connecting> connecting_;
  std::unique_ptr<Tunnelling> tunnelling_;
  std::unique_ptr<Handshake> handshake_;
  Dialled made_;
  std::vector<std::pair<std::size_t, Address>> open_dials_;  // also those that are not recorded
};

}  // namespace xtrace
