#include "cli/report.h"

namespace xtrace::cli {

std::string render_xray(const Report& report) {
  std::string lines;
  for (const std::string& document : report.documents) lines.append(document).append("\n");
  return lines;
}

}  // namespace xtrace::cli
