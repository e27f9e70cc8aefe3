#pragma once

/// The help texts, generated from the tables of verbs and flags: nothing is described twice, and
/// nothing wider than 80 columns.

#include <string>
#include <string_view>

#include "cli/flags.h"

namespace xtrace::cli {

/// What `xtrace` and `xtrace -h` show: examples, verbs and the flags that most calls need.
std::string short_help();

/// What `xtrace --help` and `xtrace help` show: every flag of `get`, the environment, the
/// configuration files, the exit codes.
std::string whole_help();

/// What `xtrace VERB -h` and `xtrace VERB --help` show of one verb.
std::string verb_help(const VerbSyntax& syntax, ParsedFlags::Help extent);

/// What `xtrace span --help` shows: the verbs of a family.
std::string family_help(std::string_view family);

}  // namespace xtrace::cli
