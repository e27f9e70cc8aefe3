#include "cli/load_progress.h"

#include <algorithm>

#include "cli/terminal.h"
#include "cli/units.h"

namespace xtrace::cli {

namespace {

/// How much of the run is done, by whichever of its two ends comes first.
double share_of(const LoadProgressFacts& facts) {
  double share = 0;
  if (facts.most && *facts.most > 0) {
    share = static_cast<double>(facts.done) / static_cast<double>(*facts.most);
  }
  if (facts.limit && facts.limit->count() > 0) {
    share = std::max(share, static_cast<double>(facts.passed.count()) /
                                static_cast<double>(facts.limit->count()));
  }
  return std::min(share, 1.0);
}

}  // namespace

std::string describe_progress(const LoadProgressFacts& facts, int width) {
  std::string line = "  " + std::to_string(facts.done);
  if (facts.most) line += "/" + std::to_string(*facts.most);
  if (facts.is_warming_up) return line + "  warming up";
  const double share = share_of(facts);
  line += "  " + std::to_string(static_cast<int>(share * 100)) + "%";
  const double seconds = std::chrono::duration<double>(facts.passed).count();
  if (seconds > 0) {
    const double rate = static_cast<double>(facts.done) / seconds;
    line += "  " + std::to_string(static_cast<std::uint64_t>(rate + 0.5)) + "/s";
  }
  if (facts.errors > 0) {
    line += "  " + std::to_string(facts.errors) + (facts.errors == 1 ? " error" : " errors");
  }
  if (share > 0.01) {
    const auto left = static_cast<double>(facts.passed.count()) * (1 - share) / share;
    line += "  " + format_measured(Duration(static_cast<Duration::rep>(left))) + " left";
  }
  const auto room = static_cast<std::size_t>(std::max(width - 1, 0));
  return line.size() > room ? line.substr(0, room) : line;
}

LoadProgress::LoadProgress(const Process& process, bool is_silent) : process_(process) {
  const TerminalFacts terminal = inspect_terminal(process.err);
  is_wanted_ = !is_silent && terminal.is_terminal;
  if (terminal.columns > 0) width_ = terminal.columns;
}

void LoadProgress::show(const LoadProgressFacts& facts) {
  if (!is_wanted_) return;
  is_shown_ = true;
  // Nothing depends on stderr being read.
  static_cast<void>(write_all(process_.err, "\r\x1b[K" + describe_progress(facts, width_)));
}

void LoadProgress::erase() {
  if (!is_shown_) return;
  is_shown_ = false;
  static_cast<void>(write_all(process_.err, "\r\x1b[K"));
}

}  // namespace xtrace::cli
