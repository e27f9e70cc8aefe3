#pragma once

/// Facts about segment documents, read back from them.

#include <cstddef>
#include <span>
#include <string>

namespace xtrace::cli {

/// How many subsegments the documents of one segment hold, those that left as documents of their
/// own included.
std::size_t count_subsegments(std::span<const std::string> documents);

}  // namespace xtrace::cli
