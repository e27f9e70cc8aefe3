#pragma once

/// A hash of ids that nobody outside can foresee, so that who sends documents does not choose which
/// of them meet in one bucket.

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace xtrace::collect {

/// Of the text of an id; another one in each process.
std::size_t hash_id(std::string_view text);

}  // namespace xtrace::collect
