#pragma once

/// A `Timeline` in the steps of a `Scale`: what the picture, the columns and the compact line
/// print, such that it adds up.

#include <array>
#include <cstddef>
#include <vector>

#include <xtrace/timeline.h>

#include "cli/units.h"

namespace xtrace::cli {

/// A leaf phase, or one dial.
struct Slice {
  Phase phase = Phase::none;
  std::size_t dial = 0;  ///< Which of the timeline's dials, where `phase` is `Phase::dial`.
  Quanta begin = 0;
  Quanta end = 0;
  Outcome outcome = Outcome::ok;

  Quanta length() const { return end - begin; }
};

/// Rounded so that nothing has to be explained away: a phase ends exactly where the next one begins
/// if they touch, and the lengths of the slices and `other` add up to `total` (each moment counted
/// once where slices overlap).
struct Breakdown {
  Scale scale;
  std::vector<Slice> slices;  ///< In the order of the phases; dials in the order they started.
  Quanta total = 0;
  Quanta other = 0;       ///< What no slice covers.
  bool is_local = false;  ///< The dials went to a Unix socket.
};

Breakdown break_down(const Timeline& timeline, const Scale& scale);

/// How much each of `slices` covers that none before it does, in their order: no moment counts
/// twice.
std::vector<Quanta> claims(const std::vector<Slice>& slices);

/// The widely known names of the parts; `dns` holds the wait for a thread, `other` the queue.
enum class Part : unsigned char { dns, tcp, proxy, tls, request, wait, body, other };
inline constexpr std::size_t kPartCount = 8;

struct PartLength {
  bool happened = false;
  Quanta length = 0;
};

/// Every part of the total, each moment counted once: the lengths add up to `breakdown.total`.
std::array<PartLength, kPartCount> sum_parts(const Breakdown& breakdown);

}  // namespace xtrace::cli
