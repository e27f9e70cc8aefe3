#pragma once

/// `TraceId` names a whole trace, `SegmentId` one segment or subsegment of it.
///
/// Both are values that hold their text in place: making, copying, comparing and printing them
/// allocates nothing (`text()`; only `to_string()` makes a string). A default-constructed id is all
/// zeros, X-Ray's mark of a trace that is not recorded: `is_noop()`.

#include <array>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include <xtrace/clock.h>
#include <xtrace/expected.h>

namespace xtrace {

/// `1-58406520-a006649127e371903a2de979`: version 1, 8 hex digits of epoch seconds, 24 random ones,
/// in lower case.
class TraceId {
 public:
  static constexpr std::size_t kLength = 35;

  TraceId();

  /// A new id of the given second. From any thread.
  static TraceId generate(WallTime now);

  /// The form above, or W3C's 32 hex digits, in either case; spaces and tabs around it are ignored.
  /// Fails with `invalid_document` on anything else: another version, a digit too many, a letter
  /// that is no hex digit.
  static Expected<TraceId> parse(std::string_view text);

  std::string_view text() const { return {text_.data(), text_.size()}; }
  std::string to_string() const { return std::string{text()}; }
  /// The second the trace began, as the id tells.
  std::uint32_t seconds() const;
  bool is_noop() const { return *this == TraceId{}; }

  friend auto operator<=>(const TraceId&, const TraceId&) = default;

 private:
  std::array<char, kLength> text_{};
};

/// 16 hex digits in lower case.
class SegmentId {
 public:
  static constexpr std::size_t kLength = 16;

  SegmentId() { text_.fill('0'); }

  /// A new id, never all zeros. From any thread.
  static SegmentId generate();

  /// Exactly 16 hex digits in either case; spaces and tabs around them are ignored. Fails with
  /// `invalid_document`.
  static Expected<SegmentId> parse(std::string_view text);

  std::string_view text() const { return {text_.data(), text_.size()}; }
  std::string to_string() const { return std::string{text()}; }
  bool is_noop() const { return *this == SegmentId{}; }

  friend auto operator<=>(const SegmentId&, const SegmentId&) = default;

 private:
  std::array<char, kLength> text_{};
};

}  // namespace xtrace
