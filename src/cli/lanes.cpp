#include "cli/lanes.h"

#include <algorithm>
#include <array>
#include <utility>

#include "cli/bar.h"
#include "cli/lane_bar.h"
#include "cli/lane_words.h"
#include "cli/paint.h"
#include "cli/plan_view.h"
#include "cli/text.h"

namespace xtrace::cli {

namespace {

/// Below it, what became of an attempt stands under its bar.
constexpr std::size_t kNarrowLanes = 72;
constexpr std::size_t kMostLaneCells = 72;

struct Lane {
  std::string label;
  std::string wave;  ///< Empty for a wait.
  Duration begin{};
  LaneBar bar;
  std::vector<std::string> words;  ///< From many to few.
  Role role = Role::plain;         ///< Of the words.
};

Role role_of(const AttemptView& attempt, LaneEnd end) {
  if (end == LaneEnd::cancelled) return Role::dim;
  if (attempt.error() != nullptr) return Role::fault;
  return role_of_status(attempt.status());
}

class Lanes {
 public:
  Lanes(const Report& report, const Style& style)
      : report_(report),
        style_(style),
        attempts_(view_attempts(report)),
        whole_(report.total()),
        scale_(make_scale(whole_, style.unit)),
        bars_{std::max<Quanta>(scale_.round(whole_), 1), 1} {}

  std::string draw() {
    if (attempts_.empty()) return {};
    collect();
    lay_out();
    std::string text;
    for (const Lane& lane : lanes_) text += draw_lane(lane);
    text += draw_axis(bars_begin_, bars_, scale_.quantum * bars_.total, style_);
    return text + draw_key();
  }

 private:
  void collect() {
    Duration wave_begin{};
    int wave = -1;
    for (const AttemptView& attempt : attempts_) {
      if (std::exchange(wave, attempt.wave) != attempt.wave) wave_begin = attempt.begin;
      add_waits_before(attempt.wave);
      lanes_.push_back(lane_of(attempt, attempt.begin - wave_begin));
    }
    add_waits_before(wave + 1);
  }

  Lane lane_of(const AttemptView& attempt, Duration later) const {
    const LaneEnd end = end_of(attempt, report_);
    Lane lane;
    lane.label = (is_narrow() ? "" : "attempt ") + std::to_string(attempt.index);
    lane.wave = "wave " + std::to_string(attempt.wave);
    lane.begin = attempt.begin;
    lane.bar = bar_of(attempt, end, report_, scale_);
    lane.words = lane_words(attempt, report_, later, scale_);
    lane.role = role_of(attempt, end);
    return lane;
  }

  /// Those that were over before `wave` began.
  void add_waits_before(int wave) {
    const std::vector<WaitRecord>& waits = report_.plan->waits;
    for (; next_wait_ < waits.size() && waits[next_wait_].wave < wave; ++next_wait_) {
      const WaitRecord& wait = waits[next_wait_];
      if (scale_.round(wait.end - wait.begin) == 0) continue;
      Lane lane;
      lane.label = "backoff";
      lane.begin = wait.begin;
      lane.bar = bar_of(wait, scale_);
      lane.words = wait_words(wait, scale_);
      lane.role = Role::dim;
      lanes_.push_back(std::move(lane));
    }
  }

  bool is_narrow() const { return width() < kNarrowLanes; }
  std::size_t width() const { return static_cast<std::size_t>(std::max(style_.width, 40)); }

  void lay_out() {
    for (const Lane& lane : lanes_) {
      label_ = std::max(label_, lane.label.size());
      wave_ = std::max(wave_, lane.wave.size());
      offset_ = std::max(offset_, scale_.number(scale_.round(lane.begin)).size());
    }
    if (is_narrow()) {
      // Labels of waits reach into the column of the waves.
      label_ = std::to_string(attempts_.back().index).size();
      wave_ = std::max<std::size_t>(wave_, 7 - std::min<std::size_t>(label_ + 1, 7));
      bars_begin_ = 2 + label_ + 1 + wave_ + 2;
      words_ = width() - 4;
      bars_.cells = std::min(width() - bars_begin_ - 4, kMostLaneCells);
      return;
    }
    bars_begin_ = 2 + label_ + 2 + wave_ + 2 + offset_ + 2;
    const std::size_t spare = width() - std::min(bars_begin_ + 2, width());
    const std::size_t fewest = width() < 100 ? 25 : 30;
    words_ = longest_words(spare - std::min(fewest, spare));
    bars_.cells = std::clamp<std::size_t>(spare - words_, 4, kMostLaneCells);
  }

  std::size_t longest_words(std::size_t room) const {
    std::size_t longest = 0;
    for (const Lane& lane : lanes_) {
      longest = std::max(longest, display_width(words_for(lane, room)));
    }
    return longest;
  }

  std::string words_for(const Lane& lane, std::size_t room) const {
    for (const std::string& words : lane.words) {
      if (display_width(words) <= room) return words;
    }
    return cut_to_width(lane.words.back(), room, style_);
  }

  std::string draw_lane(const Lane& lane) const {
    Line line(style_);
    line.skip(2).add(lane.label, lane.wave.empty() ? Role::dim : Role::plain);
    line.skip_to(2 + label_ + (is_narrow() ? 1 : 2)).add(lane.wave, Role::dim);
    if (!is_narrow()) {
      line.skip_to(2 + label_ + 2 + wave_ + 2);
      line.add_right(scale_.number(scale_.round(lane.begin)), offset_, Role::dim);
    }
    line.skip_to(bars_begin_);
    draw_lane_bar(line, lane.bar, bars_, style_);
    const std::string words = words_for(lane, words_);
    if (is_narrow()) return line.finish() + Line(style_).skip(4).add(words, lane.role).finish();
    line.skip_to(bars_begin_ + bars_.cells + 2).add(words, lane.role);
    return line.finish();
  }

  std::string draw_key() const {
    Flow flow(style_, 2);
    std::string indent = "  ";
    for (const LaneSign sign : kLaneSigns) {
      const bool is_used = std::ranges::any_of(
          lanes_, [this, sign](const Lane& lane) { return shows(lane.bar, sign, bars_); });
      if (!is_used) continue;
      const std::string glyph(glyph_of(sign, style_));
      flow.piece(std::exchange(indent, "") + glyph + " " + std::string(meaning_of(sign)), Role::dim,
                 3);
    }
    return flow.finish();
  }

  const Report& report_;
  const Style& style_;
  std::vector<AttemptView> attempts_;
  Duration whole_;
  Scale scale_;
  BarScale bars_;
  std::vector<Lane> lanes_{};
  std::size_t next_wait_ = 0;
  std::size_t label_ = 0;
  std::size_t wave_ = 0;
  std::size_t offset_ = 3;
  std::size_t bars_begin_ = 0;
  std::size_t words_ = 0;
};

}  // namespace

std::string draw_lanes(const Report& report, const Style& style) {
  return Lanes(report, style).draw();
}

}  // namespace xtrace::cli
