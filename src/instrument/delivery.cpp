#include "instrument/delivery.h"

#include <algorithm>
#include <iterator>
#include <utility>
#include <vector>

#include "instrument/daemon_replies.h"

namespace xtrace {

namespace {

std::uint64_t EmitterStats::*reason_of(const Error& error) {
  using enum Error::Code;
  const bool is_nobody = error.code == connect_refused || error.code == connect_unreachable;
  return is_nobody ? &EmitterStats::refused : &EmitterStats::dropped_error;
}

}  // namespace

Delivery::Delivery(Loop& loop, const DaemonEndpoint& endpoint,
                   const ReliableEmitterOptions& options, DeliveryQueue& queue)
    : options_(options),
      queue_(queue),
      backoff_(options.first_retry, options.longest_retry),
      timer_(loop),
      daemon_(loop, endpoint, {.total = options.request_limit}) {}

Delivery::~Delivery() = default;

void Delivery::begin() {
  send_next();
}

void Delivery::send_next() {
  if (batch_.empty()) {
    std::vector<WaitingDocument> taken = queue_.take_batch();
    batch_.assign(std::move_iterator{taken.begin()}, std::move_iterator{taken.end()});
  }
  if (batch_.empty()) return;
  under_way_ = std::min(most_.value_or(batch_.size()), batch_.size());
  std::vector<std::string_view> documents;
  for (std::size_t i = 0; i < under_way_; ++i) documents.push_back(batch_[i].text);
  queue_.count_request();
  daemon_.post(kTraceSegmentsPath, write_segments_request(documents),
               [this](const Expected<std::string>& reply) { on_reply(reply); });
}

void Delivery::on_reply(const Expected<std::string>& reply) {
  if (const Error* error = reply.if_error()) return on_failure(*error);
  const Expected<std::vector<DocumentVerdict>> rejected = parse_segments_reply(*reply);
  if (const Error* error = rejected.if_error()) return on_failure(*error);
  on_answered(*rejected);
}

void Delivery::on_answered(std::span<const DocumentVerdict> rejected) {
  failing_since_.reset();
  most_.reset();
  backoff_.reset();
  if (options_.on_rejected) {
    for (const DocumentVerdict& verdict : rejected) options_.on_rejected(verdict);
  }
  const std::size_t count = under_way_;
  queue_.settle_answered(count, drop_first(count), rejected);
  send_next();
}

void Delivery::on_failure(const Error& error) {
  queue_.note(error);
  if (error.code == Error::Code::service_refused) return on_refusal(error);
  if (is_temporary(error)) return on_outage(error);
  const std::size_t count = under_way_;
  queue_.settle_lost(count, drop_first(count), reason_of(error));
  send_next();
}

/// One document may be at fault for all: it is looked for by halves.
void Delivery::on_refusal(const Error& error) {
  if (under_way_ > 1) {
    most_ = under_way_ / 2;
    return send_next();
  }
  const DocumentVerdict verdict = refusal_verdict(batch_.front().text, error);
  on_answered({&verdict, 1});
}

void Delivery::on_outage(const Error& error) {
  const Tick now = tick_now();
  if (!failing_since_) failing_since_ = now;
  give_up_old(reason_of(error), now);
  if (batch_.empty()) return send_next();
  retry_later(now);
}

void Delivery::give_up_old(std::uint64_t EmitterStats::*reason, Tick now) {
  std::size_t old = 0;
  while (old < under_way_ &&
         now - std::max(batch_[old].since, *failing_since_) >= options_.patience) {
    ++old;
  }
  if (old > 0) queue_.settle_lost(old, drop_first(old), reason);
}

void Delivery::retry_later(Tick now) {
  const Duration waited = now - std::max(batch_.front().since, *failing_since_);
  const Duration delay =
      std::clamp<Duration>(options_.patience - waited, Duration::zero(), backoff_.take());
  timer_.arm(delay, [this] { send_next(); });
}

/// Returns how many bytes they had.
std::size_t Delivery::drop_first(std::size_t count) {
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < count; ++i) {
    bytes += batch_.front().text.size();
    batch_.pop_front();
  }
  return bytes;
}

}  // namespace xtrace
