#pragma once

/// What a client's connection pool holds and did, per network address and in total; and all pools
/// of the process in one call.

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <xtrace/clock.h>

namespace xtrace {

/// Why a connection left the pool.
enum class CloseReason : std::uint8_t {
  idle_timeout,   ///< Idle for longer than `pool.idle_timeout`.
  lifetime,       ///< Older than `pool.lifetime`.
  server_closed,  ///< The server ended it while it was idle, or turned out to have done so.
  not_reusable,   ///< One side said `Connection: close`, or the answer ends with the connection.
  error,          ///< An exchange on it failed.
  cancelled,      ///< Its request was cancelled in the middle, or timed out.
  over_limit,     ///< More idle ones than `pool.idle` or `pool.idle_per_host`.
  closed,         ///< The client was closed.
};
inline constexpr std::size_t kCloseReasonCount = 8;

/// `idle_timeout`, `lifetime`, ...
std::string_view to_string(CloseReason reason);

/// Counts of one address, or of all. At every moment `total() == idle + active + connecting`; a
/// request waits only where `limit` (or the limit of the whole pool) leaves no room, or while a
/// connection is being made for it.
struct PoolCounts {
  // Now.
  std::size_t idle = 0;
  std::size_t active = 0;      ///< Lent to a request.
  std::size_t connecting = 0;  ///< Being looked up, dialled, or in a handshake.
  std::size_t waiting = 0;     ///< Requests without a connection.
  std::size_t limit = 0;       ///< Most connections there may be; 0: no limit.
  std::size_t total() const { return idle + active + connecting; }

  // Since the pool was made.
  std::uint64_t opened = 0;         ///< Connections that became usable.
  std::uint64_t failed = 0;         ///< Connections that did not.
  std::uint64_t reused = 0;         ///< Requests served by a connection that had served before.
  std::uint64_t stale_retries = 0;  ///< Requests sent again because a reused connection was dead.
  std::array<std::uint64_t, kCloseReasonCount> closed{};  ///< By `CloseReason`.
  std::uint64_t waits = 0;          ///< Requests that found neither a connection nor room for one.
  std::uint64_t wait_timeouts = 0;  ///< Of those, how many gave up (`pool_timeout`).
  std::uint64_t rejected = 0;       ///< Requests refused because too many waited (`pool_full`).

  std::uint64_t closed_for(CloseReason reason) const {
    return closed[static_cast<std::size_t>(reason)];
  }
  /// Adds everything but `limit`, which stays.
  PoolCounts& operator+=(const PoolCounts& other);
  friend bool operator==(const PoolCounts&, const PoolCounts&) = default;
};

struct AddressStats {
  /// What is connected to: `host:port` of the origin, with `proxy host:port > ` before it where a
  /// tunnel leads there; a proxy's `host:port` alone where it is shared by all http origins.
  std::string address{};
  PoolCounts counts{};
};

struct PoolStats {
  std::string name{};  ///< `ClientConfig::name`; made unique in the process by `-2`, `-3`, ...
  PoolCounts total{};  ///< Of all addresses, those that were forgotten since included.
  std::vector<AddressStats> addresses{};  ///< In order of address; forgotten a while after their
                                          ///< last connection went.

  /// `{"name":"...","total":{...},"addresses":{"host:port":{...}}}`, one line.
  std::string to_json() const;
};

/// All pools of the process, in the order they were made. From any thread; a moment's truth for
/// each pool.
std::vector<PoolStats> pool_registry();

}  // namespace xtrace
