#include <algorithm>
#include <charconv>
#include <system_error>
#include <utility>

#include <xtrace/server_says.h>

#include "http/characters.h"

namespace xtrace {

namespace {

// Takes what stands before the next `delimiter` that is not in quotes off the front of `text`, and
// the delimiter with it.
std::string_view take_until(char delimiter, std::string_view& text) {
  bool is_quoted = false;
  std::size_t end = 0;
  for (; end < text.size(); ++end) {
    if (text[end] == '"') is_quoted = !is_quoted;
    if (is_quoted && text[end] == '\\') ++end;
    if (!is_quoted && text[end] == delimiter) break;
  }
  end = std::min(end, text.size());
  const std::string_view taken = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return trim(taken);
}

// A token as it is; of a quoted string what is in the quotes, even where the last one is missing.
std::string unquote(std::string_view value) {
  if (!value.starts_with('"')) return std::string(value);
  std::string text;
  for (std::size_t i = 1; i < value.size() && value[i] != '"'; ++i) {
    if (value[i] == '\\' && i + 1 < value.size()) ++i;
    text += value[i];
  }
  return text;
}

// The number that the text begins with, as HTML reads numbers; none where it is negative or past
// what a duration holds.
std::optional<Duration> parse_milliseconds(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  if (text.empty() || !(is_digit(text.front()) || text.front() == '.')) return std::nullopt;
  double value = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
  if (parsed.ec != std::errc()) return std::nullopt;
  using Milliseconds = std::chrono::duration<double, std::milli>;
  const Milliseconds milliseconds(value);
  if (milliseconds >= std::chrono::duration_cast<Milliseconds>(Duration::max())) {
    return std::nullopt;
  }
  return std::chrono::duration_cast<Duration>(milliseconds);
}

std::optional<ServerTiming> parse_metric(std::string_view text) {
  ServerTiming metric;
  metric.name = take_until(';', text);
  if (!is_token(metric.name)) return std::nullopt;
  bool has_duration = false;
  bool has_description = false;
  while (!text.empty()) {
    std::string_view parameter = take_until(';', text);
    const std::size_t equals = parameter.find('=');
    if (equals == std::string_view::npos) continue;
    const std::string_view name = trim(parameter.substr(0, equals));
    const std::string value = unquote(trim(parameter.substr(equals + 1)));
    if (same_word(name, "dur") && !std::exchange(has_duration, true)) {
      metric.duration = parse_milliseconds(value);
    } else if (same_word(name, "desc") && !std::exchange(has_description, true)) {
      metric.description = value;
    }
  }
  return metric;
}

}  // namespace

std::vector<ServerTiming> server_timings(const Headers& headers) {
  std::vector<ServerTiming> metrics;
  for (const Header& field : headers) {
    if (!equals_ignoring_case(field.name, "Server-Timing")) continue;
    std::string_view rest = field.value;
    while (!rest.empty()) {
      std::optional<ServerTiming> metric = parse_metric(take_until(',', rest));
      if (metric) metrics.push_back(std::move(*metric));
    }
  }
  return metrics;
}

}  // namespace xtrace
