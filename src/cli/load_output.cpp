#include "cli/load_output.h"

#include <cerrno>

#include "base/system_reason.h"

namespace xtrace::cli {

void LoadOutput::add(std::string_view text) {
  if (is_over()) return;
  kept_ += text;
  if (kept_.size() >= kPiece) flush();
}

void LoadOutput::flush() {
  if (kept_.empty() || is_over()) return;
  result_ = write_all(descriptor_, kept_);
  if (result_ == WriteResult::failed) failure_ = system_reason(errno);
  kept_.clear();
}

}  // namespace xtrace::cli
