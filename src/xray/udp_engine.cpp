#include "xray/udp_engine.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include <poll.h>
#include <unistd.h>

#include "base/kept_errno.h"

namespace xtrace {

namespace {

constexpr std::size_t kOneBatch = 1;
constexpr int kInlineRounds = 4;
constexpr std::int64_t kLongestPoll = 60'000;                // milliseconds
constexpr Duration kForever = std::chrono::hours(24 * 365);  // what can be added to a tick

Tick deadline_after(Duration limit) {
  return tick_now() + std::clamp(limit, Duration::zero(), kForever);
}

/// Durations that can be added to a tick, and lookups that do not follow one another without end.
UdpEmitterOptions within_reason(UdpEmitterOptions options) {
  constexpr Duration kShortestInterval = std::chrono::milliseconds(1);
  options.max_delay = std::clamp(options.max_delay, Duration::zero(), kForever);
  options.absent_patience = std::clamp(options.absent_patience, Duration::zero(), kForever);
  options.resolve_interval = std::clamp(options.resolve_interval, kShortestInterval, kForever);
  return options;
}

}  // namespace

UdpEngine::UdpEngine(const DaemonEndpoint& endpoint, const UdpEmitterOptions& options,
                     LookUpHost look_up)
    : options_(within_reason(options)),
      ledger_(options.queue_bytes, endpoint.to_string()),
      pump_(mutex_, ledger_, options_) {
  pump_.aim(endpoint, std::move(look_up), [this] { on_news(); });
  begin_watching();
}

UdpEngine::UdpEngine(int descriptor, std::string_view peer, const UdpEmitterOptions& options)
    : options_(within_reason(options)),
      ledger_(options.queue_bytes, peer),
      pump_(mutex_, ledger_, options_) {
  pump_.aim(descriptor);
  begin_watching();
}

UdpEngine::~UdpEngine() {
  close(Duration::zero());
  end_watching();
}

void UdpEngine::take(std::span<const std::string> documents, const DocumentCounts& built) {
  const KeptErrno kept;
  for (bool is_first = true; is_first || !documents.empty(); is_first = false) {
    bool is_due = false;
    bool wakes = false;
    {
      const std::scoped_lock lock{mutex_};
      if (is_first) ledger_.add_built(built);
      documents = documents.subspan(enqueue_some(documents));
      is_due = is_pump_due(documents.empty());
      if (!is_due) wakes = schedule();
    }
    if (is_due) wakes = send_inline();
    if (wakes) wake_thread();
  }
}

/// Until there is a batch, where somebody could send it.
std::size_t UdpEngine::enqueue_some(std::span<const std::string> documents) {
  const Tick now = ledger_.absence() == Absence::none ? Tick{} : tick_now();
  std::size_t count = 0;
  while (count < documents.size()) {
    ledger_.enqueue(documents[count++], now);
    if (ledger_.has_batch() && may_send()) break;
  }
  return count;
}

/// Where there is no thread to wait for what is blocked, or for company, who emits looks at the
/// clock.
bool UdpEngine::may_send() const {
  return !is_blocked_ || (is_alone_ && tick_now() >= due_);
}

bool UdpEngine::is_pump_due(bool is_all_in) const {
  if (!may_send()) return false;
  const bool sends_at_once =
      options_.max_delay <= Duration::zero() || (is_alone_ && tick_now() >= due_);
  return ledger_.has_batch() || (sends_at_once && is_all_in && !ledger_.is_empty());
}

/// Sends batches as long as there are whole ones, within reason, and leaves them to who is sending
/// already. True where the thread has to know of what is left.
bool UdpEngine::send_inline() {
  for (int round = 0; round < kInlineRounds; ++round) {
    {
      const std::unique_lock pumping{pumping_, std::try_to_lock};
      if (!pumping) break;
      run_pump(kOneBatch);
    }
    const std::scoped_lock lock{mutex_};
    if (!is_pump_due(true)) return schedule();
  }
  const std::scoped_lock lock{mutex_};
  return schedule();
}

void UdpEngine::run_pump(std::size_t most) {
  finish(pump_.run(most), most);
}

void UdpEngine::finish(const UdpPump::Result& result, std::size_t most) {
  const Tick refresh_at = pump_.next_refresh();
  const Tick now = tick_now();
  const std::scoped_lock lock{mutex_};
  refresh_at_ = refresh_at;
  is_blocked_ = result.state == UdpPump::State::waiting;
  if (is_blocked_) {
    due_ = result.until;
  } else if (ledger_.is_empty()) {
    due_ = Tick::max();
  } else if (result.state == UdpPump::State::drained) {
    due_ = now + options_.max_delay;
  } else if (most > kOneBatch) {
    due_ = now;
  } else {
    due_ = std::min(due_, now + options_.max_delay);
  }
  settled_.notify_all();
}

void UdpEngine::flush() {
  settle_until(Tick::min(), Giving::never);
}

bool UdpEngine::drain(Duration limit) {
  return settle_until(deadline_after(limit), Giving::never);
}

/// How many documents are queued no more, whatever became of them.
std::uint64_t UdpEngine::gone() const {
  return ledger_.stats().documents - ledger_.stats().queued;
}

/// Runs the pump now and whenever it is due, until nothing is queued or the deadline passes; true
/// where nothing is. Behind the deadline it sends what can go without a wait, but nothing that
/// other threads emitted meanwhile: they may be faster for good.
bool UdpEngine::settle_until(Tick deadline, Giving giving) {
  bool is_empty = false;
  std::uint64_t before = 0;
  {
    const std::scoped_lock lock{mutex_};
    before = ledger_.stats().documents;
  }
  bool wakes = false;
  for (bool goes_on = true; goes_on;) {
    {
      const std::scoped_lock pumping{pumping_};
      run_pump(UdpPump::kTurn);
    }
    std::unique_lock lock{mutex_};
    ++waiting_;
    while (!is_settled(giving) && tick_now() < std::min(due_, deadline)) {
      const Tick until = std::min({due_, deadline, tick_now() + kForever});
      settled_.wait_until(lock, until);
    }
    --waiting_;
    const Tick now = tick_now();
    const bool is_called_for = now < deadline || (!is_blocked_ && gone() < before);
    goes_on = !is_settled(giving) && now >= due_ && is_called_for;
    is_empty = ledger_.is_empty();
    wakes = schedule();
  }
  if (wakes) wake_thread();
  return is_empty;
}

bool UdpEngine::is_settled(Giving giving) const {
  return ledger_.is_empty() || (giving == Giving::at_absence && ledger_.absence() != Absence::none);
}

Delivery UdpEngine::confirm(Duration limit) {
  const Tick deadline = deadline_after(limit);
  settle_until(deadline, Giving::at_absence);
  const Delivery delivery = last_delivery();
  if (delivery != Delivery::sent || limit <= Duration::zero()) return delivery;
  watch_for_refusal(deadline);
  return last_delivery();
}

Delivery UdpEngine::last_delivery() {
  const std::scoped_lock lock{mutex_};
  const bool is_refused = !ledger_.is_empty() && ledger_.absence() == Absence::refused;
  return is_refused ? Delivery::refused : ledger_.last();
}

void UdpEngine::watch_for_refusal(Tick deadline) {
  int descriptor = -1;
  {
    const std::scoped_lock pumping{pumping_};
    descriptor = pump_.descriptor_to_watch();
  }
  if (descriptor < 0) return;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - tick_now());
  pollfd waiting{.fd = descriptor, .events = 0, .revents = 0};
  const auto patience = std::clamp<std::int64_t>(left.count(), 0, kLongestPoll);
  const int ready = ::poll(&waiting, 1, static_cast<int>(patience));
  ::close(descriptor);
  if (ready <= 0) return;
  const std::scoped_lock pumping{pumping_};
  run_pump(kOneBatch);
}

void UdpEngine::close(Duration limit) {
  {
    const std::scoped_lock lock{mutex_};
    if (std::exchange(is_closing_, true)) return;
    wake_.notify_one();
  }
  join_thread();
  settle_until(deadline_after(limit), Giving::at_absence);
  const std::scoped_lock pumping{pumping_};
  pump_.end_lookups();
  const std::scoped_lock lock{mutex_};
  ledger_.close();
}

EmitterStats UdpEngine::stats() {
  std::optional<std::uint64_t> drops;
  {
    const std::unique_lock pumping{pumping_, std::try_to_lock};
    if (pumping) drops = pump_.receiver_drops();
  }
  const std::scoped_lock lock{mutex_};
  if (drops) ledger_.note_drops(*drops);
  return ledger_.stats();
}

std::optional<Error> UdpEngine::last_error() {
  const std::scoped_lock lock{mutex_};
  return ledger_.last_error();
}

bool UdpEngine::is_daemon_absent() {
  const std::scoped_lock lock{mutex_};
  return ledger_.absence() == Absence::refused;
}

std::string UdpEngine::peer() {
  const std::scoped_lock lock{mutex_};
  return ledger_.peer();
}

}  // namespace xtrace
