#include "cli/hints.h"

#include <algorithm>
#include <chrono>
#include <vector>

#include <xtrace/server_says.h>

#include "cli/paint.h"
#include "cli/text.h"

namespace xtrace::cli {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr Duration kSlowWait = milliseconds(500);
constexpr Duration kSlowLookup = milliseconds(100);
constexpr Duration kSlowThread = milliseconds(10);
constexpr Duration kLoopDelayShown = milliseconds(1);
constexpr int kExpirySoonDays = 14;

class Remarks {
 public:
  Remarks(const AttemptReport& attempt, const Scale& scale, const Style& style)
      : attempt_(attempt), timeline_(attempt.timeline), scale_(scale), style_(style) {}

  std::string write() {
    quote_server();
    explain_overlap();
    explain_continue_wait();
    explain_loop_delay();
    explain_left_dial();
    explain_unrecorded_dials();
    suspect_silent_family();
    suspect_lost_packet();
    suspect_resolver();
    suspect_server();
    pass_on_retry_after();
    warn_of_expiry();
    return std::move(text_);
  }

 private:
  void say(std::string_view kind, std::string_view sentence) {
    text_ += draw_remark(kind, sentence, style_);
  }

  /// `server says  db 96.0ms  app 31.0ms   unexplained 15.6ms (network, queue)`
  void quote_server() {
    if (!attempt_.response) return;
    const std::vector<ServerTiming> timings = server_timings(attempt_.response->headers);
    if (timings.empty()) return;
    Flow flow(style_, 15);
    flow.piece("  server says", Role::strong, 0);
    for (const ServerTiming& timing : timings) {
      std::string text = timing.name;
      if (timing.duration) text += " " + scale_.text(*timing.duration);
      flow.piece(escape_for_terminal(text, style_));
    }
    if (const auto rest = unexplained(timings)) {
      flow.piece("unexplained " + scale_.text(*rest) + " (network, queue)", Role::dim, 3);
    }
    text_ += flow.finish();
  }

  /// What of the wait no metric accounts for; nothing where they claim more than there was.
  std::optional<Duration> unexplained(const std::vector<ServerTiming>& timings) const {
    const Span* wait = timeline_.find(Phase::response);
    if (wait == nullptr) return std::nullopt;
    Duration claimed{};
    for (const ServerTiming& timing : timings) {
      if (!timing.duration) continue;
      // By custom `total` is the sum of the others.
      if (equals_ignoring_case(timing.name, "total")) {
        claimed = *timing.duration;
        break;
      }
      claimed += *timing.duration;
    }
    if (claimed <= Duration{} || claimed > wait->length()) return std::nullopt;
    return wait->length() - claimed;
  }

  void pass_on_retry_after() {
    if (!attempt_.response) return;
    const auto ended = std::chrono::duration_cast<WallTime::duration>(timeline_.total);
    const auto wait = retry_after(attempt_.response->headers, timeline_.started.wall + ended);
    if (!wait) return;
    say("hint", *wait > Duration{}
                    ? "the server asks to come back in " + format_brief(*wait) + " (Retry-After)"
                    : "the server asks to come back at once (Retry-After)");
  }

  void explain_overlap() {
    if (!timeline_.early_response) return;
    const Span* request = timeline_.find(Phase::request);
    const Span* body = timeline_.find(Phase::body);
    std::string sentence = "the server answered before the upload ended";
    if (request != nullptr && body != nullptr && request->end > body->begin) {
      const Duration overlap = std::min(request->end, body->end) - body->begin;
      sentence += ": request and body overlap for " + scale_.text(overlap);
    }
    say("note", sentence);
  }

  void explain_continue_wait() {
    const auto* end = timeline_.interims.begin() + timeline_.interim_count;
    const bool was_told = std::any_of(timeline_.interims.begin(), end,
                                      [](const Interim& interim) { return interim.status == 100; });
    if (!timeline_.continue_wait || was_told || timeline_.request_body_bytes == 0) return;
    say("note", "the server did not say 100 Continue: the body was sent after " +
                    scale_.text(timeline_.continue_wait->length()) + " all the same");
  }

  void explain_loop_delay() {
    // A handshake's own arithmetic keeps the next bytes of that handshake waiting: that is what the
    // phase is, no distortion.
    const Span* tls = timeline_.find(Phase::tls);
    const Duration own_work = tls != nullptr ? tls->length() : Duration::zero();
    if (timeline_.loop_delay <= std::max(kLoopDelayShown, own_work)) return;
    say("note", "the loop was up to " + scale_.text(timeline_.loop_delay) +
                    " late: any phase may hold that much of this process's own work");
  }

  void explain_left_dial() {
    if (!timeline_.left_dial) return;
    say("note",
        "another connection became free before the one being made, which is kept for later");
  }

  void explain_unrecorded_dials() {
    if (timeline_.dials_unrecorded == 0) return;
    say("note", std::to_string(timeline_.dials_unrecorded) + " more addresses were dialled");
  }

  /// An address family whose first dial was still silent when the other one won.
  void suspect_silent_family() {
    for (std::size_t i = 0; i < timeline_.dial_count; ++i) {
      const Dial& winner = timeline_.dials[i];
      if (winner.span.outcome != Outcome::ok) continue;
      const Dial& rival = timeline_.dials[0];
      const bool was_silent =
          rival.span.outcome == Outcome::abandoned || rival.span.outcome == Outcome::timeout;
      if (i == 0 || !was_silent || rival.address.family() == winner.address.family()) return;
      const bool is_ipv6 = rival.address.family() == Address::Family::ipv6;
      say("hint", std::string(is_ipv6 ? "IPv6" : "IPv4") + " to this host is silent and cost " +
                      format_measured(winner.span.begin - rival.span.begin) + "; try " +
                      (is_ipv6 ? "-4" : "-6") + " to confirm");
      return;
    }
  }

  /// Linux sends a SYN again after 1 s, then 2 s and 4 s later.
  void suspect_lost_packet() {
    for (std::size_t i = 0; i < timeline_.dial_count; ++i) {
      const Span& span = timeline_.dials[i].span;
      if (span.outcome != Outcome::ok) continue;
      for (const int retransmission : {1, 3, 7}) {
        const Duration late = span.length() - seconds(retransmission);
        if (late < Duration{} || late > milliseconds(400)) continue;
        say("hint", "the connection took " + scale_.text(span.length()) +
                        ": the first packet was probably lost, it is sent again after " +
                        (retransmission == 1 ? "1s" : "1s, 2s, 4s"));
      }
    }
  }

  void suspect_resolver() {
    const Span* wait = timeline_.find(Phase::dns_wait);
    if (wait != nullptr && wait->length() >= kSlowThread) {
      say("hint", "the lookup waited " + scale_.text(wait->length()) +
                      " for a thread: this process or this machine is busy");
    }
    const Span* dns = timeline_.find(Phase::dns);
    if (dns == nullptr || dns->length() < kSlowLookup || dns->length() * 3 < timeline_.total)
      return;
    say("hint", (timeline_.dns ? "looking up " + timeline_.dns->host : "the lookup") + " took " +
                    scale_.text(dns->length()) + ": the name server is slow, not the server");
  }

  void suspect_server() {
    const Span* wait = timeline_.find(Phase::response);
    if (wait == nullptr || wait->length() < kSlowWait || wait->length() * 2 < timeline_.total)
      return;
    if (wait->outcome == Outcome::abandoned || wait->outcome == Outcome::error) return;
    say("hint", (timeline_.reused ? "sent in " : "connected and sent in ") +
                    scale_.text(wait->begin) +
                    ": the server (or what is behind it) is slow, not the network");
  }

  void warn_of_expiry() {
    if (!timeline_.tls || timeline_.tls->peer_not_after == WallTime{}) return;
    const auto left = timeline_.tls->peer_not_after - timeline_.started.wall;
    if (left < WallTime::duration{} || left >= std::chrono::days(kExpirySoonDays)) return;
    const auto days = std::chrono::floor<std::chrono::days>(left).count();
    const std::string when = days == 0   ? "in less than a day"
                             : days == 1 ? "in 1 day"
                                         : "in " + std::to_string(days) + " days";
    say("hint", "the certificate of " + timeline_.tls->peer_subject + " expires " + when + ", at " +
                    format_utc(timeline_.tls->peer_not_after));
  }

  const AttemptReport& attempt_;
  const Timeline& timeline_;
  const Scale& scale_;
  const Style& style_;
  std::string text_;
};

}  // namespace

std::string draw_hints(const AttemptReport& attempt, const Scale& scale, const Style& style) {
  return Remarks(attempt, scale, style).write();
}

}  // namespace xtrace::cli
