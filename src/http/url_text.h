#pragma once

/// Parts of a URL appended to a text that is being written, without strings of their own between.

#include <string>

#include <xtrace/http.h>

namespace xtrace {

/// What `Url::authority()` gives.
void append_authority(std::string& into, const Url& url);

/// What `Url::target()` gives.
void append_target(std::string& into, const Url& url);

}  // namespace xtrace
