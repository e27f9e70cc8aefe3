#pragma once

/// What fuzz targets share. `require` ends the process, in every build, when a promise does not
/// hold.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace xtrace::testing {

inline void require(bool claim) {
  if (!claim) std::abort();
}

inline std::string_view as_text(const std::uint8_t* data, std::size_t size) {
  const void* bytes = data;
  return {static_cast<const char*>(bytes), size};
}

}  // namespace xtrace::testing
