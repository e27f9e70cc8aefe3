#include <array>
#include <cstdint>

#include "cli/choice.h"
#include "cli/option_steps.h"

namespace xtrace::cli {

namespace {

constexpr std::array<Word<bool>, 2> kSwitch = {{{"on", true}, {"off", false}}};
constexpr std::uint64_t kMostRequests = 1'000'000'000'000;

/// A time that is not nothing.
Expected<Duration> parse_some_time(std::string_view value) {
  auto time = parse_duration(value);
  if (time && *time == Duration{}) return bad_option("a time of 0 leaves nothing to do");
  return time;
}

Expected<void> set_concurrency(RepeatOptions& repeat, std::string_view value) {
  const auto count = parse_count(value, RepeatOptions::kMostInFlight);
  if (const auto* error = count.if_error()) return *error;
  repeat.concurrency = static_cast<std::size_t>(*count);
  return {};
}

}  // namespace

Expected<void> apply_repeat(OptionDraft& draft, OptionId id, const std::string& value) {
  RepeatOptions& repeat = draft.options.repeat;
  switch (id) {
    case OptionId::requests:
      return assign(repeat.requests, parse_count(value, kMostRequests));
    case OptionId::concurrency:
      return set_concurrency(repeat, value);
    case OptionId::rate:
      return assign(repeat.rate, parse_request_rate(value));
    case OptionId::duration:
      return assign(repeat.duration, parse_some_time(value));
    case OptionId::warmup:
      return assign(repeat.warmup, parse_count(value, kMostRequests));
    case OptionId::interval:
      return assign(repeat.interval, parse_some_time(value));
    case OptionId::keepalive:
      return assign(draft.options.client.keeps_alive, choose(kSwitch, value));
    default:
      repeat.is_one_trace = true;
      return {};
  }
}

Expected<void> apply_slo(OptionDraft& draft, const std::string& value) {
  auto goals = parse_slo(value);
  if (const auto* error = goals.if_error()) return *error;
  std::vector<SloGoal>& all = draft.options.slo;
  all.insert(all.end(), goals->begin(), goals->end());
  return {};
}

}  // namespace xtrace::cli
