#pragma once

/// `Delivery` is the half of a `ReliableEmitter` that lives on its loop: it takes batches out of a
/// `DeliveryQueue` and posts them until the service has answered for each document, or patience is
/// at its end.

#include <cstddef>
#include <deque>
#include <optional>
#include <string>

#include <xtrace/clock.h>
#include <xtrace/daemon_address.h>
#include <xtrace/expected.h>
#include <xtrace/loop.h>
#include <xtrace/reliable_emitter.h>

#include "instrument/backoff.h"
#include "instrument/daemon_proxy.h"
#include "instrument/delivery_queue.h"
#include "loop/timer.h"

namespace xtrace {

class Delivery {
 public:
  /// `queue` and `options` outlive it.
  Delivery(Loop& loop, const DaemonEndpoint& endpoint, const ReliableEmitterOptions& options,
           DeliveryQueue& queue);
  Delivery(const Delivery&) = delete;
  Delivery& operator=(const Delivery&) = delete;
  ~Delivery();

  /// There is something in the queue. Never before the queue said so.
  void begin();

 private:
  void send_next();
  void on_reply(const Expected<std::string>& reply);
  void on_answered(std::span<const DocumentVerdict> rejected);
  void on_failure(const Error& error);
  void on_refusal(const Error& error);
  void on_outage(const Error& error);
  void give_up_old(std::uint64_t EmitterStats::*reason, Tick now);
  void retry_later(Tick now);
  std::size_t drop_first(std::size_t count);

  const ReliableEmitterOptions& options_;
  DeliveryQueue& queue_;
  Backoff backoff_;
  std::deque<WaitingDocument> batch_;  // taken and not settled
  std::size_t under_way_ = 0;          // the first so many of them are in the request
  std::optional<std::size_t> most_;    // at a time, while a refused request is being halved
  std::optional<Tick> failing_since_;  // since when nothing was delivered
  Timer timer_;
  DaemonProxy daemon_;
};

}  // namespace xtrace
