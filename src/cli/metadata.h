#pragma once

/// The value of `--metadata`: a JSON object, taken apart into its members.

#include <string>
#include <string_view>
#include <vector>

#include <xtrace/expected.h>

namespace xtrace::cli {

struct MetadataEntry {
  std::string key;
  std::string json;  ///< One valid JSON value.
};

/// Fails with `invalid_config` on what is no JSON object, or one nested deeper than 64 levels.
Expected<std::vector<MetadataEntry>> parse_metadata(std::string_view text);

}  // namespace xtrace::cli
