#pragma once

/// The bar of a lane: where an attempt was connecting, waiting and receiving, and how it ended.

#include <array>
#include <string_view>
#include <vector>

#include "cli/bar.h"
#include "cli/lane_words.h"
#include "cli/paint.h"
#include "cli/plan_view.h"
#include "cli/units.h"

namespace xtrace::cli {

/// What a cell of a lane can say.
enum class LaneSign : std::uint8_t {
  pause,       ///< Between two waves.
  queued,      ///< In the pool's queue.
  connecting,  ///< dns, tcp, a proxy, tls.
  waiting,     ///< Sending the request and waiting for the first byte.
  receiving,   ///< The body.
  led_on,      ///< Another request of the same attempt begins.
  failed,
  cancelled,
  answered
};
inline constexpr std::array<LaneSign, 9> kLaneSigns = {
    LaneSign::pause,   LaneSign::queued,    LaneSign::connecting,
    LaneSign::waiting, LaneSign::receiving, LaneSign::led_on,
    LaneSign::failed,  LaneSign::cancelled, LaneSign::answered};

std::string_view glyph_of(LaneSign sign, const Style& style);
/// In a word or two, for the key to the picture.
std::string_view meaning_of(LaneSign sign);

struct LaneBar {
  /// Later parts are drawn over earlier ones.
  struct Part {
    LaneSign sign = LaneSign::waiting;
    Role role = Role::plain;
    Quanta begin = 0;
    Quanta end = 0;
  };

  std::vector<Part> parts{};  ///< The first is the whole bar.
};

LaneBar bar_of(const AttemptView& attempt, LaneEnd end, const Report& report, const Scale& scale);
LaneBar bar_of(const WaitRecord& wait, const Scale& scale);

/// However short the attempt, one cell is drawn: that of its end.
void draw_lane_bar(Line& line, const LaneBar& bar, const BarScale& scale, const Style& style);

/// Whether a cell of the drawn bar has `sign`.
bool shows(const LaneBar& bar, LaneSign sign, const BarScale& scale);

}  // namespace xtrace::cli
