#pragma once

/// Durations and sizes as people read them.

#include <cstdint>
#include <string>
#include <string_view>

#include <xtrace/clock.h>

#include "cli/report.h"

namespace xtrace::cli {

/// A duration counted in the last digit that is printed, so that what is printed can be added up
/// exactly.
using Quanta = std::int64_t;

/// The unit and precision that all durations of one picture share.
struct Scale {
  Duration quantum{1};    ///< What one step of the last printed digit is worth.
  int decimals = 0;       ///< Digits after the point.
  std::string_view unit;  ///< `us`, `ms`, `s`

  /// To the nearest step.
  Quanta round(Duration duration) const;
  /// Without the unit: `142.6`.
  std::string number(Quanta quanta) const;
  /// With the unit: `142.6ms`.
  std::string text(Quanta quanta) const { return number(quanta).append(unit); }
  std::string text(Duration duration) const { return text(round(duration)); }
};

/// Microseconds below 1 ms, milliseconds below 10 s, then seconds, or the unit that is asked for;
/// at least three digits of `total` are printed.
Scale make_scale(Duration total, Style::Unit unit);

/// A round duration without idle zeros: `250ms`, `1.5s`, `2m`, `1m30s`; at most three decimals.
std::string format_brief(Duration duration, Style::Unit unit = Style::Unit::automatic);

/// A measured time in a sentence: rounded to what a reader wants to know, `254ms`, `1.5s`, `2.3ms`.
std::string format_measured(Duration duration);

/// `1 byte`, `214 bytes`, `1.9 kB`, `40.0 MB`.
std::string format_size(std::uint64_t bytes);

/// ISO 8601 in UTC, whole seconds: `2027-01-01T00:00:00Z`.
std::string format_utc(WallTime wall);

}  // namespace xtrace::cli
