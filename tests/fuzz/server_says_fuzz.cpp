#include <xtrace/server_says.h>

#include "fuzz/target.h"

/// Whatever the fields hold: names that are not empty, durations that can be added to a time, and
/// never more metrics than commas.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace xtrace;
  const std::string_view value = testing::as_text(data, size);
  Headers headers;
  headers.add("Server-Timing", value);
  headers.add("Retry-After", value);
  const std::vector<ServerTiming> metrics = server_timings(headers);
  const auto commas = std::count(value.begin(), value.end(), ',');
  testing::require(metrics.size() <= static_cast<std::size_t>(commas) + 1);
  for (const ServerTiming& metric : metrics) {
    testing::require(!metric.name.empty() && metric.duration.value_or(Duration(0)).count() >= 0);
    testing::require(metric.description.size() <= value.size());
  }
  const WallTime now(std::chrono::seconds(1700000000));
  if (const auto delay = retry_after(headers, now)) {
    testing::require(*delay >= Duration::zero() && now + *delay >= now);
  }
  return 0;
}
