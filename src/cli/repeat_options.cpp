#include "cli/repeat_options.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <string>

namespace xtrace::cli {

namespace {

Error bad_repeat(std::string_view value, std::string_view reason) {
  return {Error::Code::invalid_config, Phase::none,
          "\"" + std::string(value) + "\" " + std::string(reason)};
}

template <class Number>
std::optional<Number> parse_count(std::string_view text) {
  Number number{};
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failure != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

}  // namespace

std::size_t RepeatOptions::in_flight() const {
  const std::size_t asked = concurrency.value_or(1);
  const std::uint64_t most = duration && !requests ? asked : std::max(requests.value_or(1), warmup);
  return static_cast<std::size_t>(std::min<std::uint64_t>(asked, most));
}

Expected<double> parse_request_rate(std::string_view text) {
  std::string_view number = text;
  double seconds = 1;
  if (number.ends_with("/s")) {
    number.remove_suffix(2);
  } else if (number.ends_with("/m")) {
    number.remove_suffix(2);
    seconds = 60;
  } else if (number.ends_with("/h")) {
    number.remove_suffix(2);
    seconds = 3600;
  }
  // One a day at the least, and what no machine can start at the most.
  constexpr double kLeast = 1.0 / 86'400;
  constexpr double kMost = 10'000'000;
  const auto count = parse_count<double>(number);
  if (!count || !(*count / seconds >= kLeast) || !(*count / seconds <= kMost)) {
    return bad_repeat(text, "is not a rate such as 50, 50/s, 3000/m or 100/h");
  }
  return *count / seconds;
}

Expected<std::uint64_t> parse_count(std::string_view text, std::uint64_t most) {
  const auto count = parse_count<std::uint64_t>(text);
  if (!count || *count == 0) return bad_repeat(text, "is not a whole number from 1 on");
  if (*count > most) return bad_repeat(text, "is more than " + std::to_string(most));
  return *count;
}

const char* find_contradiction(const RepeatOptions& repeat) {
  if (repeat.rate && repeat.interval) {
    return "takes --rate or --interval, not both: one starts requests by the clock, the other "
           "after the request before";
  }
  if (repeat.requests || repeat.duration) return nullptr;
  if (repeat.concurrency) return "takes -c only together with -n or --duration";
  if (repeat.rate) return "takes --rate only together with -n or --duration";
  if (repeat.interval) return "takes --interval only together with -n or --duration";
  if (repeat.warmup > 0) return "takes --warmup only together with -n or --duration";
  if (repeat.is_one_trace) return "takes --one-trace only together with -n or --duration";
  return nullptr;
}

}  // namespace xtrace::cli
