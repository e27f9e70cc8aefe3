#include "cli/write_out_variables.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <utility>
#include <vector>

#include "cli/json_fields.h"
#include "cli/plan_view.h"

namespace xtrace::cli {

namespace {

using Text = std::optional<std::string>;

/// A report, and the request that most variables are about: the one it ended with.
struct Facts {
  explicit Facts(const Report& shown) : report(shown), attempts(shown.attempts()) {
    const FinalRequest final = final_request(report);
    leg = final.leg;
    if (final.request == nullptr) return;
    last = &final.request->timeline;
    response = final.request->response ? &*final.request->response : nullptr;
    begin = begin_of(report, *final.request);
  }

  /// From the start of the call; zero for what did not happen.
  Duration moment(const std::optional<Duration>& at) const { return at ? begin + *at : Duration{}; }

  std::int64_t sum(std::uint64_t Timeline::*bytes) const {
    std::uint64_t total = 0;
    for (const AttemptReport* attempt : attempts) total += attempt->timeline.*bytes;
    return static_cast<std::int64_t>(total);
  }

  std::int64_t per_second(std::uint64_t Timeline::*bytes) const {
    const double seconds = std::chrono::duration<double>(report.total()).count();
    return seconds > 0 ? static_cast<std::int64_t>(static_cast<double>(sum(bytes)) / seconds) : 0;
  }

  const Report& report;
  std::vector<const AttemptReport*> attempts;
  const LegReport* leg = nullptr;
  const Timeline* last = nullptr;
  const Response* response = nullptr;
  Duration begin{};
};

std::optional<Duration> start_of(const Timeline* timeline, Phase phase) {
  const Span* span = timeline == nullptr ? nullptr : timeline->find(phase);
  return span == nullptr ? std::nullopt : std::optional(span->begin);
}

std::optional<Duration> end_of(const Timeline* timeline, Phase phase) {
  const Span* span = timeline == nullptr ? nullptr : timeline->find(phase);
  return span == nullptr ? std::nullopt : std::optional(span->end);
}

/// Where there was no lookup, when it would have been over.
std::optional<Duration> looked_up(const Timeline* timeline) {
  if (const auto end = end_of(timeline, Phase::dns)) return end;
  if (timeline == nullptr) return std::nullopt;
  if (const auto dialling = timeline->dialling()) return dialling->begin;
  return start_of(timeline, Phase::request);
}

std::optional<Duration> connected(const Timeline* timeline) {
  if (timeline == nullptr) return std::nullopt;
  if (timeline->reused) return start_of(timeline, Phase::request);
  const auto dialling = timeline->dialling();
  const bool is_done = dialling && dialling->outcome == Outcome::ok;
  return is_done ? std::optional(dialling->end) : std::nullopt;
}

Text text_or_null(std::string text) {
  return text.empty() ? std::nullopt : Text(std::move(text));
}

Text field(const Facts& facts, std::string_view name) {
  const std::string* value =
      facts.response == nullptr ? nullptr : facts.response->headers.find(name);
  return value == nullptr ? std::nullopt : Text(*value);
}

std::int64_t count_connects(const Facts& facts) {
  return std::ranges::count_if(facts.attempts, [](const AttemptReport* attempt) {
    const Span* connect = attempt->timeline.find(Phase::connect);
    return connect != nullptr && connect->outcome == Outcome::ok && !attempt->timeline.reused;
  });
}

std::string effective_url(const Facts& facts) {
  const LegReport* leg = facts.leg;
  return leg == nullptr ? facts.report.url : leg->url;
}

std::string effective_method(const Facts& facts) {
  const LegReport* leg = facts.leg;
  return leg == nullptr || leg->method.empty() ? facts.report.method : leg->method;
}

Text scheme(const Facts& facts) {
  const std::string url = effective_url(facts);
  if (url.starts_with("https:")) return "HTTPS";
  return url.starts_with("http:") ? Text("HTTP") : std::nullopt;
}

/// How many redirects led to the final request.
std::int64_t count_redirects(const Facts& facts) {
  const std::size_t legs = only_final_attempt(facts.report).legs.size();
  return static_cast<std::int64_t>(std::max<std::size_t>(legs, 1) - 1);
}

/// The legs before the last one, with all that was between; of a plan, within its final attempt.
Duration redirecting(const Facts& facts) {
  const Report shown = only_final_attempt(facts.report);
  if (shown.legs.size() < 2 || shown.legs.back().attempts.empty()) return {};
  return shown.legs.back().attempts.front().timeline.started.tick -
         shown.legs.front().attempts.front().timeline.started.tick;
}

std::int64_t count_attempts(const Facts& facts) {
  if (facts.report.plan) return facts.report.plan->attempts;
  return facts.attempts.empty() ? 0 : 1;
}

std::int64_t count_waves(const Facts& facts) {
  return facts.report.plan ? facts.report.plan->waves : count_attempts(facts);
}

std::string host_of(const Facts& facts, Address Timeline::*address) {
  return facts.last == nullptr ? std::string() : (facts.last->*address).host();
}

std::int64_t port_of(const Facts& facts, Address Timeline::*address) {
  return facts.last == nullptr ? 0 : (facts.last->*address).port();
}

std::int64_t status(const Facts& facts) {
  return facts.response == nullptr ? 0 : facts.response->status;
}

using Value = WriteOutValue;

struct Variable {
  std::string_view name;
  Value (*read)(const Facts&);
};

constexpr auto kVariables = std::to_array<Variable>({
    {"attempts", [](const Facts& f) { return Value(count_attempts(f)); }},
    {"content_type", [](const Facts& f) { return Value(field(f, "Content-Type")); }},
    {"errormsg", [](const Facts& f) { return Value(f.report.error ? Text(f.report.error->message) : Text()); }},
    {"exitcode", [](const Facts& f) { return Value(std::int64_t{f.report.exit_code}); }},
    {"filename_effective", [](const Facts& f) { return Value(text_or_null(f.report.body_file)); }},
    {"http_code", [](const Facts& f) { return Value(status(f)); }},
    {"http_version", [](const Facts& f) { return Value(f.response == nullptr ? Text("0") : Text("1." + std::to_string(f.response->version_minor))); }},
    {"local_ip", [](const Facts& f) { return Value(text_or_null(host_of(f, &Timeline::local))); }},
    {"local_port", [](const Facts& f) { return Value(port_of(f, &Timeline::local)); }},
    {"method", [](const Facts& f) { return Value(text_or_null(effective_method(f))); }},
    {"num_connects", [](const Facts& f) { return Value(count_connects(f)); }},
    {"num_headers", [](const Facts& f) { return Value(static_cast<std::int64_t>(f.response == nullptr ? 0 : f.response->headers.size())); }},
    {"num_redirects", [](const Facts& f) { return Value(count_redirects(f)); }},
    {"num_retries", [](const Facts& f) { return Value(std::max<std::int64_t>(count_waves(f), 1) - 1); }},
    {"redirect_url", [](const Facts& f) { return Value(text_or_null(f.report.redirect_url)); }},
    {"referer", [](const Facts& f) { return Value(text_or_null(f.report.referer)); }},
    {"remote_ip", [](const Facts& f) { return Value(text_or_null(host_of(f, &Timeline::remote))); }},
    {"remote_port", [](const Facts& f) { return Value(port_of(f, &Timeline::remote)); }},
    {"response_code", [](const Facts& f) { return Value(status(f)); }},
    {"scheme", [](const Facts& f) { return Value(scheme(f)); }},
    {"size_download", [](const Facts& f) { return Value(f.last == nullptr ? 0 : static_cast<std::int64_t>(f.last->response_body_bytes)); }},
    {"size_header", [](const Facts& f) { return Value(f.sum(&Timeline::response_head_bytes)); }},
    {"size_request", [](const Facts& f) { return Value(f.sum(&Timeline::request_head_bytes)); }},
    {"size_upload", [](const Facts& f) { return Value(f.last == nullptr ? 0 : static_cast<std::int64_t>(f.last->request_body_bytes)); }},
    {"speed_download", [](const Facts& f) { return Value(f.per_second(&Timeline::response_body_bytes)); }},
    {"speed_upload", [](const Facts& f) { return Value(f.per_second(&Timeline::request_body_bytes)); }},
    {"ssl_verify_result", [](const Facts& f) { return Value(std::int64_t{f.last != nullptr && f.last->tls && !f.last->tls->verified}); }},
    {"time_appconnect", [](const Facts& f) { return Value(f.moment(end_of(f.last, Phase::tls))); }},
    {"time_connect", [](const Facts& f) { return Value(f.moment(connected(f.last))); }},
    {"time_namelookup", [](const Facts& f) { return Value(f.moment(looked_up(f.last))); }},
    {"time_pretransfer", [](const Facts& f) { return Value(f.moment(start_of(f.last, Phase::request))); }},
    {"time_redirect", [](const Facts& f) { return Value(redirecting(f)); }},
    {"time_starttransfer", [](const Facts& f) { return Value(f.moment(f.last == nullptr ? std::nullopt : f.last->time_to_first_byte())); }},
    {"time_total", [](const Facts& f) { return Value(f.report.total()); }},
    {"trace_id", [](const Facts& f) { return Value(text_or_null(f.report.trace_id)); }},
    {"url", [](const Facts& f) { return Value(text_or_null(f.report.url)); }},
    {"url_effective", [](const Facts& f) { return Value(text_or_null(effective_url(f))); }},
    {"urlnum", [](const Facts&) { return Value(std::int64_t{0}); }},
    {"waves", [](const Facts& f) { return Value(count_waves(f)); }},
});

/// Six digits behind the point, as curl prints them.
std::string in_seconds(Duration duration) {
  const auto whole = std::chrono::round<std::chrono::microseconds>(duration).count();
  std::string fraction = std::to_string(whole % 1'000'000);
  fraction.insert(0, 6 - fraction.size(), '0');
  return std::to_string(whole / 1'000'000) + "." + fraction;
}

std::string lower_case(std::string_view name) {
  std::string lowered(name);
  std::ranges::transform(lowered, lowered.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return lowered;
}

void write_value(JsonFields& json, const Value& value) {
  if (const auto* text = std::get_if<Text>(&value)) {
    if (*text) {
      json.string(**text);
    } else {
      json.null();
    }
  } else if (const auto* number = std::get_if<std::int64_t>(&value)) {
    json.integer(*number);
  } else {
    json.raw(in_seconds(std::get<Duration>(value)));
  }
}

std::string printed(std::string_view name, std::int64_t status) {
  std::string text = std::to_string(status);
  const bool is_status = name == "http_code" || name == "response_code";
  if (is_status && text.size() < 3) text.insert(0, 3 - text.size(), '0');
  return text;
}

}  // namespace

std::optional<WriteOutValue> find_write_out_variable(std::string_view name, const Report& report) {
  const auto* found = std::ranges::find(kVariables, name, &Variable::name);
  if (found == kVariables.end()) return std::nullopt;
  Value value = found->read(Facts(report));
  // curl prints three digits for a status, whatever it is.
  if (const auto* number = std::get_if<std::int64_t>(&value)) return Text(printed(name, *number));
  return value;
}

std::string write_out_json(const Report& report) {
  const Facts facts(report);
  std::string text;
  {
    JsonFields json(text);
    json.begin_object();
    for (const Variable& variable : kVariables) {
      json.key(variable.name);
      write_value(json, variable.read(facts));
    }
    json.end_object();
  }
  return text;
}

std::string write_out_header_json(const Report& report) {
  const Facts facts(report);
  std::vector<std::pair<std::string, std::vector<std::string_view>>> fields;
  if (facts.response != nullptr) {
    for (const Header& header : facts.response->headers) {
      const std::string name = lower_case(header.name);
      auto found = std::ranges::find(fields, name, &decltype(fields)::value_type::first);
      if (found == fields.end()) found = fields.insert(fields.end(), {name, {}});
      found->second.push_back(header.value);
    }
  }
  std::string text;
  {
    JsonFields json(text);
    json.begin_object();
    for (const auto& entry : fields) {
      json.key(entry.first);
      json.begin_array();
      for (const std::string_view value : entry.second) json.string(value);
      json.end_array();
    }
    json.end_object();
  }
  return text;
}

std::string to_text(const WriteOutValue& value) {
  if (const auto* text = std::get_if<Text>(&value)) return text->value_or("");
  if (const auto* number = std::get_if<std::int64_t>(&value)) return std::to_string(*number);
  return in_seconds(std::get<Duration>(value));
}

}  // namespace xtrace::cli
