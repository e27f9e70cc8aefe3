#pragma once

/// The help texts, generated from the tables of verbs and flags: nothing is described twice, and
/// nothing wider than 80 columns.

#include <string>

namespace xtrace::cli {

/// What `xtrace`, `xtrace -h` and `xtrace get -h` show: examples, verbs and the flags that most
/// calls need.
std::string short_help();

/// What `--help` and `xtrace help` show: every flag, the environment, the exit codes.
std::string whole_help();

}  // namespace xtrace::cli
