#include "net/tls_sessions.h"

#include <algorithm>
#include <utility>

namespace xtrace::tls {

Tick end_of(const KeptSession& session, std::optional<std::chrono::seconds> lifetime,
            const TimePoint& now) {
  Tick end = session.made + kLongestSession;
  if (lifetime) end = std::min(end, now.tick + *lifetime);
  if (session.peer.verified) {
    const WallTime last =
        std::clamp(session.peer.peer_not_after, now.wall, now.wall + kLongestSession);
    end = std::min(end, now.tick + (last - now.wall));
  }
  return end;
}

std::shared_ptr<const KeptSession> SessionCache::find(std::string_view peer, Tick now) {
  std::shared_ptr<const KeptSession> outdated;  // freed without the lock
  const std::lock_guard lock(mutex_);
  const auto entry = find_entry(peer);
  if (entry == entries_.end()) return nullptr;
  if (now < entry->expires) return entry->session;
  outdated = std::move(entry->session);
  entries_.erase(entry);
  return nullptr;
}

void SessionCache::keep(std::string_view peer, std::shared_ptr<const KeptSession> session,
                        Tick expires) {
  Entry fresh{std::string(peer), std::move(session), expires};
  std::shared_ptr<const KeptSession> replaced;
  const std::lock_guard lock(mutex_);
  auto old = find_entry(peer);
  if (old == entries_.end() && entries_.size() >= kMostSessions) old = entries_.begin();
  if (old != entries_.end()) {
    replaced = std::move(old->session);
    entries_.erase(old);
  }
  entries_.push_back(std::move(fresh));
}

void SessionCache::drop(std::string_view peer, const std::shared_ptr<const KeptSession>& session) {
  const std::lock_guard lock(mutex_);
  const auto entry = find_entry(peer);
  if (entry != entries_.end() && entry->session == session) entries_.erase(entry);
}

std::size_t SessionCache::size() const {
  const std::lock_guard lock(mutex_);
  return entries_.size();
}

std::vector<SessionCache::Entry>::iterator SessionCache::find_entry(std::string_view peer) {
  return std::find_if(entries_.begin(), entries_.end(),
                      [peer](const Entry& entry) { return entry.peer == peer; });
}

}  // namespace xtrace::tls
