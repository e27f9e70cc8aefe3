#include "cli/plan_options.h"

#include <algorithm>
#include <array>
#include <charconv>

#include <xtrace/retry_policy.h>

#include "cli/choice.h"
#include "cli/repeat_options.h"

namespace xtrace::cli {

namespace {

using Failure = RetryOn::Failure;

constexpr std::array<Word<Failure>, 6> kFailures = {{{"connect", Failure::connect},
                                                     {"timeout", Failure::timeout},
                                                     {"reset", Failure::reset},
                                                     {"dns", Failure::dns},
                                                     {"transient", Failure::transient},
                                                     {"any", Failure::any}}};

constexpr int kMostRetries = 1000;
constexpr std::size_t kMostRivals = 20;

Error bad_policy(std::string_view value, std::string_view reason) {
  return {Error::Code::invalid_config, Phase::none,
          "\"" + std::string(value) + "\" " + std::string(reason)};
}

template <class Number>
std::optional<Number> parse_limit(std::string_view text) {
  Number number{};
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failure != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

bool is_connecting(Error::Code code) {
  using enum Error::Code;
  constexpr int kFirstOfTls = 400;
  return (code >= connect_refused && static_cast<int>(code) < kFirstOfTls) || code == tls_closed ||
         code == tls_timeout;
}

bool is_breaking(Error::Code code) {
  using enum Error::Code;
  return code == send_failed || code == empty_reply || code == receive_failed || code == head_cut ||
         code == body_cut || code == tls_closed;
}

bool is_of(Failure failure, Error::Code code) {
  switch (failure) {
    case Failure::connect:
      return is_connecting(code);
    case Failure::timeout:
      return is_timeout(code);
    case Failure::reset:
      return is_breaking(code);
    case Failure::dns:
      return code >= Error::Code::dns_not_found && code <= Error::Code::dns_timeout;
    case Failure::transient:
      return is_transient(code);
    case Failure::any:
      break;
  }
  return true;
}

Expected<void> add_reason(RetryOn& reasons, std::string_view text) {
  if (const auto statuses = parse_status_set(text)) {
    reasons.statuses.push_back(statuses->ranges.front());
    return {};
  }
  const auto failure = choose(kFailures, text, ", nor a status such as 503, 5xx or 500-504");
  if (const auto* error = failure.if_error()) return *error;
  reasons.failures.push_back(*failure);
  return {};
}

Expected<RaceAfter> parse_percentile(std::string_view text) {
  constexpr double kWhole = 100;
  const auto percent = parse_limit<double>(text.substr(1));
  if (!percent || !(*percent > 0) || !(*percent < kWhole)) {
    return bad_policy(text, "is not a percentile such as p95 or p99.9");
  }
  return RaceAfter{.delays = {}, .percentile = *percent / kWhole};
}

}  // namespace

bool RetryOn::covers(int status) const {
  constexpr int kFirstFailure = 400;
  if (status >= kFirstFailure && std::ranges::find(failures, Failure::any) != failures.end()) {
    return true;
  }
  return std::ranges::any_of(statuses, [status](const StatusSet::Range& range) {
    return status >= range.low && status <= range.high;
  });
}

bool RetryOn::covers(Error::Code code) const {
  return std::ranges::any_of(failures, [code](Failure failure) { return is_of(failure, code); });
}

bool PlanOptions::is_plan() const {
  return retries || race || attempt_timeout || breaker || !target_id.empty() ||
         !endpoint_template.empty();
}

Expected<int> parse_retries(std::string_view text) {
  const auto retries = parse_limit<int>(text);
  if (!retries || *retries < 0 || *retries > kMostRetries) {
    return bad_policy(text, "is not a whole number from 0 to " + std::to_string(kMostRetries));
  }
  return *retries;
}

Expected<RetryOn> parse_retry_on(std::string_view text) {
  RetryOn reasons;
  while (true) {
    const auto comma = text.find(',');
    if (auto added = add_reason(reasons, text.substr(0, comma)); !added) {
      return std::move(added).error();
    }
    if (comma == std::string_view::npos) return reasons;
    text.remove_prefix(comma + 1);
  }
}

Expected<Backoff> parse_backoff(std::string_view text) {
  const auto dots = text.find("..");
  auto least = parse_duration(text.substr(0, dots));
  if (const auto* error = least.if_error()) return *error;
  if (dots == std::string_view::npos) return Backoff{.least = *least, .most = std::nullopt};
  auto most = parse_duration(text.substr(dots + 2));
  if (const auto* error = most.if_error()) return *error;
  if (*least == Duration{} || *most < *least) {
    return bad_policy(text, "is not SHORTEST..LONGEST, as in 50ms..1s");
  }
  return Backoff{.least = *least, .most = *most};
}

Expected<RaceAfter> parse_race(std::string_view text) {
  if (text.starts_with('p')) return parse_percentile(text);
  RaceAfter race;
  std::string_view rest = text;
  while (true) {
    const auto comma = rest.find(',');
    auto delay = parse_duration(rest.substr(0, comma));
    if (const auto* error = delay.if_error()) return *error;
    race.delays.push_back(*delay);
    if (race.delays.size() > kMostRivals) {
      return bad_policy(text, "asks for more than " + std::to_string(kMostRivals) + " rivals");
    }
    if (comma == std::string_view::npos) return race;
    rest.remove_prefix(comma + 1);
  }
}

Expected<BreakerLimit> parse_breaker(std::string_view text) {
  constexpr std::uint64_t kMostFailures = 1'000'000;
  const auto slash = text.find('/');
  if (slash == std::string_view::npos) return bad_policy(text, "is not FAILURES/TIME, as in 5/30s");
  const auto failures = parse_count(text.substr(0, slash), kMostFailures);
  if (const auto* error = failures.if_error()) return *error;
  const auto within = parse_duration(text.substr(slash + 1));
  if (const auto* error = within.if_error()) return *error;
  if (*within == Duration{}) return bad_policy(text, "leaves no time for failures");
  return BreakerLimit{.failures = static_cast<std::size_t>(*failures), .within = *within};
}

Expected<std::string> parse_label(std::string_view text) {
  constexpr std::size_t kLongest = 200;
  const auto is_control = [](char c) { return static_cast<unsigned char>(c) < ' ' || c == '\x7f'; };
  if (text.empty() || text.size() > kLongest || std::ranges::any_of(text, is_control)) {
    return Error{Error::Code::invalid_config, Phase::none,
                 "the value is not a text of 1 to 200 bytes without control characters"};
  }
  return std::string(text);
}

Expected<MetricsTarget> parse_metrics_target(std::string_view text) {
  constexpr std::string_view kFile = "prom:";
  constexpr std::string_view kStatsd = "statsd://";
  if (text == "prom" || text == "prom:-")
    return MetricsTarget{.kind = MetricsTarget::Kind::standard_output};
  if (text.starts_with(kFile) && text.size() > kFile.size()) {
    return MetricsTarget{.kind = MetricsTarget::Kind::file,
                         .path = std::string(text.substr(kFile.size()))};
  }
  if (text.starts_with(kStatsd) && text.size() > kStatsd.size()) {
    const auto address = parse_daemon_address(text.substr(kStatsd.size()));
    if (address && address->udp == address->tcp) {
      return MetricsTarget{.kind = MetricsTarget::Kind::statsd, .server = address->udp};
    }
  }
  return bad_policy(text, "is not prom, prom:FILE or statsd://HOST:PORT");
}

}  // namespace xtrace::cli
