#include "cli/lane_bar.h"

#include <algorithm>
#include <string>

namespace xtrace::cli {

namespace {

struct Look {
  std::string_view plain;
  std::string_view utf8;
  std::string_view meaning;
};

// In the order of LaneSign.
constexpr std::array<Look, kLaneSigns.size()> kLooks = {{
    {".", "\u00b7", "pause"},
    {"~", "~", "queued"},
    {":", "\u2591", "connecting"},
    {"=", "\u2592", "waiting"},
    {"#", "\u2588", "receiving"},
    {"|", "\u2502", "next request"},
    {"X", "X", "failed"},
    {"-", "-", "cancelled"},
    {">", ">", "answered"},
}};

const Look& look_of(LaneSign sign) {
  return kLooks[static_cast<std::size_t>(sign)];
}

struct Cell {
  LaneSign sign = LaneSign::pause;
  Role role = Role::plain;
};

/// The cells of a bar, from cell `first` on.
struct Cells {
  std::size_t first = 0;
  std::vector<Cell> cells{};
};

/// A sign of one cell, at a moment.
bool is_mark(LaneSign sign) {
  return sign >= LaneSign::led_on;
}

Cells cells_of(const LaneBar& bar, const BarScale& scale) {
  const LaneBar::Part& whole = bar.parts.front();
  const std::size_t last = scale.cells - 1;
  const std::size_t first = std::min(scale.border(whole.begin), last);
  const std::size_t end = std::max(first + 1, scale.border(whole.end));
  Cells drawn{first, std::vector<Cell>(end - first, {whole.sign, whole.role})};
  for (const LaneBar::Part& part : bar.parts) {
    std::size_t from = std::clamp(scale.border(part.begin), first, end);
    std::size_t to = std::clamp(scale.border(part.end), from, end);
    // An end stands inside the bar, in its last cell.
    if (is_mark(part.sign)) {
      from = part.sign == LaneSign::led_on ? std::min(from, end - 1) : end - 1;
      to = from + 1;
    }
    for (std::size_t cell = from; cell < to; ++cell) {
      drawn.cells[cell - first] = {part.sign, part.role};
    }
  }
  return drawn;
}

/// Adds the parts of one request: all of it waiting at first, then what is known better over it.
class PartWriter {
 public:
  PartWriter(LaneBar& bar, const Timeline& timeline, Duration begin, const Scale& scale)
      : bar_(bar), timeline_(timeline), begin_(begin), scale_(scale) {}

  void write() {
    const bool is_sent = timeline_.find(Phase::request) != nullptr;
    const LaneSign most = is_sent ? LaneSign::waiting : LaneSign::connecting;
    add(most, is_sent ? Role::wait : Role::tcp, {Duration{}, timeline_.total, Outcome::ok});
    add_phase(Phase::queue, LaneSign::queued, Role::plain);
    add_phase(Phase::connect, LaneSign::connecting, Role::tcp);
    add_phase(Phase::dns, LaneSign::connecting, Role::dns);
    add_phase(Phase::tls, LaneSign::connecting, Role::tls);
    add_phase(Phase::body, LaneSign::receiving, Role::body);
  }

 private:
  void add(LaneSign sign, Role role, const Span& span) {
    bar_.parts.push_back(
        {sign, role, scale_.round(begin_ + span.begin), scale_.round(begin_ + span.end)});
  }

  void add_phase(Phase phase, LaneSign sign, Role role) {
    if (const Span* span = timeline_.find(phase)) add(sign, role, *span);
  }

  LaneBar& bar_;
  const Timeline& timeline_;
  Duration begin_;
  const Scale& scale_;
};

LaneBar::Part end_part(LaneEnd end, int status) {
  switch (end) {
    case LaneEnd::answered:
      return {LaneSign::answered, role_of_status(status)};
    case LaneEnd::cancelled:
      return {LaneSign::cancelled, Role::dim};
    default:
      return {LaneSign::failed, status == 0 ? Role::fault : role_of_status(status)};
  }
}

}  // namespace

std::string_view glyph_of(LaneSign sign, const Style& style) {
  return style.utf8 ? look_of(sign).utf8 : look_of(sign).plain;
}

std::string_view meaning_of(LaneSign sign) {
  return look_of(sign).meaning;
}

LaneBar bar_of(const AttemptView& attempt, LaneEnd end, const Report& report, const Scale& scale) {
  LaneBar bar;
  bar.parts.push_back(
      {LaneSign::waiting, Role::wait, scale.round(attempt.begin), scale.round(attempt.end)});
  for (const AttemptReport* request : attempt.requests) {
    const Duration begin = begin_of(report, *request);
    PartWriter(bar, request->timeline, begin, scale).write();
    if (request == attempt.requests.front()) continue;
    bar.parts.push_back({LaneSign::led_on, Role::strong, scale.round(begin), scale.round(begin)});
  }
  bar.parts.push_back(end_part(end, attempt.error() == nullptr ? attempt.status() : 0));
  return bar;
}

LaneBar bar_of(const WaitRecord& wait, const Scale& scale) {
  return {{{LaneSign::pause, Role::dim, scale.round(wait.begin), scale.round(wait.end)}}};
}

void draw_lane_bar(Line& line, const LaneBar& bar, const BarScale& scale, const Style& style) {
  const Cells drawn = cells_of(bar, scale);
  line.skip(drawn.first);
  for (std::size_t i = 0; i < drawn.cells.size();) {
    const Role role = drawn.cells[i].role;
    std::string text;
    for (; i < drawn.cells.size() && drawn.cells[i].role == role; ++i) {
      text += glyph_of(drawn.cells[i].sign, style);
    }
    line.add(text, role);
  }
}

bool shows(const LaneBar& bar, LaneSign sign, const BarScale& scale) {
  return std::ranges::any_of(cells_of(bar, scale).cells,
                             [sign](const Cell& cell) { return cell.sign == sign; });
}

}  // namespace xtrace::cli
