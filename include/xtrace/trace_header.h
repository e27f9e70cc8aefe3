#pragma once

/// `TraceHeader` says which trace a request belongs to, who asked, and whether it is recorded. It
/// is read from and written as `X-Amzn-Trace-Id`, or W3C's `traceparent` and `tracestate`.
///
/// Reading is lenient, writing is strict: whatever a peer sends, what we pass on has no spaces, no
/// empty elements and no trailing semicolon, for one of those makes other SDKs discard the whole
/// header. `append_...` writes behind what the string holds and allocates nothing where it has
/// room.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <xtrace/trace_id.h>

namespace xtrace {

/// Whether the trace is recorded. `requested` is `Sampled=?`: the callee decides and answers.
enum class Sampled : std::uint8_t { unknown, no, yes, requested };

/// A field that is not ours but travels with the trace, `Lineage` for example.
struct TraceField {
  std::string key{};
  std::string value{};

  friend bool operator==(const TraceField&, const TraceField&) = default;
};

struct TraceHeader {
  /// How many bytes of keys and values `extra` may hold after parsing; a field that does not fit
  /// any more is left out.
  static constexpr std::size_t kMaxExtraBytes = 256;
  /// What every W3C participant passes on, and what we do.
  static constexpr std::size_t kMaxTracestateBytes = 512;

  std::optional<TraceId> root{};
  /// The root as received where it is no trace id: passed on as it is, never recorded. Empty where
  /// `root` is set.
  std::string root_text{};
  /// The caller's segment id as received; `SegmentId::parse` tells whether it is one. Empty where
  /// there is none.
  std::string parent{};
  Sampled sampled = Sampled::unknown;
  /// In the order received.
  std::vector<TraceField> extra{};
  /// The members of `tracestate` that belong to others, to be passed on.
  std::string tracestate{};

  bool is_empty() const;

  /// `Root=...;Parent=...;Sampled=1;Key=value`: what is absent is left out, and so is a field that
  /// would break the header (an empty value, a space, semicolon or control character inside). An
  /// empty header prints as an empty string.
  std::string to_string() const;
  void append_to(std::string& out) const;

  /// `00-<root>-<parent>-01`. The flag is 1 for `Sampled::yes` alone: W3C knows no undecided trace,
  /// so `requested` and `unknown` are written as not sampled, and a callee that must decide has to
  /// be told by `X-Amzn-Trace-Id`. Empty where `root` or `parent` is absent, no id, or all zeros.
  std::string to_traceparent() const;
  void append_traceparent_to(std::string& out) const;

  /// What goes beside a `traceparent`, in `tracestate`: `extra` as a member of ours,
  /// `xtrace=Lineage:1:a87bd80c:0;Key:value`, and the members of others behind it. An extra field
  /// for which that member has no room (256 bytes) is left out, and the whole member before one of
  /// another's would be. A `tracestate` that is malformed or too long is not written.
  std::string to_tracestate() const;
  void append_tracestate_to(std::string& out) const;

  friend bool operator==(const TraceHeader&, const TraceHeader&) = default;
};

/// The value of `X-Amzn-Trace-Id`. Never fails: elements that make no sense are skipped. Keys
/// compare without case, the last of equal keys wins, the value is everything after the first `=`,
/// `Self` is dropped (it is meant for the receiver alone).
TraceHeader parse_trace_header(std::string_view text);

/// The values of W3C's two headers; where a request has several `tracestate`, joined by commas.
/// Never fails: a `traceparent` that breaks the rules is an empty header, whatever `tracestate`
/// says. Version `ff`, ids of zeros and capital letters are broken, versions after `00` are read by
/// its beginning, and of the flags only the lowest bit counts. A malformed `tracestate` (a member
/// without a key or value, more than 32 of them) is dropped alone; of one past 512 bytes the
/// members over 128 bytes go first, then the last ones, as W3C advises.
TraceHeader parse_traceparent(std::string_view traceparent, std::string_view tracestate = {});

/// Continues from whichever a request has; absent ones are empty. `X-Amzn-Trace-Id` wins where it
/// has a trace id with a parent or a decision; then `tracestate` is passed on too if `traceparent`
/// names the same trace. A root alone is what a load balancer adds to a request without one: a
/// valid `traceparent` wins over it. Without that, what `X-Amzn-Trace-Id` says.
TraceHeader read_trace_headers(std::string_view x_amzn_trace_id, std::string_view traceparent,
                               std::string_view tracestate);

}  // namespace xtrace
