#include "cli/rows.h"

#include <algorithm>
#include <utility>

#include "cli/headline.h"
#include "cli/text.h"

namespace xtrace::cli {

namespace {

struct PhaseLook {
  std::string_view label;
  Role role;
};

PhaseLook look_of(Phase phase) {
  switch (phase) {
    case Phase::queue:
      return {"queue", Role::plain};
    case Phase::dns_wait:
      return {"dns wait", Role::plain};
    case Phase::dns:
      return {"dns", Role::dns};
    case Phase::dial:
      return {"tcp", Role::tcp};
    case Phase::proxy:
      return {"proxy", Role::tcp};
    case Phase::tls:
      return {"tls", Role::tls};
    case Phase::request:
      return {"request", Role::request};
    case Phase::response:
      return {"wait", Role::wait};
    default:
      return {"body", Role::body};
  }
}

std::string dial_label(const Address& address, bool is_alone) {
  if (address.family() == Address::Family::local) return "unix";
  if (is_alone) return "tcp";
  return address.family() == Address::Family::ipv6 ? "tcp v6" : "tcp v4";
}

/// How long an earlier dial, still without an answer, had been alone when `winner` started; zero if
/// there was none.
Duration head_start(const Timeline& timeline, std::size_t winner) {
  const Span& won = timeline.dials[winner].span;
  for (std::size_t i = 0; i < winner; ++i) {
    const Span& rival = timeline.dials[i].span;
    if (rival.begin < won.begin && rival.end > won.begin) return won.begin - rival.begin;
  }
  return {};
}

void describe_dial(Row& row, const Timeline& timeline, std::size_t index) {
  const Dial& dial = timeline.dials[index];
  switch (dial.span.outcome) {
    case Outcome::ok: {
      const Duration lead = head_start(timeline, index);
      row.words = row.brief_words = "won";
      if (lead > Duration{}) row.words += ", after a " + format_measured(lead) + " head start";
      break;
    }
    case Outcome::abandoned:
      row.words = "abandoned, no answer";
      row.brief_words = "no answer";
      break;
    case Outcome::timeout:
      row.words = "no answer in time";
      row.brief_words = "no answer";
      break;
    case Outcome::error:
      row.words = dial.error ? words_of(dial.error->code) : "failed";
      constexpr std::string_view kPrefix = "connect ";
      if (row.words.starts_with(kPrefix)) row.words.erase(0, kPrefix.size());
      row.brief_words = row.words;
      break;
  }
}

void describe_failure(Row& row, Phase phase, const Error& error) {
  if (phase == Phase::response && row.outcome == Outcome::timeout) {
    row.words = row.marks.empty() ? "no byte from the server" : "no final answer";
    row.brief_words = row.words;
    return;
  }
  row.words = row.brief_words = words_of(error.code);
}

/// Every address that the lookup found, where more than one was tried.
std::string list_addresses(const Timeline& timeline) {
  std::string list;
  if (!timeline.dns || timeline.dial_count < 2) return list;
  for (const Address& address : timeline.dns->addresses) {
    if (!list.empty()) list += ", ";
    list += address.host();
  }
  return list;
}

/// `103 at 45.0ms, 103 at 60.2ms`.
std::string list_interims(const Timeline& timeline, const Scale& scale) {
  std::string list;
  for (std::size_t i = 0; i < timeline.interim_count; ++i) {
    const Interim& interim = timeline.interims[i];
    if (!list.empty()) list += ", ";
    list += std::to_string(interim.status) + " at " + scale.text(interim.at);
  }
  return list;
}

/// What was agreed on with the proxy. For an http URL an https proxy is spoken to in TLS, and that
/// is all.
std::string words_of_proxy(const Timeline& timeline) {
  if (timeline.proxy.starts_with("socks")) return "SOCKS";
  const bool is_tls_only =
      timeline.proxy.starts_with("https:") && timeline.find(Phase::tls) == nullptr;
  return is_tls_only ? "TLS" : "CONNECT";
}

void describe_phase(Row& row, Phase phase, const Timeline& timeline, const Scale& scale) {
  if (phase == Phase::dns) row.words = list_addresses(timeline);
  if (phase == Phase::request && timeline.request_body_bytes > 0) {
    row.words = row.brief_words = format_size(timeline.request_body_bytes) + " sent";
  }
  if (phase == Phase::request && timeline.continue_wait) {
    const std::string waited = "waited " + scale.text(timeline.continue_wait->length());
    if (!row.words.empty()) row.words += ", ";
    row.words += waited + " for 100 Continue";
    if (row.brief_words.empty()) row.brief_words = waited;
  }
  if (phase == Phase::proxy) {
    row.brief_words = words_of_proxy(timeline);
    row.words = row.brief_words + " to " + timeline.proxy;
  }
  if (phase == Phase::response) {
    row.words = list_interims(timeline, scale);
    row.brief_words = row.words.substr(0, row.words.find(','));
    if (timeline.interim_count > 1) row.brief_words += " ...";
    for (std::size_t i = 0; i < timeline.interim_count; ++i) {
      row.marks.push_back(scale.round(timeline.interims[i].at));
    }
  }
  const bool has_failed = row.outcome == Outcome::error || row.outcome == Outcome::timeout;
  if (has_failed && timeline.error) {
    const std::string done = std::exchange(row.words, {});
    describe_failure(row, phase, *timeline.error);
    if (phase == Phase::request && !done.empty()) row.words += ", " + done;
  }
  if (row.outcome == Outcome::abandoned) row.words = row.brief_words = "given up";
}

Row make_row(const Slice& slice, const AttemptReport& attempt, const Breakdown& breakdown) {
  const Timeline& timeline = attempt.timeline;
  const PhaseLook look = look_of(slice.phase);
  Row row;
  row.phase = slice.phase;
  row.label = look.label;
  row.role = look.role;
  row.begin = slice.begin;
  row.length = slice.length();
  row.outcome = slice.outcome;
  row.is_fault = slice.outcome == Outcome::error || slice.outcome == Outcome::timeout;
  if (slice.phase != Phase::dial) {
    describe_phase(row, slice.phase, timeline, breakdown.scale);
    return row;
  }
  const Address& address = timeline.dials[slice.dial].address;
  const bool is_alone = timeline.dial_count == 1;
  row.label = dial_label(address, is_alone);
  // One address that answered is in the headline already.
  if (is_alone && slice.outcome == Outcome::ok) return row;
  row.subject = address.host();
  describe_dial(row, timeline, slice.dial);
  return row;
}

bool is_shown(const Slice& slice) {
  const bool is_waiting = slice.phase == Phase::queue || slice.phase == Phase::dns_wait;
  return !is_waiting || slice.length() > 0;
}

/// Where the error's phase ended well by itself (the bytes that came are no HTTP, say), the failure
/// is still its own.
void mark_failing_phase(std::vector<Row>& rows, const Timeline& timeline) {
  if (!timeline.error || timeline.error->code == Error::Code::cancelled) return;
  // A dial may have failed without being the reason: another one won.
  const bool is_marked = std::any_of(rows.begin(), rows.end(), [](const Row& row) {
    return row.is_fault && row.phase != Phase::dial;
  });
  if (is_marked || timeline.error->phase == Phase::dial) return;
  for (Row& row : rows) {
    if (row.phase != timeline.error->phase || row.is_scattered) continue;
    row.is_fault = true;
    row.outcome = is_timeout(timeline.error->code) ? Outcome::timeout : Outcome::error;
    describe_failure(row, timeline.error->phase, *timeline.error);
  }
}

/// A connect that failed before any address was dialled has no row that could be marked. Its time
/// is in other rows.
void add_failed_connect(std::vector<Row>& rows, const Timeline& timeline, const Scale& scale) {
  const bool has_failed = timeline.error && timeline.error->phase == Phase::connect;
  const Span* span = timeline.find(Phase::connect);
  if (!has_failed || span == nullptr || timeline.dial_count > 0) return;
  Row row;
  row.phase = Phase::connect;
  row.label = "connect";
  row.begin = scale.round(span->begin);
  row.outcome = span->outcome;
  row.is_fault = true;
  row.words = row.brief_words = words_of(timeline.error->code);
  rows.push_back(row);
}

}  // namespace

std::vector<Row> make_rows(const AttemptReport& attempt, const Breakdown& breakdown,
                           const Style& style) {
  std::vector<Row> rows;
  for (const Slice& slice : breakdown.slices) {
    if (is_shown(slice)) rows.push_back(make_row(slice, attempt, breakdown));
  }
  mark_failing_phase(rows, attempt.timeline);
  add_failed_connect(rows, attempt.timeline, breakdown.scale);
  if (breakdown.other > 0) {
    Row row;
    row.label = "other";
    row.is_scattered = true;
    row.length = breakdown.other;
    rows.push_back(row);
  }
  for (Row& row : rows) {
    row.subject = escape_for_terminal(row.subject, style);
    row.words = escape_for_terminal(row.words, style);
    row.brief_words = escape_for_terminal(row.brief_words, style);
  }
  return rows;
}

}  // namespace xtrace::cli
