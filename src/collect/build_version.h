#pragma once

/// The version that this was built as: `0.1.0`.

#include <string_view>

namespace xtrace::collect {

extern const std::string_view kBuildVersion;

}  // namespace xtrace::collect
