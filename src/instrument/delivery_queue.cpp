#include "instrument/delivery_queue.h"

#include <algorithm>
#include <utility>

#include "loop/timer.h"

namespace xtrace {

DeliveryQueue::DeliveryQueue(const ReliableEmitterOptions& options)
    : most_bytes_(options.queue_bytes),
      batch_documents_(std::max<std::size_t>(options.batch_documents, 1)),
      batch_bytes_(options.batch_bytes),
      kept_verdicts_(options.kept_verdicts) {}

DeliveryQueue::~DeliveryQueue() = default;

bool DeliveryQueue::push(std::span<const std::string> documents, const DocumentCounts& built) {
  const Tick now = tick_now();
  const std::scoped_lock lock{mutex_};
  stats_.built += built;
  for (const std::string& document : documents) push_one(document, now);
  if (stats_.queued == 0) empty_.notify_all();
  return !waiting_.empty() && std::exchange(is_sender_idle_, false);
}

void DeliveryQueue::push_one(const std::string& document, Tick now) {
  ++stats_.documents;
  if (document.size() > kMaxServiceDocument) {
    ++stats_.dropped_too_large;
    last_error_ = Error{Error::Code::document_too_large, Phase::none,
                        "a document of " + std::to_string(document.size()) +
                            " bytes is larger than the 64 KiB that the X-Ray service takes"};
    return;
  }
  // What is under way cannot be pushed out; there may be no room even when nothing waits.
  while (!waiting_.empty() && bytes_ + document.size() > most_bytes_) {
    bytes_ -= waiting_.front().text.size();
    waiting_.pop_front();
    --stats_.queued;
    ++stats_.dropped_queue_full;
  }
  if (bytes_ + document.size() > most_bytes_) {
    ++stats_.dropped_queue_full;
    return;
  }
  bytes_ += document.size();
  ++stats_.queued;
  waiting_.push_back({document, now});
}

std::vector<WaitingDocument> DeliveryQueue::take_batch() {
  std::vector<WaitingDocument> batch;
  const std::scoped_lock lock{mutex_};
  std::size_t bytes = 0;
  while (!waiting_.empty() && batch.size() < batch_documents_) {
    bytes += waiting_.front().text.size();
    if (!batch.empty() && bytes > batch_bytes_) break;
    batch.push_back(std::move(waiting_.front()));
    waiting_.pop_front();
  }
  is_sender_idle_ = batch.empty();
  return batch;
}

void DeliveryQueue::settle_answered(std::size_t count, std::size_t bytes,
                                    std::span<const DocumentVerdict> rejected) {
  const std::scoped_lock lock{mutex_};
  const std::size_t bad = std::min(count, rejected.size());
  stats_.sent += count - bad;
  stats_.rejected += bad;
  stats_.bytes += bytes;
  verdicts_.insert(verdicts_.end(), rejected.begin(), rejected.end());
  while (verdicts_.size() > kept_verdicts_) verdicts_.pop_front();
  settle(count, bytes);
}

void DeliveryQueue::settle_lost(std::size_t count, std::size_t bytes,
                                std::uint64_t EmitterStats::*reason) {
  const std::scoped_lock lock{mutex_};
  stats_.*reason += count;
  settle(count, bytes);
}

void DeliveryQueue::settle(std::size_t count, std::size_t bytes) {
  stats_.queued -= count;
  bytes_ -= bytes;
  if (stats_.queued == 0) empty_.notify_all();
}

void DeliveryQueue::note(Error error) {
  const std::scoped_lock lock{mutex_};
  last_error_ = std::move(error);
}

void DeliveryQueue::put_off(Error reason) {
  const std::scoped_lock lock{mutex_};
  is_sender_idle_ = true;
  last_error_ = std::move(reason);
}

void DeliveryQueue::count_request() {
  const std::scoped_lock lock{mutex_};
  ++stats_.flushes;
}

bool DeliveryQueue::wait_until_empty(Duration limit) {
  std::unique_lock lock{mutex_};
  return empty_.wait_until(lock, tick_after(limit), [this] { return stats_.queued == 0; });
}

EmitterStats DeliveryQueue::stats() const {
  const std::scoped_lock lock{mutex_};
  return stats_;
}

std::optional<Error> DeliveryQueue::last_error() const {
  const std::scoped_lock lock{mutex_};
  return last_error_;
}

std::vector<DocumentVerdict> DeliveryQueue::verdicts() const {
  const std::scoped_lock lock{mutex_};
  return {verdicts_.begin(), verdicts_.end()};
}

}  // namespace xtrace
