#include <xtrace/document_set.h>

namespace xtrace {

DocumentCounts& DocumentCounts::operator+=(const DocumentCounts& more) {
  split += more.split;
  truncated += more.truncated;
  refused += more.refused;
  corrected += more.corrected;
  return *this;
}

}  // namespace xtrace
