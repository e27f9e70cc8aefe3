#include "xray/emit_ledger.h"

#include <algorithm>
#include <string>
#include <utility>

namespace xtrace {

void EmitLedger::enqueue(std::string_view document, Tick now) {
  ++stats_.documents;
  last_ = Delivery::unsent;
  is_last_queued_ = false;
  if (document.size() > kMaxDatagram - kDatagramHeader.size()) {
    ++stats_.dropped_too_large;
    std::string reason = std::to_string(document.size());
    reason += " bytes are too many for a datagram";
    return note(Error::Code::document_too_large, reason);
  }
  const Tick since = absence_ == Absence::none ? Tick{} : now;
  stats_.dropped_queue_full += queue_.push(kDatagramHeader, document, since);
  is_last_queued_ = true;
  count_queued();
}

std::size_t EmitLedger::claim(std::span<std::string_view> into) {
  claimed_ = into.first(queue_.claim(into.first(std::min(into.size(), kBatch)), kBatchBytes));
  return claimed_.size();
}

void EmitLedger::settle(std::size_t sent, std::uint64_t calls) {
  count_sent(sent, calls);
  queue_.release(sent);
  count_queued();
  if (sent > 0) decide_last(Delivery::sent);
}

void EmitLedger::settle_with_loss(std::size_t sent, std::uint64_t calls, Loss loss) {
  count_sent(sent, calls);
  ++(stats_.*loss);
  queue_.release(sent + 1);
  count_queued();
  decide_last(Delivery::unsent);
}

void EmitLedger::hold_first(std::uint64_t calls) {
  stats_.flushes += calls;
  queue_.release(0, 1);
  claimed_ = claimed_.first(1);
}

void EmitLedger::refuse_sent() {
  if (stats_.sent == 0) return;
  stats_.bytes -= stats_.bytes / stats_.sent;
  --stats_.sent;
  ++stats_.refused;
  if (last_ == Delivery::sent) last_ = Delivery::refused;
}

void EmitLedger::begin_absence(Absence absence, Tick now) {
  if (absence_ == Absence::none) absent_since_ = now;
  absence_ = absence;
}

void EmitLedger::expire(Tick now, Duration patience) {
  if (absence_ == Absence::none) return;
  const bool is_refused = absence_ == Absence::refused;
  bool is_any_gone = false;
  while (!queue_.is_empty() && *expires_at(patience) <= now) {
    queue_.pop();
    ++(is_refused ? stats_.refused : stats_.dropped_error);
    is_any_gone = true;
  }
  if (!is_any_gone) return;
  count_queued();
  decide_last(is_refused ? Delivery::refused : Delivery::unsent);
}

std::optional<Tick> EmitLedger::expires_at(Duration patience) const {
  if (absence_ == Absence::none || queue_.is_empty()) return std::nullopt;
  return std::max(queue_.first_since(), absent_since_) + patience;
}

void EmitLedger::close() {
  stats_.dropped_at_close += queue_.size();
  queue_.clear();
  count_queued();
  decide_last(Delivery::unsent);
}

void EmitLedger::reset() {
  queue_.clear();
  stats_ = {};
  last_error_.reset();
  absence_ = Absence::none;
  last_ = Delivery::unsent;
  is_last_queued_ = false;
}

void EmitLedger::note(Error::Code code, std::string_view reason) {
  std::string message = "send to ";
  message += peer_;
  message += ": ";
  message += reason;
  last_error_ = Error{code, Phase::none, std::move(message)};
}

void EmitLedger::count_sent(std::size_t sent, std::uint64_t calls) {
  for (const std::string_view datagram : claimed_.first(sent)) stats_.bytes += datagram.size();
  stats_.sent += sent;
  stats_.flushes += calls;
}

void EmitLedger::count_queued() {
  stats_.queued = queue_.size();
}

/// The last document is the last in the queue, so its fate is that of who leaves it empty.
void EmitLedger::decide_last(Delivery delivery) {
  if (queue_.is_empty() && is_last_queued_) last_ = delivery;
}

}  // namespace xtrace
