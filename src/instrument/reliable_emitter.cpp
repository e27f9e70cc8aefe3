#include <mutex>
#include <system_error>
#include <utility>

#include <xtrace/reliable_emitter.h>

#include "base/per_process.h"
#include "instrument/delivery.h"
#include "instrument/delivery_queue.h"
#include "instrument/own_loop.h"

namespace xtrace {

namespace {

/// What one process has of an emitter.
class Outbox {
 public:
  Outbox(const DaemonEndpoint& endpoint, const ReliableEmitterOptions& options)
      : queue(options), endpoint_(endpoint), options_(options) {}

  /// Where no thread can be had the documents wait, and who emits next tries again.
  void begin() {
    const std::scoped_lock lock{starting_};
    try {
      if (delivery_ == nullptr) start();
    } catch (const std::system_error& failure) {
      return queue.put_off(no_thread(endpoint_, failure));
    }
    delivery_->post([](Delivery& delivery) { delivery.begin(); });
  }

  DeliveryQueue queue;

 private:
  void start() {
    delivery_ = std::make_unique<OwnLoop<Delivery>>(endpoint_, [this](Loop& loop) {
      return std::make_unique<Delivery>(loop, endpoint_, options_, queue);
    });
  }

  const DaemonEndpoint& endpoint_;
  const ReliableEmitterOptions& options_;
  std::mutex starting_;
  std::unique_ptr<OwnLoop<Delivery>> delivery_;
};

}  // namespace

struct ReliableEmitter::Impl {
  Impl(DaemonEndpoint peer, ReliableEmitterOptions how)
      : endpoint(std::move(peer)), options(std::move(how)) {}

  Outbox& outbox() { return outboxes.get(); }

  const DaemonEndpoint endpoint;
  const ReliableEmitterOptions options;
  PerProcess<Outbox> outboxes{[this] { return std::make_unique<Outbox>(endpoint, options); }};
};

ReliableEmitter::ReliableEmitter(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

ReliableEmitter::~ReliableEmitter() {
  if (Outbox* outbox = impl_->outboxes.find()) {
    outbox->queue.wait_until_empty(impl_->options.close_limit);
  }
}

void ReliableEmitter::take(std::span<const std::string> documents, const DocumentCounts& built) {
  Outbox& outbox = impl_->outbox();
  if (outbox.queue.push(documents, built)) outbox.begin();
}

// Whatever waits, waits for an answer or for the next try: there is nothing to hasten.
void ReliableEmitter::flush() {}

bool ReliableEmitter::drain(Duration limit) {
  return impl_->outbox().queue.wait_until_empty(limit);
}

EmitterStats ReliableEmitter::stats() const {
  return impl_->outbox().queue.stats();
}

std::optional<Error> ReliableEmitter::last_error() const {
  return impl_->outbox().queue.last_error();
}

std::vector<DocumentVerdict> ReliableEmitter::verdicts() const {
  return impl_->outbox().queue.verdicts();
}

std::unique_ptr<ReliableEmitter> make_reliable_emitter(const DaemonEndpoint& endpoint,
                                                       const ReliableEmitterOptions& options) {
  auto impl = std::make_unique<ReliableEmitter::Impl>(endpoint, options);
  return std::unique_ptr<ReliableEmitter>{new ReliableEmitter{std::move(impl)}};
}

}  // namespace xtrace
