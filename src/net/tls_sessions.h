#pragma once

/// `SessionCache` keeps the sessions that servers let us continue: RFC 5077 tickets and session
/// ids, newest last, one per peer.
///
/// What is found stays whole while its finder holds it, also when it is replaced meanwhile. Any
/// number of threads may use one cache; nothing is computed while one of them has it to itself.

#include <chrono>
#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <xtrace/clock.h>
#include <xtrace/tls.h>

#include "net/tls_library.h"

namespace xtrace::tls {

/// A session and what was found out about the peer when it was made, for it shows no certificate
/// when the session is continued.
struct KeptSession {
  SslSession session;
  TlsInfo peer;
  Tick made{};  ///< When the peer was last verified, for a ticket may be renewed by its successor.
};

/// Never continue a session for longer than a day after the peer was verified (RFC 5246 F.1.4).
inline constexpr Duration kLongestSession = std::chrono::hours(24);

/// Until when a session just made may be continued. `lifetime` is what the server said, if it did;
/// a verified peer's certificate must hold as long.
Tick end_of(const KeptSession& session, std::optional<std::chrono::seconds> lifetime,
            const TimePoint& now);

class SessionCache {
 public:
  static constexpr std::size_t kMostSessions = 256;

  SessionCache() = default;
  SessionCache(const SessionCache&) = delete;
  SessionCache& operator=(const SessionCache&) = delete;
  ~SessionCache() = default;

  /// The session of `peer`, or null. One that has run out is dropped.
  std::shared_ptr<const KeptSession> find(std::string_view peer, Tick now);
  /// Replaces the session of `peer`; the oldest of all goes when there are too many.
  void keep(std::string_view peer, std::shared_ptr<const KeptSession> session, Tick expires);
  /// Drops `session`, unless a newer one has taken its place.
  void drop(std::string_view peer, const std::shared_ptr<const KeptSession>& session);

  std::size_t size() const;

 private:
  struct Entry {
    std::string peer;
    std::shared_ptr<const KeptSession> session;
    Tick expires;
  };

  std::vector<Entry>::iterator find_entry(std::string_view peer);

  mutable std::mutex mutex_;
  std::vector<Entry> entries_;  // oldest first
};

}  // namespace xtrace::tls
