#include "base/assert.h"

#include <cstdio>
#include <cstdlib>

namespace xtrace {

void assertion_failed(const char* claim, const char* file, int line) {
  std::fprintf(stderr, "xtrace: %s:%d: this must hold and does not: %s\n", file, line, claim);
  std::abort();
}

}  // namespace xtrace
