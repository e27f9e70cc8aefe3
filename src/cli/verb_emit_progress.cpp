#include "cli/verb_emit_progress.h"

#include <string>

#include "cli/terminal.h"

namespace xtrace::cli {

namespace {

constexpr Duration kBeforeProgress = std::chrono::milliseconds(500);
constexpr Duration kInterval = std::chrono::milliseconds(200);

/// `1,234,567`
std::string group_digits(std::uint64_t number) {
  std::string text = std::to_string(number);
  for (std::size_t at = text.size(); at > 3; at -= 3) text.insert(at - 3, ",");
  return text;
}

}  // namespace

EmitProgress::EmitProgress(const Process& process, bool is_silent)
    : process_(process),
      is_wanted_(!is_silent && inspect_terminal(process.err).is_terminal),
      begin_(now().tick),
      next_(begin_ + kBeforeProgress) {}

void EmitProgress::show(const EmitCounts& counts) {
  if (!is_wanted_) return;
  const Tick tick = now().tick;
  if (tick < next_) return;
  next_ = tick + kInterval;
  const double seconds = std::chrono::duration<double>(tick - begin_).count();
  const auto rate = static_cast<std::uint64_t>(static_cast<double>(counts.documents) / seconds);
  std::string line = "\r\x1b[K" + group_digits(counts.documents) + " documents, ";
  line += group_digits(rate) + "/s";
  if (counts.refused > 0) line += ", " + group_digits(counts.refused) + " refused";
  is_shown_ = true;
  static_cast<void>(write_all(process_.err, line));
}

void EmitProgress::erase() {
  if (!is_shown_) return;
  is_shown_ = false;
  static_cast<void>(write_all(process_.err, "\r\x1b[K"));
}

}  // namespace xtrace::cli
