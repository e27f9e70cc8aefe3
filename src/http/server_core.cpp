#include "http/server_core.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "http/server_connection.h"

namespace xtrace {

namespace {

// Limits are looked at so often that they are a few percent late, and so seldom that a thousand
// connections cost nothing.
Duration sweep_period(const HttpServerLimits& limits) {
  const Duration shortest = std::min({limits.head, limits.idle, limits.rate_grace});
  return std::clamp<Duration>(shortest / 16, std::chrono::milliseconds(5),
                              std::chrono::milliseconds(250));
}

// A wait that nobody lives to see the end of: moments are reckoned with them.
HttpServerConfig bounded(HttpServerConfig config) {
  constexpr Duration kCentury = std::chrono::hours(24) * 365 * 100;
  for (Duration* limit : {&config.limits.head, &config.limits.idle, &config.limits.rate_grace}) {
    *limit = std::min(*limit, kCentury);
  }
  return config;
}

}  // namespace

ServerCore::ServerCore(Loop& loop, const HttpServerConfig& config, HttpHandler handler)
    : loop_(loop),
      config_(bounded(config)),
      handler_(std::make_shared<const HttpHandler>(std::move(handler))),
      next_turn_(loop),
      sweeper_(loop) {}

ServerCore::~ServerCore() = default;

Expected<void> ServerCore::listen() {
  auto listener = Listener::listen(
      loop_, config_.address,
      {.may_accept = [this] { return may_accept(); },
       .on_stream = [this](std::unique_ptr<Stream> stream) { add(std::move(stream)); },
       .on_failure = [this] { ++counts_.accept_failed; }});
  if (const Error* error = listener.if_error()) return *error;
  listener_ = std::move(*listener);
  address_ = listener_->address();
  return {};
}

HttpServerStats ServerCore::stats() const {
  HttpServerStats stats = counts_;
  stats.open = connections_.size();
  return stats;
}

bool ServerCore::may_accept() {
  return connections_.size() < config_.limits.connections || !idle_.empty();
}

// Not before there is a new one: that more may be accepted does not mean that more came.
void ServerCore::make_room() {
  if (connections_.size() < config_.limits.connections || idle_.empty()) return;
  ++counts_.evicted;
  idle_.front()->break_off({});
}

void ServerCore::add(std::unique_ptr<Stream> stream) {
  make_room();
  ++counts_.accepted;
  auto connection = std::make_unique<ServerConnection>(*this, std::move(stream));
  connection->slot = connections_.size();
  connections_.push_back(std::move(connection));
  if (!sweeper_.is_armed()) sweeper_.arm_every(sweep_period(config_.limits), [this] { sweep(); });
  connections_.back()->start();
}

void ServerCore::on_idle(ServerConnection& connection) {
  const bool is_full = connections_.size() >= config_.limits.connections;
  if (is_full && idle_.empty() && listener_) listener_->resume();
  idle_.push_back(connection);
}

std::unique_ptr<ServerConnection> ServerCore::take_out(ServerConnection& connection) {
  const std::size_t slot = connection.slot;
  connection.unlink();
  std::swap(connections_[slot], connections_.back());
  connections_[slot]->slot = slot;
  std::unique_ptr<ServerConnection> taken = std::move(connections_.back());
  connections_.pop_back();
  if (connections_.empty()) sweeper_.disarm();
  if (listener_) listener_->resume();
  tell_closed_if_done();
  return taken;
}

void ServerCore::sweep() {
  const Life::Watch watch(life_);
  const Tick now = tick_now();
  for (std::size_t i = connections_.size(); i > 0; --i) {
    if (i > connections_.size()) continue;  // what was told of one closed others
    connections_[i - 1]->check_limits(now);
    if (watch.is_over()) return;
  }
}

void ServerCore::close(Callback<void()> on_closed) {
  on_closed_ = std::move(on_closed);
  is_closing_ = true;
  listener_.reset();
  for (std::size_t i = connections_.size(); i > 0; --i) connections_[i - 1]->close_when_done();
  tell_closed_if_done();
}

void ServerCore::abort() {
  const Life::Watch watch(life_);
  is_closing_ = true;
  listener_.reset();
  while (!connections_.empty()) {
    connections_.back()->break_off(
        Error{Error::Code::server_closed, Phase::none, "the server was closed"});
    if (watch.is_over()) return;
  }
}

void ServerCore::tell_closed_if_done() {
  if (!on_closed_ || !connections_.empty() || next_turn_.is_pending()) return;
  next_turn_.call([this] {
    Callback<void()> on_closed = std::move(on_closed_);
    on_closed();
  });
}

}  // namespace xtrace
