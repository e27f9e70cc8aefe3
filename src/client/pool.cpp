/// Who gets which connection. What happens to idle ones is in pool_idle.cpp.

#include "client/pool.h"

#include <algorithm>

#include "client/drain.h"

namespace xtrace {

namespace {

constexpr Duration kRemembered = std::chrono::minutes(1);

Error left_behind() {
  return {Error::Code::cancelled, Phase::connect, "another connection became free first"};
}

template <class Owned>
void erase_owned(std::vector<std::unique_ptr<Owned>>& list, const Owned& element) {
  const auto found =
      std::ranges::find_if(list, [&element](const auto& owned) { return owned.get() == &element; });
  std::swap(*found, list.back());
  const std::unique_ptr<Owned> dying = std::move(list.back());
  list.pop_back();
}

}  // namespace

Pool::Pool(const DialContext& context, PoolBook& book)
    : context_(context), limits_(context.config.pool), book_(book), next_turn_(context.loop) {}

Pool::~Pool() = default;

// -- seeking --------------------------------------------------------------------------------------

void Pool::seek(Seeker& seeker, const Url& url, const Proxy* proxy, bool wants_new) {
  PoolGroup& group = group_for(pool_key(url, proxy));
  seeker.place.url = &url;
  seeker.place.wants_new = wants_new || !context_.config.keeps_alive;
  // Who waits comes first.
  const bool may_take_idle = !seeker.place.wants_new && next_for_kept(group) == nullptr;
  if (Connection* kept = may_take_idle ? take_idle(group) : nullptr) {
    const Duration idle = tick_now() - kept->idle_since;
    return hand_over(*kept, seeker, {.connection = *kept, .was_kept = true, .idle_time = idle});
  }
  const bool is_next = group.undialled.empty() && (limits_.connections == 0 || undialled_.empty());
  if (is_next && make_room(seeker, group)) {
    wait(group, seeker);
    return dial_for(group, seeker);
  }
  if (limits_.waiting > 0 && undialled_count_ >= limits_.waiting) {
    group.book.rejected.add();
    return seeker.on_seek_failed({Error::Code::pool_full, Phase::queue,
                                  "all connections are in use and " +
                                      std::to_string(limits_.waiting) + " requests wait already"});
  }
  group.book.waits.add();
  wait(group, seeker);
  serve_later(group);
}

void Pool::wait(PoolGroup& group, Seeker& seeker) {
  seeker.place.group = &group;
  group.waiting.push_back(seeker);
  group.undialled.push_back(seeker);
  undialled_.push_back(seeker);
  ++undialled_count_;
  group.book.waiting.add();
}

void Pool::leave_undialled(Seeker& seeker) {
  auto& link = static_cast<Link<Seeker, UndialledInPool>&>(seeker);
  if (!link.is_linked()) return;
  link.unlink();
  static_cast<Link<Seeker, UndialledInGroup>&>(seeker).unlink();
  --undialled_count_;
}

void Pool::leave(Seeker& seeker) {
  if (seeker.place.group == nullptr) return;
  static_cast<Link<Seeker, WaitingInGroup>&>(seeker).unlink();
  leave_undialled(seeker);
  seeker.place.group->book.waiting.subtract();
  seeker.place.group = nullptr;
}

void Pool::stop_seeking(Seeker& seeker, const Error* error) {
  PoolGroup* group = seeker.place.group;
  if (group == nullptr) return;
  leave(seeker);
  PoolDial* dial = std::exchange(seeker.place.dial, nullptr);
  if (dial == nullptr) return;
  dial->owner = nullptr;
  if (error != nullptr) {
    dial->dialling->dismiss(*error);
  } else {
    dial->dialling->silence();
  }
  if (!group->undialled.empty()) return;  // somebody waits for just that
  give_up(*dial);
  serve_later(*group);
}

Phase Pool::phase_of(const Seeker& seeker) {
  return seeker.place.dial == nullptr ? Phase::queue : seeker.place.dial->dialling->phase();
}

void Pool::count_wait_timeout(Seeker& seeker) {
  if (seeker.place.group != nullptr) seeker.place.group->book.wait_timeouts.add();
}

void Pool::count_stale_retry(const Url& url, const Proxy* proxy) {
  group_for(pool_key(url, proxy)).book.stale_retries.add();
}

// -- dialling -------------------------------------------------------------------------------------

bool Pool::has_room(const PoolGroup& group) const {
  if (limits_.connections_per_host > 0 && group.total() >= limits_.connections_per_host)
    return false;
  return limits_.connections == 0 || total_ < limits_.connections;
}

// Idle connections give way: those of other addresses to anybody, those of the same address to one
// that must be new; everybody else is about to be served by them.
bool Pool::make_room(Seeker& seeker, PoolGroup& group) {
  while (!has_room(group)) {
    const bool is_full_here =
        limits_.connections_per_host > 0 && group.total() >= limits_.connections_per_host;
    Connection* oldest = is_full_here ? group.idle.back() : idle_.front();
    if (oldest == nullptr) return false;
    if (&oldest->group() == &group && !seeker.place.wants_new) return false;
    condemn(*oldest, CloseReason::over_limit);
  }
  return true;
}

void Pool::dial_for(PoolGroup& group, Seeker& seeker) {
  leave_undialled(seeker);
  PoolDial& dial = *group.dials.emplace_back(std::make_unique<PoolDial>(group, seeker));
  seeker.place.dial = &dial;
  ++total_;
  group.book.connecting.add();
  dial.dialling.emplace(
      context_, *seeker.place.url, group.key.proxy,
      [this, &dial](Expected<Dialled> made) { on_dialled(dial, std::move(made)); });
  const Expected<void> started = dial.dialling->start(seeker.on_dial_decided());
  if (!started) on_dialled(dial, started.error());
}

void Pool::on_dialled(PoolDial& dial, Expected<Dialled> made) {
  PoolGroup& group = dial.group;
  Seeker* const owner = dial.owner;
  if (owner != nullptr) owner->place.dial = nullptr;
  drop(dial);
  if (const Error* error = made.if_error()) {
    group.book.failed.add();
    serve_later(group);
    if (owner == nullptr) return;
    leave(*owner);
    return owner->on_seek_failed(*error);
  }
  Connection& connection = *group.connections.emplace_back(
      std::make_unique<Connection>(*this, group, std::move(made).value(), ++last_number_));
  connection.slot = group.connections.size() - 1;
  ++total_;
  group.book.opened.add();
  group.book.active.add();
  Seeker* const taker = owner != nullptr ? owner : group.waiting.front();
  if (taker == nullptr) return give_back(connection);
  hand_over(connection, *taker,
            {.connection = connection, .was_dialled_for_seeker = taker == owner});
}

// Whoever makes a connection or room for one free is in the middle of something, and whoever gets
// it may do anything, destroying the first included: so it gets it on the next turn.
void Pool::serve_later(PoolGroup& group) {
  if (group.is_to_be_served || (undialled_.empty() && group.waiting.empty())) return;
  group.is_to_be_served = true;
  to_be_served_.push_back(&group);
  if (!next_turn_.is_pending()) next_turn_.call([this] { serve(); });
}

// All that is kept is handed over before anybody's idle connections have to give way. Whoever is
// served may destroy the pool.
void Pool::serve() {
  const std::weak_ptr<const bool> life = life_;
  const std::vector<PoolGroup*> groups = std::exchange(to_be_served_, {});
  for (PoolGroup* group : groups) {
    while (Seeker* seeker = next_for_kept(*group)) {
      Connection* kept = take_idle(*group);
      if (kept == nullptr) break;
      hand_over(*kept, *seeker, {.connection = *kept, .was_kept = true});
      if (life.expired()) return;
    }
  }
  for (PoolGroup* group : groups) {
    group->is_to_be_served = false;
    use_room(*group);
    if (life.expired()) return;
    close_surplus(*group);
  }
}

void Pool::give_up(PoolDial& dial) {
  dial.group.book.failed.add();
  drop(dial);
}

void Pool::drop(PoolDial& dial) {
  PoolGroup& group = dial.group;
  erase_owned(group.dials, dial);
  group.book.connecting.subtract();
  --total_;
  note_gone(group);
}

// -- handing over ---------------------------------------------------------------------------------

// The connection counts as active already, or is taken from the idle ones.
void Pool::hand_over(Connection& connection, Seeker& seeker, const Lent& how) {
  leave(seeker);
  if (PoolDial* dial = std::exchange(seeker.place.dial, nullptr); dial != nullptr) {
    dial->dialling->dismiss(left_behind());
    dial->owner = nullptr;
  }
  if (how.was_kept) connection.group().book.reused.add();
  ++connection.requests;
  connection.was_kept = how.was_kept;
  seeker.on_lent(how);
}

// The longest waiting of those whom one that was kept will do.
Seeker* Pool::next_for_kept(PoolGroup& group) {
  Seeker* seeker = group.waiting.front();
  while (seeker != nullptr && seeker->place.wants_new) seeker = group.waiting.after(*seeker);
  return seeker;
}

std::optional<std::pair<CloseReason, Error>> Pool::reason_to_close(Connection& connection) const {
  const auto because = [](CloseReason reason, std::string why) {
    return std::pair(reason, Error{Error::Code::client_closed, Phase::none, std::move(why)});
  };
  if (is_closed_ && connection.group().waiting.empty())
    return because(CloseReason::closed, "the client is closing");
  if (limits_.lifetime > Duration::zero() && tick_now() - connection.made_at >= limits_.lifetime)
    return because(CloseReason::lifetime, "the connection is older than pool.lifetime");
  return std::nullopt;
}

void Pool::give_back(Connection& connection) {
  connection.lend_to(nullptr);
  if (const auto reason = reason_to_close(connection)) return condemn(connection, reason->first);
  put_idle(connection);
}

void Pool::condemn(Connection& connection, CloseReason reason) {
  PoolGroup& group = connection.group();
  leave_idle(connection);
  group.book.active.subtract();
  group.book.closed[static_cast<std::size_t>(reason)].add();
  std::swap(group.connections[connection.slot], group.connections.back());
  group.connections[connection.slot]->slot = connection.slot;
  const std::unique_ptr<Connection> dying = std::move(group.connections.back());
  group.connections.pop_back();
  --total_;
  note_gone(group);
  serve_later(group);
}

// Whoever waits longest and can, dials; of other addresses too where a limit holds for all.
void Pool::use_room(PoolGroup& group) {
  const std::weak_ptr<const bool> life = life_;
  while (Seeker* seeker = limits_.connections == 0 ? group.undialled.front() : nullptr) {
    if (!make_room(*seeker, group)) return;
    dial_for(group, *seeker);
    if (life.expired()) return;
  }
  if (limits_.connections == 0) return;
  Seeker* seeker = undialled_.front();
  while (seeker != nullptr) {
    if (make_room(*seeker, *seeker->place.group)) {
      dial_for(*seeker->place.group, *seeker);
      if (life.expired()) return;
      seeker = undialled_.front();
    } else {
      seeker = undialled_.after(*seeker);
    }
  }
}

void Pool::note_gone(PoolGroup& group) {
  if (group.total() == 0) group.unused_since = tick_now();
  if (total_ == 0 && on_empty_) on_empty_();
}

// -- groups ---------------------------------------------------------------------------------------

PoolGroup& Pool::group_for(const PoolKey& key) {
  if (const auto found = groups_.find(key); found != groups_.end()) return *found->second;
  forget_unused_groups();
  auto fresh = std::make_unique<PoolGroup>(key, book_.open_address(address_of(key)));
  PoolGroup& group = *fresh;
  group.unused_since = tick_now();
  groups_.emplace(group.key, std::move(fresh));
  return group;
}

// A client that meets ever new addresses does not grow for ever.
void Pool::forget_unused_groups() {
  const Tick present = tick_now();
  std::erase_if(groups_, [this, present](const auto& entry) {
    const PoolGroup& group = *entry.second;
    const bool is_used = group.total() > 0 || !group.waiting.empty() || group.is_to_be_served;
    if (is_used || present - group.unused_since < kRemembered) return false;
    book_.close_address(group.book);
    return true;
  });
}

}  // namespace xtrace
