#pragma once

/// Where `xtrace listen --forward` sends what it receives.

#include <memory>
#include <string_view>

#include <xtrace/address.h>
#include <xtrace/expected.h>
#include <xtrace/loop.h>

#include "collect/collector.h"

namespace xtrace::cli {

/// `udp://HOST:PORT`, or `otlp://HOST[:PORT][/PATH]` and `otlps://` (port 4318 and path
/// `/v1/traces` where they are not given). Fails with `invalid_config`, a sentence for the caller
/// to put the flag before. `loop` outlives the tap.
Expected<std::unique_ptr<collect::DocumentTap>> make_tap(Loop& loop, std::string_view target);

/// Whether what is sent to that target comes back: it is the UDP address that is listened on.
bool leads_back(std::string_view target, const Address& udp);

}  // namespace xtrace::cli
