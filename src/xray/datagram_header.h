#pragma once

/// The line before a document in a datagram to the daemon.

#include <string_view>

namespace xtrace {

/// Whether the daemon takes `json` for its header: one object whose `format` is `json` and whose
/// `version` is 1, with any case, order and company.
bool is_datagram_header(std::string_view json);

}  // namespace xtrace
