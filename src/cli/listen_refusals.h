#pragma once

/// `ListenRefusals` tells of documents that the X-Ray service would refuse, as they come: some a
/// second in full, the others by their number.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>

#include <xtrace/clock.h>
#include <xtrace/trace_id.h>

#include "cli/trace_words.h"
#include "collect/stored_trace.h"
#include "collect/trace_store.h"

namespace xtrace::cli {

class ListenRefusals {
 public:
  /// Gets a sentence: why, with the service's code in brackets, and of which trace where it is of
  /// one. Texts of others are in it, not made harmless yet.
  using Tell = std::function<void(const std::string& sentence)>;

  static constexpr std::size_t kMostInSecond = 5;

  ListenRefusals(Clock clock, Tell tell);
  ListenRefusals(const ListenRefusals&) = delete;
  ListenRefusals& operator=(const ListenRefusals&) = delete;
  ~ListenRefusals();

  /// Those of a trace that were not told yet.
  void take(const collect::StoredTrace& trace);
  /// Strays that came since the last call; and the number of those that were too many, once their
  /// second is over. To be called a few times a second.
  void look(const collect::TraceStore& store);
  /// The number of those that were too many, at once.
  void finish();

 private:
  void refuse(std::string_view reason, std::string_view where);

  Clock clock_;
  Tell tell_;
  std::unordered_map<TraceId, std::size_t, HashTraceId> told_;  // of traces with refusals: how many
  std::uint64_t strays_ = 0;
  Tick second_{};
  std::size_t in_second_ = 0;
  std::uint64_t untold_ = 0;
};

}  // namespace xtrace::cli
