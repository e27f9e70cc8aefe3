#pragma once

/// `Pool` keeps a client's connections, by address, and decides which request gets which.
///
/// A request takes the connection of its address that was used last; without one it dials, where
/// the limits leave room, and waits. While it waits it takes whichever comes first, the connection
/// somebody gives back or the one that was dialled for it; a dial that was overtaken goes on, and
/// its connection is kept. Connections that are given back go to whoever waits longest.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include <xtrace/client_config.h>
#include <xtrace/pool_stats.h>

#include "client/pool_group.h"
#include "loop/timer.h"
#include "net/next_turn.h"

namespace xtrace {

class Drain;

class Pool {
 public:
  /// All of it outlives the pool.
  Pool(const DialContext& context, PoolBook& book);
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;
  ~Pool();

  /// Find a connection for a request to `url`, which outlives the search. Any of the seeker's
  /// functions may run from inside. `wants_new`: none that was kept will do.
  void seek(Seeker& seeker, const Url& url, const Proxy* proxy, bool wants_new);
  /// It needs none any more. What was dialled for it, and nobody else can use, is given up; its
  /// audience is told `error`, or nothing.
  void stop_seeking(Seeker& seeker, const Error* error);
  /// The phase that a limit striking now strikes in.
  static Phase phase_of(const Seeker& seeker);

  /// Why the connection, whose exchange went well, cannot be kept all the same.
  std::optional<std::pair<CloseReason, Error>> reason_to_close(Connection& connection) const;
  /// The exchange is over and another may follow: to whoever waits, or to the idle ones.
  void give_back(Connection& connection);
  /// Close it, for that reason.
  void condemn(Connection& connection, CloseReason reason);
  /// Its request was given up in the middle of the answer: read the rest, where that is little and
  /// comes soon, so that the connection can be used again.
  void drain(Connection& connection);
  void end_drain(Drain& drain, bool is_saved);
  void count_stale_retry(const Url& url, const Proxy* proxy);
  void count_wait_timeout(Seeker& seeker);

  /// Keep nothing and dial nothing that nobody waits for. Whoever seeks is served all the same.
  void close();
  void close_idle();
  /// Close all, also what is lent; nobody may be using it any more.
  void close_all();
  /// Whether no connection and no dial is left.
  bool is_empty() const { return total_ == 0; }
  /// Runs whenever the last of them has gone, from inside whatever made it go.
  void on_empty(Callback<void()> told) { on_empty_ = std::move(told); }

 private:
  PoolGroup& group_for(const PoolKey& key);
  void forget_unused_groups();

  Connection* take_idle(PoolGroup& group);
  bool has_expired(const Connection& connection, Tick present) const;
  void leave_idle(Connection& connection);
  void put_idle(Connection& connection);
  void close_surplus(PoolGroup& group);
  void close_expired();
  void watch_expiry();

  bool has_room(const PoolGroup& group) const;
  bool make_room(Seeker& seeker, PoolGroup& group);
  void wait(PoolGroup& group, Seeker& seeker);
  void leave(Seeker& seeker);
  void leave_undialled(Seeker& seeker);
  void dial_for(PoolGroup& group, Seeker& seeker);
  void on_dialled(PoolDial& dial, Expected<Dialled> made);
  void give_up(PoolDial& dial);
  void drop(PoolDial& dial);
  void hand_over(Connection& connection, Seeker& seeker, const Lent& how);
  Seeker* next_for_kept(PoolGroup& group);
  void serve_later(PoolGroup& group);
  void serve();
  void use_room(PoolGroup& group);
  void note_gone(PoolGroup& group);

  DialContext context_;
  const PoolLimits& limits_;
  PoolBook& book_;
  struct Hash {
    std::size_t operator()(const PoolKey& key) const {
      return std::hash<std::string_view>()(key.host) ^ (std::size_t{key.port} << 1U) ^
             static_cast<std::size_t>(key.is_https) ^ std::hash<const void*>()(key.proxy);
    }
  };
  std::unordered_map<PoolKey, std::unique_ptr<PoolGroup>, Hash> groups_;
  Chain<Connection, IdleInPool> idle_;  // idle longest first
  std::size_t idle_count_ = 0;
  Chain<Seeker, UndialledInPool> undialled_;
  std::size_t undialled_count_ = 0;
  std::size_t total_ = 0;
  std::uint64_t last_number_ = 0;
  bool is_closed_ = false;
  std::vector<std::unique_ptr<Drain>> drains_;
  std::vector<PoolGroup*> to_be_served_;
  NextTurn next_turn_;
  std::optional<Timer> expiry_;
  Callback<void()> on_empty_;
  const std::shared_ptr<const bool> life_ = std::make_shared<const bool>();
};

}  // namespace xtrace
