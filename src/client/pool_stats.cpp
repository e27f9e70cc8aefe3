#include <xtrace/pool_stats.h>

#include "base/json_writer.h"

namespace xtrace {

namespace {

void write_counts(JsonWriter& json, const PoolCounts& counts) {
  const auto number = [&json](std::string_view name, std::uint64_t value) {
    json.key(name);
    json.unsigned_integer(value);
  };
  json.begin_object();
  number("idle", counts.idle);
  number("active", counts.active);
  number("connecting", counts.connecting);
  number("waiting", counts.waiting);
  number("total", counts.total());
  number("limit", counts.limit);
  number("opened", counts.opened);
  number("failed", counts.failed);
  number("reused", counts.reused);
  number("stale_retries", counts.stale_retries);
  json.key("closed");
  json.begin_object();
  for (std::size_t i = 0; i < kCloseReasonCount; ++i) {
    number(to_string(static_cast<CloseReason>(i)), counts.closed[i]);
  }
  json.end_object();
  number("waits", counts.waits);
  number("wait_timeouts", counts.wait_timeouts);
  number("rejected", counts.rejected);
  json.end_object();
}

}  // namespace

std::string_view to_string(CloseReason reason) {
  switch (reason) {
    case CloseReason::idle_timeout:
      return "idle_timeout";
    case CloseReason::lifetime:
      return "lifetime";
    case CloseReason::server_closed:
      return "server_closed";
    case CloseReason::not_reusable:
      return "not_reusable";
    case CloseReason::error:
      return "error";
    case CloseReason::cancelled:
      return "cancelled";
    case CloseReason::over_limit:
      return "over_limit";
    case CloseReason::closed:
      return "closed";
  }
  return "unknown";
}

PoolCounts& PoolCounts::operator+=(const PoolCounts& other) {
  idle += other.idle;
  active += other.active;
  connecting += other.connecting;
  waiting += other.waiting;
  opened += other.opened;
  failed += other.failed;
  reused += other.reused;
  stale_retries += other.stale_retries;
  for (std::size_t i = 0; i < kCloseReasonCount; ++i) closed[i] += other.closed[i];
  waits += other.waits;
  wait_timeouts += other.wait_timeouts;
  rejected += other.rejected;
  return *this;
}

std::string PoolStats::to_json() const {
  std::string text;
  JsonWriter json(text);
  json.begin_object();
  json.key("name");
  json.string(name);
  json.key("total");
  write_counts(json, total);
  json.key("addresses");
  json.begin_object();
  for (const AddressStats& entry : addresses) {
    json.key(entry.address);
    write_counts(json, entry.counts);
  }
  json.end_object();
  json.end_object();
  return text;
}

}  // namespace xtrace
