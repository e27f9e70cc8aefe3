#include "xray/udp_pump.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <utility>

#include "base/system_reason.h"

namespace xtrace {

namespace {

using std::chrono::milliseconds;

constexpr Duration kLongestAbsence = milliseconds(500);
// A host sends back one datagram a second, after a few at first: a trial that comes sooner may get
// no answer though nobody listens.
constexpr Duration kRemoteAbsence = milliseconds(1'100);
constexpr Duration kTrial = milliseconds(250);
constexpr Duration kBusyPause = milliseconds(1);

bool would_block(int code) {
  return code == EAGAIN || code == EWOULDBLOCK || code == ENOBUFS || code == ENOMEM;
}

/// Why the daemon cannot be reached, as far as the error tells; `none` where it is another matter.
Absence absence_of(int code) {
  switch (code) {
    case ECONNREFUSED:
      return Absence::refused;
    case ENETUNREACH:
    case EHOSTUNREACH:
    case ENETDOWN:
    case EHOSTDOWN:
    case EADDRNOTAVAIL:
      return Absence::unreachable;
    default:
      return Absence::none;
  }
}

Error::Code code_of(Absence absence) {
  return absence == Absence::refused ? Error::Code::emit_refused : Error::Code::emit_failed;
}

}  // namespace

UdpPump::UdpPump(std::mutex& mutex, EmitLedger& ledger, const UdpEmitterOptions& options)
    : mutex_(mutex), ledger_(ledger), options_(options) {}

UdpPump::~UdpPump() = default;

void UdpPump::aim(const DaemonEndpoint& endpoint, LookUpHost look_up,
                  std::function<void()> on_news) {
  keeper_ = std::make_unique<AddressKeeper>(endpoint, options_.resolve_interval, std::move(look_up),
                                            std::move(on_news));
  find_route(tick_now());
}

void UdpPump::aim(int descriptor) {
  route_ = std::make_unique<UdpRoute>(descriptor, options_);
}

UdpPump::Result UdpPump::run(std::size_t most) {
  Tick now = tick_now();
  for (std::size_t round = 0; round < most; ++round, now = tick_now()) {
    if (const auto until = find_route(now)) return wait(*until, now);
    if (const auto until = judge_trial(now)) return wait(*until, now);
    if (const auto until = read_returned(now)) return wait(*until, now);
    std::size_t count = 0;
    {
      const std::scoped_lock lock{mutex_};
      count = ledger_.claim(batch_);
    }
    if (count == 0) return {};
    if (const auto until = send(Batch{batch_}.first(count), now)) return wait(*until, now);
  }
  return {State::more};
}

/// Gives up what has waited too long; the end of the next one's patience ends the wait.
UdpPump::Result UdpPump::wait(Tick until, Tick now) {
  const std::scoped_lock lock{mutex_};
  if (trial_ends_) return {State::waiting, until};
  ledger_.expire(now, options_.absent_patience);
  if (ledger_.is_empty()) return {};
  const auto expiry = ledger_.expires_at(options_.absent_patience);
  return {State::waiting, std::min(until, expiry.value_or(until))};
}

std::optional<Tick> UdpPump::send(Batch batch, Tick now) {
  const Allowance allowance = route_->allow(batch, now);
  const bool is_seen = allowance.listener == Allowance::Listener::present;
  if (allowance.listener == Allowance::Listener::missing) return try_first(batch[0], now);
  if (allowance.count == 0) {
    settle(0);
    return now + allowance.wait;
  }
  if (is_absent_ && !is_seen) return try_first(batch[0], now);
  return send_allowed(batch.first(allowance.count), allowance.listener, now);
}

std::optional<Tick> UdpPump::send_allowed(Batch batch, Allowance::Listener listener, Tick now) {
  const SendResult result = route_->send(batch, listener);
  if (result.taken > 0 && result.error != ECONNREFUSED) end_absence();
  if (result.error == 0) {
    settle(result.taken);
    return std::nullopt;
  }
  // Elsewhere that is about earlier ones, and `read_returned` knows more of them.
  if (result.error == ECONNREFUSED && !route_->answers_at_once()) {
    settle(result.taken);
    return std::nullopt;
  }
  return book_failure(result.taken, result.error, now);
}

/// While it is not known whether somebody listens, one datagram finds out, and waits on when it
/// comes back.
std::optional<Tick> UdpPump::try_first(std::string_view datagram, Tick now) {
  if (const Tick may_try = tried_at_ + kRemoteAbsence;
      is_absent_ && !route_->answers_at_once() && now < may_try) {
    settle(0);
    return may_try;
  }
  const SendResult result = route_->try_one(datagram);
  if (result.taken == 0) return book_failure(0, result.error, now);
  if (route_->answers_at_once()) {
    end_absence();
    settle(1);
    return std::nullopt;
  }
  const std::uint64_t calls = new_calls();
  const std::scoped_lock lock{mutex_};
  ledger_.hold_first(calls);
  trial_ends_ = now + kTrial;
  return trial_ends_;
}

std::optional<Tick> UdpPump::judge_trial(Tick now) {
  if (!trial_ends_) return std::nullopt;
  const Returned returned = route_->take_returned();
  if (returned.count == 0 && now < *trial_ends_) return trial_ends_;
  trial_ends_.reset();
  if (returned.count > 0) {
    refuse_sent(returned.count - 1);
    return book_returned(returned.code, now);
  }
  end_absence();
  settle(1);
  return std::nullopt;
}

/// Where refusals take their time: those of datagrams that count as sent.
std::optional<Tick> UdpPump::read_returned(Tick now) {
  const Returned returned = route_->take_returned();
  if (returned.count == 0) return std::nullopt;
  refuse_sent(returned.count);
  return book_returned(returned.code, now);
}

/// What is sent back for whatever reason does not arrive.
std::optional<Tick> UdpPump::book_returned(int code, Tick now) {
  const Absence absence = code == ECONNREFUSED ? Absence::refused : Absence::unreachable;
  settle(0);
  {
    const std::scoped_lock lock{mutex_};
    ledger_.note(code_of(absence), system_reason(code));
  }
  return begin_absence(absence, now);
}

/// Of the claimed datagrams `taken` are away, and `code` is what the next one met.
std::optional<Tick> UdpPump::book_failure(std::size_t taken, int code, Tick now) {
  const std::uint64_t calls = new_calls();
  const Absence absence = absence_of(code);
  {
    const std::scoped_lock lock{mutex_};
    if (would_block(code) || code == EINTR || absence != Absence::none) {
      ledger_.settle(taken, calls);
    } else {
      const bool is_large = code == EMSGSIZE;
      ledger_.settle_with_loss(
          taken, calls, is_large ? &EmitterStats::dropped_too_large : &EmitterStats::dropped_error);
      ledger_.note(is_large ? Error::Code::document_too_large : Error::Code::emit_failed,
                   system_reason(code));
    }
    if (absence != Absence::none) ledger_.note(code_of(absence), system_reason(code));
  }
  if (would_block(code)) return now + kBusyPause;
  if (absence == Absence::none) return std::nullopt;
  return begin_absence(absence, now);
}

/// The next look, or nothing where another address may be tried at once.
std::optional<Tick> UdpPump::begin_absence(Absence absence, Tick now) {
  if (is_absent_ && now >= tried_at_ + absent_pause_) {
    absent_pause_ = std::min(absent_pause_ * 2, kLongestAbsence);
  }
  tried_at_ = now;
  is_absent_ = true;
  if (keeper_ != nullptr) keeper_->doubt(now);
  {
    const std::scoped_lock lock{mutex_};
    ledger_.begin_absence(absence, now);
  }
  if (addresses_.size() > 1) {
    at_ = (at_ + 1) % addresses_.size();
    drop_route();
    if (++tried_ % addresses_.size() != 0) return std::nullopt;
  }
  const bool is_remote = route_ != nullptr && !route_->answers_at_once();
  return now + (is_remote ? kRemoteAbsence : absent_pause_);
}

void UdpPump::end_absence() {
  tried_ = 0;
  if (!std::exchange(is_absent_, false)) return;
  absent_pause_ = kShortestAbsence;
  const std::scoped_lock lock{mutex_};
  ledger_.end_absence();
}

void UdpPump::refuse_sent(std::size_t count) {
  const std::scoped_lock lock{mutex_};
  for (std::size_t i = 0; i < count; ++i) ledger_.refuse_sent();
}

void UdpPump::settle(std::size_t sent) {
  const std::uint64_t calls = new_calls();
  const std::scoped_lock lock{mutex_};
  ledger_.settle(sent, calls);
}

std::uint64_t UdpPump::new_calls() {
  const std::uint64_t calls = route_->calls();
  return calls - std::exchange(calls_seen_, calls);
}

}  // namespace xtrace
