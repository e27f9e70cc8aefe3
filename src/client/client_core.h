#pragma once

/// `ClientCore` is what all calls of a client share.

#include <cstddef>
#include <memory>
#include <optional>

#include <xtrace/client.h>

#include "base/chain.h"
#include "client/call_state.h"
#include "client/pool.h"
#include "client/pool_book.h"
#include "client/proxy_rules.h"
#include "client/tls_supply.h"
#include "net/next_turn.h"
#include "net/resolver.h"

namespace xtrace {

class ClientCore {
 public:
  /// Null for `resolver`: the system's. All of it outlives this.
  ClientCore(Loop& loop, const FinalizedClientConfig& config, Resolver* resolver);
  ClientCore(const ClientCore&) = delete;
  ClientCore& operator=(const ClientCore&) = delete;
  ~ClientCore();

  /// Let `call` begin on the next turn. It takes itself off when it dies.
  void begin_later(CallState& call);
  /// Let it begin at once: it may end before this returns.
  void begin_now(CallState& call);
  /// From `begin_later` to `note_end`.
  void note_end(CallState& call);

  void close(Callback<void()> on_closed);
  /// What an `on_done` starts meanwhile is refused on a later turn; it may destroy all of this.
  void abort();
  /// Calls that are made from now on are refused.
  bool is_closed() const { return is_closed_; }

  Loop& loop;
  const FinalizedClientConfig settings;  // what the two below are in
  const ClientConfig& config;
  const ProxyRules& proxies;
  const std::unique_ptr<Resolver> own_resolver;
  Resolver& resolver;
  TlsSupply tls;
  PoolBook book;
  Pool pool;

 private:
  void begin_waiting();
  bool has_calls();
  void tell_if_closed();

  bool is_closed_ = false;
  Chain<CallState> fresh_;      // begin on the next turn
  Chain<CallState> beginning_;  // on this turn
  Chain<CallState> running_;
  NextTurn next_turn_;
  NextTurn closed_turn_;
  Callback<void()> on_closed_;
  const std::shared_ptr<const bool> life_ = std::make_shared<const bool>();
};

}  // namespace xtrace
