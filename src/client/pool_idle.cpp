/// The connections that nobody uses: kept, found again, closed in time.

#include <algorithm>

#include "client/drain.h"
#include "client/pool.h"

namespace xtrace {

bool Pool::has_expired(const Connection& connection, Tick present) const {
  if (limits_.idle_timeout > Duration::zero() &&
      present - connection.idle_since >= limits_.idle_timeout)
    return true;
  return limits_.lifetime > Duration::zero() && present - connection.made_at >= limits_.lifetime;
}

// Timers of a busy loop are late, so each is looked at once more.
Connection* Pool::take_idle(PoolGroup& group) {
  const Tick present = tick_now();
  while (Connection* connection = group.idle.front()) {
    if (!has_expired(*connection, present)) {
      leave_idle(*connection);
      return connection;
    }
    const bool is_old =
        limits_.lifetime > Duration::zero() && present - connection->made_at >= limits_.lifetime;
    condemn(*connection, is_old ? CloseReason::lifetime : CloseReason::idle_timeout);
  }
  return nullptr;
}

void Pool::put_idle(Connection& connection) {
  PoolGroup& group = connection.group();
  connection.idle_since = tick_now();
  connection.stream().keep_loop_alive(false);
  group.idle.push_front(static_cast<Link<Connection, IdleInGroup>&>(connection));
  idle_.push_back(static_cast<Link<Connection, IdleInPool>&>(connection));
  ++group.idle_count;
  ++idle_count_;
  group.book.active.subtract();
  group.book.idle.add();
  watch_expiry();
  serve_later(group);
  if (group.waiting.empty()) close_surplus(group);
}

// What nobody who waited took.
void Pool::close_surplus(PoolGroup& group) {
  while (is_closed_ && group.waiting.empty() && group.idle_count > 0)
    condemn(*group.idle.front(), CloseReason::closed);
  while (limits_.idle_per_host > 0 && group.idle_count > limits_.idle_per_host)
    condemn(*group.idle.back(), CloseReason::over_limit);
  while (limits_.idle > 0 && idle_count_ > limits_.idle)
    condemn(*idle_.front(), CloseReason::over_limit);
}

// Back among the active ones; without effect on one that is.
void Pool::leave_idle(Connection& connection) {
  auto& link = static_cast<Link<Connection, IdleInPool>&>(connection);
  if (!link.is_linked()) return;
  link.unlink();
  static_cast<Link<Connection, IdleInGroup>&>(connection).unlink();
  PoolGroup& group = connection.group();
  --group.idle_count;
  --idle_count_;
  group.book.idle.subtract();
  group.book.active.add();
  connection.stream().keep_loop_alive(true);
}

// One timer for all, set when it is not: it finds the next one due when it strikes.
void Pool::watch_expiry() {
  if (limits_.idle_timeout <= Duration::zero() || (expiry_ && expiry_->is_armed())) return;
  Connection* oldest = idle_.front();
  if (oldest == nullptr) return;
  if (!expiry_) {
    expiry_.emplace(context_.loop);
    expiry_->unref();
  }
  const Duration left = limits_.idle_timeout - (tick_now() - oldest->idle_since);
  expiry_->arm(std::max(left, Duration::zero()), [this] { close_expired(); });
}

void Pool::close_expired() {
  const Tick present = tick_now();
  while (Connection* oldest = idle_.front()) {
    if (present - oldest->idle_since < limits_.idle_timeout) break;
    condemn(*oldest, CloseReason::idle_timeout);
  }
  watch_expiry();
}

void Pool::drain(Connection& connection) {
  drains_.push_back(std::make_unique<Drain>(*this, context_.loop, connection));
}

void Pool::end_drain(Drain& drain, bool is_saved) {
  Connection& connection = drain.connection();
  const auto found =
      std::ranges::find_if(drains_, [&drain](const auto& owned) { return owned.get() == &drain; });
  const std::unique_ptr<Drain> dying = std::move(*found);
  drains_.erase(found);
  if (is_saved) return give_back(connection);
  condemn(connection, CloseReason::cancelled);
}

void Pool::close_idle() {
  while (Connection* connection = idle_.front()) condemn(*connection, CloseReason::closed);
}

void Pool::close() {
  is_closed_ = true;
  close_idle();
  for (const auto& [key, group] : groups_) {
    for (std::size_t i = group->dials.size(); i-- > 0;) {
      const bool is_awaited = group->dials[i]->owner != nullptr || !group->undialled.empty();
      if (!is_awaited) give_up(*group->dials[i]);
    }
  }
}

void Pool::close_all() {
  close();
  drains_.clear();
  for (const auto& [key, group] : groups_) {
    while (!group->dials.empty()) give_up(*group->dials.back());
    while (!group->connections.empty()) condemn(*group->connections.back(), CloseReason::closed);
  }
}

}  // namespace xtrace
