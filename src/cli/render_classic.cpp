#include <algorithm>
#include <array>
#include <chrono>
#include <string_view>
#include <vector>

#include "cli/headline.h"
#include "cli/paint.h"
#include "cli/plan_view.h"
#include "cli/report.h"
#include "cli/text.h"

namespace xtrace::cli {

namespace {

/// The moments of the 2016 program, as its hooks saw them. What did not happen has the moment
/// before it, so that its length is 0.
struct Moments {
  Duration begin{};  ///< The lookup was asked for, or the dial began.
  Duration resolved{};
  Duration connected{};  ///< The dial was done.
  Duration usable{};     ///< TLS was done as well.
  Duration first_byte{};
  Duration done{};
  Duration handshake{};  ///< A length.
};

Duration first_begin_of(const Timeline& timeline) {
  for (const Phase phase : {Phase::dns_wait, Phase::dns}) {
    if (const Span* span = timeline.find(phase)) return span->begin;
  }
  if (const auto dialling = timeline.dialling()) return dialling->begin;
  const Span* request = timeline.find(Phase::request);
  return request != nullptr ? request->begin : Duration{};
}

Moments moments_of(const Timeline& timeline) {
  Moments moments;
  moments.begin = first_begin_of(timeline);
  moments.resolved = moments.begin;
  if (const Span* dns = timeline.find(Phase::dns)) moments.resolved = dns->end;
  const auto dialling = timeline.dialling();
  moments.connected = dialling ? dialling->end : moments.resolved;
  const Span* tls = timeline.find(Phase::tls);
  if (tls != nullptr) moments.handshake = tls->length();
  const Span* request = timeline.find(Phase::request);
  moments.usable = request != nullptr ? request->begin
                   : tls != nullptr   ? tls->end
                                      : moments.connected;
  moments.done = timeline.total;
  moments.first_byte = timeline.time_to_first_byte().value_or(moments.done);
  return moments;
}

struct ClassicColumn {
  std::string_view title;
  Duration length;
  std::string_view mark;
  Duration reached;
};

std::vector<ClassicColumn> columns_of(const Timeline& timeline, bool is_https) {
  const Moments at = moments_of(timeline);
  const Duration zero = at.begin;
  const ClassicColumn lookup{"DNS Lookup", at.resolved - zero, "namelookup:", at.resolved - zero};
  const ClassicColumn server{"Server Processing", at.first_byte - at.usable,
                             "starttransfer:", at.first_byte - zero};
  const ClassicColumn transfer{"Content Transfer", at.done - at.first_byte,
                               "total:", at.done - zero};
  if (!is_https) {
    return {lookup,
            {"TCP Connection", at.usable - at.resolved, "connect:", at.usable - zero},
            server,
            transfer};
  }
  return {lookup,
          {"TCP Connection", at.connected - at.resolved, "connect:", at.connected - zero},
          {"TLS Handshake", at.handshake, "pretransfer:", at.usable - zero},
          server,
          transfer};
}

/// Whole milliseconds, cut and not rounded, as the original does.
std::string in_milliseconds(Duration duration) {
  return std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(duration).count()) +
         "ms";
}

/// The column of the bar below and right of each title: titles stand three apart.
std::vector<std::size_t> bars_of(const std::vector<ClassicColumn>& columns, std::size_t margin) {
  std::vector<std::size_t> bars;
  std::size_t at = margin;
  for (const ClassicColumn& column : columns) {
    at += column.title.size() + (bars.empty() ? 0 : 3);
    bars.push_back(at);
  }
  return bars;
}

std::string draw_titles(const std::vector<ClassicColumn>& columns, std::size_t margin,
                        const Style& style) {
  std::string titles(margin, ' ');
  for (const ClassicColumn& column : columns) {
    if (titles.size() > margin) titles += "   ";
    titles += column.title;
  }
  return paint(titles, Role::dim, style) + "\n";
}

/// Lengths end two blanks before their bar; one of more than seven digits pushes what follows to
/// the right.
std::string draw_lengths(const std::vector<ClassicColumn>& columns,
                         const std::vector<std::size_t>& bars, const Style& style) {
  constexpr std::size_t kField = 9;
  std::string line = "[";
  std::size_t used = 1;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    line.append(bars[i] - used - kField - 2, ' ');
    std::string length = in_milliseconds(columns[i].length);
    if (length.size() < kField) length.insert(0, kField - length.size(), ' ');
    line += paint(length, Role::value, style) + (i + 1 < columns.size() ? "  |" : "  ]");
    used = bars[i] + 1;
  }
  return line + "\n";
}

/// Row `row` of the staircase: its mark and moment, and the bars that go on below.
std::string draw_step(const std::vector<ClassicColumn>& columns,
                      const std::vector<std::size_t>& bars, std::size_t row, const Style& style) {
  constexpr std::size_t kField = 9;
  const ClassicColumn& column = columns[row];
  std::string line(bars[row] + 2 - column.mark.size(), ' ');
  line += column.mark;
  std::string moment = in_milliseconds(column.reached);
  if (moment.size() < kField) moment.append(kField - moment.size(), ' ');
  std::size_t used = bars[row] + 2 + kField;
  line += paint(moment, Role::value, style);
  for (std::size_t i = row + 1; i < bars.size(); ++i) {
    line.append(bars[i] - used, ' ').append("|");
    used = bars[i] + 1;
  }
  return line + "\n";
}

std::string draw_art(const Timeline& timeline, bool is_https, const Style& style) {
  const std::vector<ClassicColumn> columns = columns_of(timeline, is_https);
  const std::size_t margin = is_https ? 2 : 3;
  const std::vector<std::size_t> bars = bars_of(columns, margin);
  std::string art = draw_titles(columns, margin, style) + draw_lengths(columns, bars, style);
  std::size_t used = 0;
  for (const std::size_t bar : bars) {
    art.append(bar - used, ' ').append("|");
    used = bar + 1;
  }
  art += "\n";
  for (std::size_t row = 0; row < columns.size(); ++row) {
    art += draw_step(columns, bars, row, style);
  }
  return art;
}

/// 0 for `Server`, 2 for fields of the connection, 1 for the others: the order of the original.
int rank_of(std::string_view name) {
  constexpr std::array<std::string_view, 8> kHopByHop = {
      "Connection", "Keep-Alive", "Proxy-Authenticate", "Proxy-Authorization",
      "TE",         "Trailers",   "Transfer-Encoding",  "Upgrade"};
  if (equals_ignoring_case(name, "Server")) return 0;
  const bool is_hop_by_hop =
      std::any_of(kHopByHop.begin(), kHopByHop.end(),
                  [name](std::string_view known) { return equals_ignoring_case(name, known); });
  return is_hop_by_hop ? 2 : 1;
}

/// Go's spelling of a field name: a capital at the beginning of each word.
std::string canonical(std::string_view name) {
  std::string spelled(name);
  bool is_first = true;
  for (char& letter : spelled) {
    if (is_first && letter >= 'a' && letter <= 'z') letter = static_cast<char>(letter - 'a' + 'A');
    if (!is_first && letter >= 'A' && letter <= 'Z') letter = static_cast<char>(letter - 'A' + 'a');
    is_first = letter == '-';
  }
  return spelled;
}

/// Fields of one name in one line, as Go's `http.Header` has them.
std::vector<Header> sorted_fields(const Headers& headers) {
  std::vector<Header> fields;
  for (const Header& header : headers) {
    const std::string name = canonical(header.name);
    const auto known = std::find_if(fields.begin(), fields.end(),
                                    [&name](const Header& field) { return field.name == name; });
    if (known != fields.end()) {
      known->value += "," + header.value;
    } else {
      fields.push_back({name, header.value});
    }
  }
  std::sort(fields.begin(), fields.end(), [](const Header& a, const Header& b) {
    const int rank_a = rank_of(a.name);
    const int rank_b = rank_of(b.name);
    return rank_a != rank_b ? rank_a < rank_b : a.name < b.name;
  });
  return fields;
}

std::string draw_response(const Response& response, const Style& style) {
  std::string status =
      "1." + std::to_string(response.version_minor) + " " + std::to_string(response.status);
  status += " " + escape_for_terminal(response.reason, style);
  std::string text = "\n" + paint("HTTP", Role::label, style) + paint("/", Role::dim, style) +
                     paint(status, Role::value, style) + "\n";
  for (const Header& field : sorted_fields(response.headers)) {
    text += paint(escape_for_terminal(field.name, style) + ":", Role::dim, style) + " " +
            paint(escape_for_terminal(field.value, style), Role::value, style) + "\n";
  }
  return text;
}

std::string draw_leg(const Report& report, const LegReport& leg, const Style& style) {
  if (leg.attempts.empty()) return {};
  const AttemptReport& attempt = leg.attempts.back();
  const Timeline& timeline = attempt.timeline;
  const bool is_https = leg.url.starts_with("https:");
  std::string text;
  if (timeline.remote.is_set()) {
    const std::string remote = escape_for_terminal(timeline.remote.to_string(), style);
    const std::string protocol = timeline.tls ? timeline.tls->version : "plaintext";
    text += "\n" + paint("Connected to ", Role::label, style) + paint(remote, Role::value, style) +
            "\n\n" + paint("Connected via", Role::label, style) + " " +
            paint(protocol, Role::value, style) + "\n";
  }
  if (attempt.response) {
    text += draw_response(*attempt.response, style);
    const int status = attempt.response->status;
    const bool is_redirect = status > 299 && status < 400;
    if (!is_redirect && report.method != "HEAD") {
      text += "\n" + paint("Body discarded", Role::value, style) + "\n";
    }
  }
  return text + "\n" + draw_art(timeline, is_https, style);
}

/// `3 attempts in 612ms; this is attempt 2`: the columns know of no other.
std::string draw_attempts(const Report& report, const Style& style) {
  if (!report.plan || report.plan->attempts == 0) return {};
  const PlanReport& plan = *report.plan;
  if (plan.attempts == 1 && plan.waits.empty()) return {};
  const std::string count = std::to_string(plan.attempts);
  std::string text =
      "\n" + paint(count + (plan.attempts == 1 ? " attempt" : " attempts"), Role::label, style);
  text += " in " + paint(in_milliseconds(report.total()), Role::value, style);
  if (plan.attempts > 1 && plan.winner >= 0) {
    text += "; this is attempt " + std::to_string(plan.winner);
  }
  return text + "\n";
}

}  // namespace

std::string render_classic(const Report& report, const Style& style) {
  std::string text = draw_attempts(report, style);
  const Report shown = only_final_attempt(report);
  for (const LegReport& leg : shown.legs) text += draw_leg(shown, leg, style);
  const bool is_remarkable = report.error || !report.judgement.empty();
  if (!is_remarkable) return text;
  return text + "\n" + draw_headline(shown, final_request(shown).request, style);
}

}  // namespace xtrace::cli
