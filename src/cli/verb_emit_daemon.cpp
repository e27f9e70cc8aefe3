#include <algorithm>
#include <array>

#include <xtrace/reliable_emitter.h>
#include <xtrace/udp_emitter.h>

#include "cli/verb_emit_sink.h"

namespace xtrace::cli {

namespace {

/// Documents that are handed over together.
constexpr std::size_t kBatch = 64;
constexpr std::size_t kBatchBytes = 256U << 10U;
/// Bytes that may be on their way. The emitter's queue holds more, so that it drops nothing.
constexpr std::size_t kWindow = 2U << 20U;
constexpr Duration kGlance = std::chrono::milliseconds(20);
/// Nothing moved for so long: nothing will.
constexpr Duration kDaemonPatience = std::chrono::seconds(10);
constexpr Duration kShortPatience = std::chrono::seconds(1);

class DaemonSink final : public EmitSink {
 public:
  DaemonSink(const EmitOptions& options, const StopSignal& stop);

  void put(std::string_view document) override;
  void flush() override;
  bool is_lost() const override { return is_lost_; }
  EmitOutcome finish() override;
  std::size_t largest() const override { return kMaxDatagram - kDatagramHeader.size(); }

 private:
  void settle();
  Duration patience(const EmitterStats& stats) const;
  bool was_never_there(const EmitterStats& stats) const;
  std::string explain(const EmitterStats& stats) const;

  const StopSignal& stop_;
  std::string peer_;
  std::unique_ptr<Emitter> emitter_;
  UdpEmitter* udp_ = nullptr;            // emitter_, where it is one
  ReliableEmitter* reliable_ = nullptr;  // the same
  std::vector<std::string> batch_;       // the first `filled_` are documents
  std::size_t filled_ = 0;
  std::size_t batch_bytes_ = 0;
  std::size_t underway_ = 0;
  bool is_first_ = true;
  bool is_lost_ = false;
};

DaemonSink::DaemonSink(const EmitOptions& options, const StopSignal& stop)
    : stop_(stop), peer_(options.target.endpoint.to_string()), batch_(kBatch) {
  if (options.target.kind == EmitTarget::Kind::tcp) {
    auto reliable = make_reliable_emitter(options.target.endpoint, {.patience = kDaemonPatience});
    reliable_ = reliable.get();
    emitter_ = std::move(reliable);
    return;
  }
  // What cannot be sent by then is told, not waited for.
  auto udp = make_udp_emitter(options.target.endpoint, {.close_limit = Duration::zero()});
  udp_ = udp.get();
  emitter_ = std::move(udp);
}

void DaemonSink::put(std::string_view document) {
  batch_[filled_++].assign(document);
  batch_bytes_ += document.size();
  if (filled_ == kBatch || batch_bytes_ >= kBatchBytes) flush();
}

void DaemonSink::flush() {
  if (filled_ == 0) return;
  emitter_->emit(std::span<const std::string>(batch_).first(filled_));
  underway_ += batch_bytes_;
  filled_ = 0;
  batch_bytes_ = 0;
  if (udp_ != nullptr && std::exchange(is_first_, false)) {
    is_lost_ = udp_->confirm(Duration::zero()) == Delivery::refused;
  }
  if (underway_ >= kWindow) settle();
}

/// Waits until everything has left. Gives up where nobody was ever there, where nothing moves any
/// more, and soon after a signal.
void DaemonSink::settle() {
  Tick moved = now().tick;
  EmitterStats last = emitter_->stats();
  while (!is_lost_ && !emitter_->drain(kGlance)) {
    const EmitterStats stats = emitter_->stats();
    const Tick tick = now().tick;
    if (stats.queued != last.queued || stats.sent != last.sent) moved = tick;
    last = stats;
    is_lost_ = was_never_there(stats) || tick - moved >= patience(stats);
  }
  underway_ = 0;
}

Duration DaemonSink::patience(const EmitterStats& stats) const {
  // A name that nobody knows will not be known in ten seconds either.
  const bool is_hopeless = stats.sent == 0 && udp_ != nullptr && udp_->last_error().has_value();
  return stop_.signal() != 0 || is_hopeless ? kShortPatience : kDaemonPatience;
}

bool DaemonSink::was_never_there(const EmitterStats& stats) const {
  return udp_ != nullptr && stats.sent == 0 && udp_->is_daemon_absent();
}

EmitOutcome DaemonSink::finish() {
  flush();
  settle();
  // A refusal comes after what it refuses.
  if (udp_ != nullptr && !is_lost_) static_cast<void>(udp_->confirm(Duration::zero()));
  const EmitterStats stats = emitter_->stats();
  EmitOutcome outcome{.sent = stats.sent, .rejected = stats.rejected};
  outcome.lost = stats.documents - stats.sent - stats.rejected;
  outcome.receiver_drops = stats.receiver_drops.value_or(0);
  if (outcome.lost > 0) outcome.reason = explain(stats);
  if (reliable_ == nullptr) return outcome;
  for (const DocumentVerdict& verdict : reliable_->verdicts()) {
    outcome.rejections.push_back("segment " + (verdict.id.empty() ? "without an id" : verdict.id) +
                                 ": " + verdict.code +
                                 (verdict.message.empty() ? "" : ": " + verdict.message));
  }
  return outcome;
}

std::string DaemonSink::explain(const EmitterStats& stats) const {
  const bool is_absent = stats.refused > 0 || (udp_ != nullptr && udp_->is_daemon_absent());
  if (is_absent) return "nobody listens at " + peer_;
  const std::optional<Error> error = emitter_->last_error();
  if (error && (stats.sent == 0 || stats.queued == 0)) return error->message;
  if (stop_.signal() != 0) return "interrupted";
  return stats.queued > 0 ? peer_ + " takes no more" : "not everything could be sent to " + peer_;
}

}  // namespace

std::unique_ptr<EmitSink> make_daemon_sink(const EmitOptions& options, const StopSignal& stop) {
  return std::make_unique<DaemonSink>(options, stop);
}

}  // namespace xtrace::cli
