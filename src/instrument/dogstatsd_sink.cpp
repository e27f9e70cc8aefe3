#include <chrono>
#include <cmath>
#include <mutex>
#include <string_view>

#include <xtrace/dogstatsd_sink.h>

#include "base/fork_watch.h"
#include "base/kept_errno.h"
#include "instrument/dogstatsd_batch.h"
#include "instrument/dogstatsd_line.h"
#include "instrument/dogstatsd_socket.h"
#include "instrument/series_table.h"

namespace xtrace {

namespace {

constexpr std::size_t kShortestDatagram = 64;
constexpr std::size_t kLongestDatagram = 65'507;

Error invalid(std::string_view reason) {
  return {Error::Code::invalid_config, Phase::none, "send metrics: " + std::string{reason}};
}

Expected<void> check(const DogStatsdConfig& config) {
  const Address::Family family = config.server.family();
  if (family != Address::Family::ipv4 && family != Address::Family::ipv6) {
    return invalid("the server is no IP address");
  }
  if (config.server.port() == 0) return invalid("the server's port is 0");
  if (config.datagram_bytes < kShortestDatagram || config.datagram_bytes > kLongestDatagram) {
    return invalid("a datagram of " + std::to_string(config.datagram_bytes) +
                   " bytes; 64 to 65507 are possible");
  }
  if (config.flush_after < Duration::zero()) return invalid("the time to flush after is negative");
  return {};
}

/// The steady clock as of the kernel's last tick, some milliseconds ago at most, for a tenth of its
/// price: it is read for every value.
Tick coarse_present() {
#if defined(CLOCK_MONOTONIC_COARSE)
  timespec time{};
  if (::clock_gettime(CLOCK_MONOTONIC_COARSE, &time) == 0) {
    return Tick{std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec)};
  }
#endif
  return std::chrono::steady_clock::now();
}

MetricTags clean(const std::vector<std::pair<std::string, std::string>>& tags) {
  std::vector<MetricTag> views;
  views.reserve(tags.size());
  for (const auto& [key, value] : tags) views.push_back({key, value});
  return dogstatsd_tags(views);
}

}  // namespace

/// Locks, in the order in which they are taken: the table's, `filling_`, `sending_`. The last alone
/// is held across a system call; whoever fills the next datagram meanwhile waits for that call at
/// most, and it does not wait.
class DogStatsdSink::Impl final : private ForkWatch {
 public:
  explicit Impl(DogStatsdConfig config);
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;
  ~Impl() override;

  Expected<void> open() { return socket_.open(); }
  MetricSeries& series(const MetricInfo& info, std::span<const MetricTag> tags);
  void record_all(std::span<const MetricValue> values) noexcept;
  void flush();
  DogStatsdStats stats();

 private:
  class Series;

  void before_fork() override;
  void after_fork_in_parent() override;
  void after_fork_in_child() override;

  std::size_t record_some(std::span<const MetricValue> values, Tick now);
  bool add(const MetricValue& each, Tick now);
  void send(std::unique_lock<std::mutex>& filling);
  void take_datagram();
  void send_datagram();
  Tick present() const;

  const DogStatsdConfig config_;
  const MetricTags common_;
  SeriesTable<Series> table_;

  std::mutex filling_{};
  DogStatsdBatch batch_;
  Tick oldest_{};              // when the first of what waits was recorded
  DogStatsdStats recorded_{};  // of which values, overflow and dropped are kept here

  std::mutex sending_{};
  DogStatsdSocket socket_;
  std::string datagram_{};
  std::size_t values_in_datagram_ = 0;
  DogStatsdStats sent_{};  // datagrams, bytes and lost
};

class DogStatsdSink::Impl::Series final : public MetricSeries {
 public:
  Series(Impl& sink, SeriesRole role) : sink_(sink), role_(role) {}

  void record(double value) noexcept override {
    const MetricValue alone{this, value};
    sink_.record_all({&alone, 1});
  }

 private:
  friend class Impl;

  Impl& sink_;
  const SeriesRole role_;
  DogStatsdLine line_{};
};

DogStatsdSink::Impl::Impl(DogStatsdConfig config)
    : config_(std::move(config)),
      common_(clean(config_.tags)),
      table_(config_.most_series),
      batch_(config_.datagram_bytes),
      socket_(config_.server) {
  datagram_.reserve(config_.datagram_bytes + DogStatsdBatch::kSlack);
  begin_watching();
}

DogStatsdSink::Impl::~Impl() {
  end_watching();
  flush();
}

MetricSeries& DogStatsdSink::Impl::series(const MetricInfo& info, std::span<const MetricTag> tags) {
  std::string head = dogstatsd_name(config_.prefix, info.name);
  head += ':';
  const auto make = [this, &info, &head](const MetricTags& own, SeriesRole role) {
    auto made = std::make_unique<Series>(*this, role);
    made->line_.kind = info.kind;
    made->line_.head = head;
    made->line_.tail = dogstatsd_tail(info.kind, common_, own);
    return made;
  };
  const std::string key = head + dogstatsd_tail(info.kind, {}, {});
  return table_.find_or_make(key, dogstatsd_tags(tags), make);
}

Tick DogStatsdSink::Impl::present() const {
  return config_.clock ? config_.clock().tick : coarse_present();
}

void DogStatsdSink::Impl::record_all(std::span<const MetricValue> values) noexcept {
  const KeptErrno kept;
  const Tick now = present();
  while (!values.empty()) values = values.subspan(record_some(values, now));
}

/// As many as the datagram takes, which then leaves, as it does where it is due. Returns their
/// number: 0 where nothing more fitted what others had recorded.
std::size_t DogStatsdSink::Impl::record_some(std::span<const MetricValue> values, Tick now) {
  std::unique_lock filling{filling_};
  std::size_t count = 0;
  while (count < values.size() && add(values[count], now)) ++count;
  const bool is_full = count < values.size();
  if (is_full || (!batch_.is_empty() && now - oldest_ >= config_.flush_after)) send(filling);
  return count;
}

/// False where it has to wait until the datagram left.
bool DogStatsdSink::Impl::add(const MetricValue& each, Tick now) {
  if (!std::isfinite(each.value)) {
    ++recorded_.dropped;
    return true;
  }
  if (batch_.is_empty()) oldest_ = now;
  auto& series = static_cast<Series&>(*each.series);
  switch (batch_.add(series.line_, each.value)) {
    case DogStatsdBatch::Outcome::taken:
      ++recorded_.values;
      if (series.role_ == SeriesRole::all_others) ++recorded_.overflow;
      return true;
    case DogStatsdBatch::Outcome::full:
      return false;
    case DogStatsdBatch::Outcome::too_long:
      break;
  }
  ++recorded_.dropped;
  return true;
}

/// What waits leaves, and others may fill the next datagram meanwhile.
void DogStatsdSink::Impl::send(std::unique_lock<std::mutex>& filling) {
  const std::scoped_lock sending{sending_};
  take_datagram();
  filling.unlock();
  send_datagram();
}

/// Moves what waits to where it is sent from; both mutexes are held.
void DogStatsdSink::Impl::take_datagram() {
  values_in_datagram_ = batch_.values();
  datagram_.clear();
  batch_.write(datagram_);
}

void DogStatsdSink::Impl::send_datagram() {
  if (socket_.send(datagram_)) {
    ++sent_.datagrams;
    sent_.bytes += datagram_.size();
  } else {
    sent_.lost += values_in_datagram_;
  }
}

void DogStatsdSink::Impl::flush() {
  const KeptErrno kept;
  std::unique_lock filling{filling_};
  if (batch_.is_empty()) return;
  send(filling);
}

DogStatsdStats DogStatsdSink::Impl::stats() {
  const KeptErrno kept;
  const std::scoped_lock filling{filling_};
  const std::scoped_lock sending{sending_};
  DogStatsdStats stats = recorded_;
  stats.datagrams = sent_.datagrams;
  stats.bytes = sent_.bytes;
  stats.lost = sent_.lost;
  stats.refused = socket_.refused();
  return stats;
}

void DogStatsdSink::Impl::before_fork() {
  table_.lock();
  filling_.lock();
  sending_.lock();
}

void DogStatsdSink::Impl::after_fork_in_parent() {
  sending_.unlock();
  filling_.unlock();
  table_.unlock();
}

void DogStatsdSink::Impl::after_fork_in_child() {
  batch_.clear();
  recorded_ = {};
  sent_ = {};
  socket_.forget_refusals();
  // Without a socket everything is lost, and counted.
  static_cast<void>(socket_.open());
  after_fork_in_parent();
}

DogStatsdSink::DogStatsdSink(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

DogStatsdSink::~DogStatsdSink() = default;

Expected<std::unique_ptr<DogStatsdSink>> DogStatsdSink::make(DogStatsdConfig config) {
  const Expected<void> checked = check(config);
  if (const Error* error = checked.if_error()) return *error;
  auto impl = std::make_unique<Impl>(std::move(config));
  const Expected<void> opened = impl->open();
  if (const Error* error = opened.if_error()) return *error;
  return std::unique_ptr<DogStatsdSink>{new DogStatsdSink(std::move(impl))};
}

MetricSeries& DogStatsdSink::series(const MetricInfo& info, std::span<const MetricTag> tags) {
  return impl_->series(info, tags);
}

void DogStatsdSink::record_all(std::span<const MetricValue> values) noexcept {
  impl_->record_all(values);
}

void DogStatsdSink::flush() {
  impl_->flush();
}

DogStatsdStats DogStatsdSink::stats() const {
  return impl_->stats();
}

}  // namespace xtrace
