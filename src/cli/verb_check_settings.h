#pragma once

/// Where every setting comes from.

#include <vector>

#include <xtrace/expected.h>

#include "cli/configuration.h"
#include "cli/flags.h"
#include "cli/verb_check_report.h"

namespace xtrace::cli {

/// The settings that `check` itself has been given, the environment, the files, and what is built
/// in where none of them says anything.
std::vector<SettingReport> collect_settings(const ParsedFlags& flags,
                                            const Configuration& configuration,
                                            const Environment& environment);

/// Reads the files as every verb would, and the values as `get` does. Fails with `invalid_config`,
/// naming file and line.
Expected<void> check_values(const Configuration& configuration, const Environment& environment);

}  // namespace xtrace::cli
