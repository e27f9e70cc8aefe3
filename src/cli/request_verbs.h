#pragma once

/// `get` and its sisters: the same flags, each with its method.

#include <span>
#include <string_view>

#include "cli/flags.h"

namespace xtrace::cli {

/// `get` first.
std::span<const VerbSyntax> request_verbs();

/// The sister of that name, or null.
const VerbSyntax* find_request_verb(std::string_view name);

/// What the verb sends; empty where flags decide.
std::string_view fixed_method(std::string_view verb);

}  // namespace xtrace::cli
