#pragma once

/// `TraceHeader` is the value of `X-Amzn-Trace-Id`: which trace a request belongs to, who asked,
/// and whether it is recorded.
///
/// Reading is lenient, writing is strict: whatever a peer sends, what we pass on has no spaces, no
/// empty elements and no trailing semicolon, for one of those makes other SDKs discard the whole
/// header.

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

  bool is_empty() const;

  /// `Root=...;Parent=...;Sampled=1;Key=value`: what is absent is left out, and so is a field that
  /// would break the header (an empty value, a space, semicolon or control character inside). An
  /// empty header prints as an empty string.
  std::string to_string() const;

  friend bool operator==(const TraceHeader&, const TraceHeader&) = default;
};

/// Never fails: elements that make no sense are skipped. Keys compare without case, the last of
/// equal keys wins, the value is everything after the first `=`, `Self` is dropped (it is meant for
/// the receiver alone).
TraceHeader parse_trace_header(std::string_view text);

}  // namespace xtrace
