#include "cli/option_values.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <optional>
#include <utility>

#include <xtrace/segment.h>

#include "cli/choice.h"

namespace xtrace::cli {

namespace {

Error bad_value(std::string message) {
  return {Error::Code::invalid_config, Phase::none, std::move(message)};
}

std::string quoted(std::string_view text) {
  return "\"" + std::string(text) + "\"";
}

template <class Number>
std::optional<Number> parse_whole(std::string_view text) {
  Number number{};
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failure != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

/// Takes what is before the next colon off `text`; brackets around an IPv6 address protect its
/// colons and go.
std::optional<std::string_view> take_part(std::string_view& text) {
  if (text.starts_with('[')) {
    const auto close = text.find("]:");
    if (close == std::string_view::npos) return std::nullopt;
    const std::string_view part = text.substr(1, close - 1);
    text.remove_prefix(close + 2);
    return part;
  }
  const auto colon = text.find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const std::string_view part = text.substr(0, colon);
  text.remove_prefix(colon + 1);
  return part;
}

std::string lower(std::string_view text) {
  std::string lowered{text};
  std::ranges::transform(lowered, lowered.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return lowered;
}

/// A port, or 0 for the empty text where that is allowed.
std::optional<std::uint16_t> parse_optional_port(std::string_view text) {
  if (text.empty()) return std::uint16_t{0};
  const auto port = parse_whole<std::uint16_t>(text);
  return port && *port != 0 ? port : std::nullopt;
}

std::optional<StatusSet::Range> parse_status_range(std::string_view text) {
  const auto is_status = [](const std::optional<int>& number) {
    return number && *number >= 100 && *number <= 999;
  };
  if (text.size() == 3 && (text.ends_with("xx") || text.ends_with("XX"))) {
    if (text[0] < '1' || text[0] > '9') return std::nullopt;
    const int low = (text[0] - '0') * 100;
    return StatusSet::Range{low, low + 99};
  }
  const auto dash = text.find('-');
  const auto low = parse_whole<int>(text.substr(0, dash));
  const auto high = dash == std::string_view::npos ? low : parse_whole<int>(text.substr(dash + 1));
  if (!is_status(low) || !is_status(high) || *low > *high) return std::nullopt;
  return StatusSet::Range{*low, *high};
}

Scalar parse_scalar(std::string_view text) {
  if (text == "true") return true;
  if (text == "false") return false;
  if (const auto integer = parse_whole<std::int64_t>(text)) return *integer;
  // from_chars also reads "inf" and "nan", which JSON cannot say.
  if (const auto number = parse_whole<double>(text); number && std::isfinite(*number))
    return *number;
  return text;
}

}  // namespace

bool StatusSet::contains(int status) const {
  return ranges.empty() || std::ranges::any_of(ranges, [status](const Range& range) {
           return status >= range.low && status <= range.high;
         });
}

Expected<Duration> parse_duration(std::string_view text) {
  double unit = 1e9;
  std::string_view number = text;
  if (number.ends_with("ms")) {
    unit = 1e6;
    number.remove_suffix(2);
  } else if (number.ends_with('s')) {
    number.remove_suffix(1);
  } else if (number.ends_with('m')) {
    unit = 60e9;
    number.remove_suffix(1);
  }
  // Ten years: far beyond any sense, far below what nanoseconds can hold.
  constexpr double kLongest = 10 * 366 * 86400 * 1e9;
  const auto value = parse_whole<double>(number);
  if (!value || !(*value >= 0) || !(*value * unit <= kLongest)) {
    return bad_value(quoted(text) + " is not a time such as 2, 1.5s, 200ms or 1m");
  }
  // Rounded up, so that a limit too short for the clock does not become none at all.
  return Duration(static_cast<Duration::rep>(std::ceil(*value * unit)));
}

Expected<ResolveOverride> parse_resolve(std::string_view text) {
  const auto bad = [text] {
    return bad_value(quoted(text) + " is not HOST:PORT:ADDRESS[,ADDRESS...]");
  };
  std::string_view rest = text;
  if (rest.starts_with('+')) rest.remove_prefix(1);  // curl: the entry may expire; ours never does
  const auto host = take_part(rest);
  const auto port = host ? take_part(rest) : std::nullopt;
  if (!port || host->empty()) return bad();
  const auto number = parse_optional_port(*port);
  if (!number || *number == 0) return bad();

  ResolveOverride resolve{.host = lower(*host), .port = *number, .addresses = {}};
  while (true) {
    const auto comma = rest.find(',');
    auto address = Address::from_ip(rest.substr(0, comma), *number);
    if (const auto* error = address.if_error()) return bad_value(error->message);
    resolve.addresses.push_back(*address);
    if (comma == std::string_view::npos) return resolve;
    rest.remove_prefix(comma + 1);
  }
}

Expected<ConnectToOverride> parse_connect_to(std::string_view text) {
  const auto bad = [text] { return bad_value(quoted(text) + " is not HOST1:PORT1:HOST2:PORT2"); };
  std::string rest_text = std::string(text) + ":";  // so that the last part ends like the others
  std::string_view rest = rest_text;
  std::vector<std::string_view> parts;
  while (!rest.empty()) {
    const auto part = take_part(rest);
    if (!part) return bad();
    parts.push_back(*part);
  }
  if (parts.size() != 4) return bad();
  const auto from_port = parse_optional_port(parts[1]);
  const auto to_port = parse_optional_port(parts[3]);
  if (!from_port || !to_port) return bad();
  return ConnectToOverride{.from_host = lower(parts[0]),
                           .from_port = *from_port,
                           .to_host = lower(parts[2]),
                           .to_port = *to_port};
}

Expected<StatusSet> parse_status_set(std::string_view text) {
  StatusSet set{.ranges = {}, .text = std::string(text)};
  std::string_view rest = text;
  while (true) {
    const auto comma = rest.find(',');
    const auto range = parse_status_range(rest.substr(0, comma));
    if (!range)
      return bad_value(quoted(text) + " is not a list of statuses such as 200,3xx,400-404");
    set.ranges.push_back(*range);
    if (comma == std::string_view::npos) return set;
    rest.remove_prefix(comma + 1);
  }
}

Expected<EmitTarget> parse_emit_target(std::string_view text) {
  EmitTarget target;
  if (text == "none") {
    target.kind = EmitTarget::Kind::none;
    return target;
  }
  if (text == "-") {
    target.kind = EmitTarget::Kind::standard_output;
    return target;
  }
  if (text.starts_with("file:") && text.size() > 5) {
    target.kind = EmitTarget::Kind::file;
    target.path = text.substr(5);
    return target;
  }
  const bool is_tcp = text.starts_with("tcp://");
  if ((is_tcp || text.starts_with("udp://")) && text.size() > 6) {
    const auto address = parse_daemon_address(text.substr(6));
    if (const auto* error = address.if_error()) return bad_value(error->message);
    target.kind = is_tcp ? EmitTarget::Kind::tcp : EmitTarget::Kind::udp;
    target.endpoint = is_tcp ? address->tcp : address->udp;
    return target;
  }
  return bad_value(quoted(text) + " is not udp://HOST:PORT, tcp://HOST:PORT, file:PATH, - or none");
}

Expected<Annotation> parse_annotation(std::string_view text) {
  const auto equals = text.find('=');
  if (equals == std::string_view::npos) return bad_value("an annotation is KEY=VALUE");
  const std::string_view key = text.substr(0, equals);
  if (!is_annotation_key(key)) {
    return bad_value("the key " + quoted(key) +
                     " is not made of 1 to 500 letters, digits and underscores");
  }
  return Annotation{.key = std::string(key), .value = parse_scalar(text.substr(equals + 1))};
}

Expected<ColorChoice> parse_color(std::string_view text) {
  constexpr std::array<Word<ColorChoice>, 3> kColors = {{{"auto", ColorChoice::automatic},
                                                         {"always", ColorChoice::always},
                                                         {"never", ColorChoice::never}}};
  return choose(kColors, text);
}

}  // namespace xtrace::cli
