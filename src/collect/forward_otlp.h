#pragma once

/// `ForwardOtlp` sends every document on to an OpenTelemetry collector, as OTLP over HTTP in JSON.
///
/// Documents wait in a bounded queue until there is a batch of them or a second has passed, and
/// become spans when it is sent, each by itself: nobody waits for the rest of a trace. One request
/// is under way at a time. Where the collector cannot take it now (429, 502, 503, 504, or no
/// connection) it is sent again, later and later or when Retry-After says; where it is refused the
/// batch is lost and counted. Documents that are in progress are passed over: a span is told when
/// it is over.

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>

#include <xtrace/client.h>
#include <xtrace/clock.h>
#include <xtrace/loop.h>

#include "collect/collector.h"
#include "collect/forward_queue.h"
#include "instrument/backoff.h"
#include "loop/timer.h"
#include "net/next_turn.h"

namespace xtrace::collect {

struct ForwardOtlpConfig {
  /// `http://127.0.0.1:4318/v1/traces`
  Url url;
  std::size_t batch_spans = 512;
  std::size_t batch_bytes = std::size_t{1} << 20U;
  Duration batch_delay = std::chrono::seconds(1);
  std::size_t queue_bytes = std::size_t{32} << 20U;
  Duration request_limit = std::chrono::seconds(10);
  Duration first_retry = std::chrono::milliseconds(500);
  Duration longest_retry = std::chrono::seconds(30);
  /// A batch that was not taken for so long is given up.
  Duration patience = std::chrono::minutes(5);
  /// How long closing waits for what is left.
  Duration close_limit = std::chrono::seconds(3);
};

/// What is sent in one request.
struct ForwardBatch {
  std::string body{};
  std::size_t documents = 0;
  std::size_t spans = 0;
  Tick begun{};
};

class ForwardOtlp final : public DocumentTap {
 public:
  /// `loop` outlives it. Fails with `invalid_config`.
  static Expected<std::unique_ptr<ForwardOtlp>> make(Loop& loop, ForwardOtlpConfig config);
  ForwardOtlp(const ForwardOtlp&) = delete;
  ForwardOtlp& operator=(const ForwardOtlp&) = delete;
  ~ForwardOtlp() override;

  void take(std::string_view document) override;
  void close(Callback<void()> on_closed) override;
  /// Of documents: `documents`, `sent`, `failed` (refused by the collector, or no document of a
  /// trace), `dropped` (no room, no patience, no time at the end), `queued`, `in_progress`; and
  /// `rejected_spans` (by a collector that took the rest), `requests`, `retries`.
  std::map<std::string, std::uint64_t, std::less<>> counters() const override;
  std::string target() const override;
  /// Why the last request did not succeed; empty where none failed yet.
  std::string last_error() const override { return last_error_; }

 private:
  ForwardOtlp(Loop& loop, ForwardOtlpConfig config, const FinalizedClientConfig& client);
  void schedule();
  void send_next();
  void build();
  void send();
  void on_done(const Exchange& exchange);
  void on_answer(const Response& response);
  void retry_later(std::optional<Duration> asked);
  void settle(std::uint64_t& counter);
  void finish_close();
  void give_up();

  const ForwardOtlpConfig config_;
  ForwardQueue queue_;
  Backoff backoff_;
  std::optional<ForwardBatch> batch_;  // under way, or waiting to be sent again
  Timer timer_;                        // until the next request
  Timer limit_;                        // of closing
  NextTurn next_turn_;
  Callback<void()> on_closed_;
  bool is_closing_ = false;
  std::uint64_t documents_ = 0;
  std::uint64_t sent_ = 0;
  std::uint64_t failed_ = 0;
  std::uint64_t dropped_ = 0;
  std::uint64_t in_progress_ = 0;
  std::uint64_t rejected_spans_ = 0;
  std::uint64_t requests_ = 0;
  std::uint64_t retries_ = 0;
  std::string last_error_;
  Client client_;
  Call call_;
};

}  // namespace xtrace::collect
