#pragma once

/// Small files that tell where we are.

#include <string>

#include <xtrace/expected.h>

namespace xtrace {

/// The whole of a file of at most 64 KiB; empty where there is none. Fails with `invalid_config`,
/// naming the file and the reason, on a larger one, on what is no regular file, and on one that may
/// not be read.
Expected<std::string> read_small_file(const std::string& path);

}  // namespace xtrace
