#pragma once

/// Which configuration files count, and what they say to a verb.
///
/// Flags win over the environment, that over the project's file (`.xtracerc` in the working
/// directory or above it), that over the person's own (`~/.config/xtrace/config`), that over what
/// is built in. Values of flags that may be repeated add up. A project comes from others, so its
/// file may set only what is marked so in the tables of flags (`FileUse`).

#include <string>
#include <vector>

#include <xtrace/expected.h>

#include "cli/config_file.h"
#include "cli/flags.h"
#include "cli/process.h"

namespace xtrace::cli {

/// The files, least important first. Those that were looked for in vain are there as well.
struct Configuration {
  std::vector<ConfigFile> files{};
};

/// `choice` is `--config` or, where that is empty, XTRACE_CONFIG: a file that is read instead of
/// the two, `none`, or nothing. Fails with `invalid_config`, naming file and line.
Expected<Configuration> read_configuration(std::string_view choice, const Process& process);

/// One line that has a say in a verb.
struct ConfiguredSetting {
  Setting setting{};
  /// The variable of the environment that wins over it; empty where none does.
  std::string overridden_by{};
};

/// What the files say to one verb, in their order. Fails with `invalid_config`: an unknown name, a
/// value too many or too few, a flag that such a file may not set.
Expected<std::vector<ConfiguredSetting>> configure_verb(const VerbSyntax& syntax,
                                                        const Configuration& configuration,
                                                        const Environment& environment);

/// Does all that for a command line that has been read.
Expected<void> add_configuration(ParsedFlags& flags, const Process& process);

/// The first of `names`, blanks between them, that is set and not empty; empty where none is.
std::string find_variable(std::string_view names, const Environment& environment);

}  // namespace xtrace::cli
