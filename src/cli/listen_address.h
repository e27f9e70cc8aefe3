#pragma once

/// Where `xtrace listen` listens: what is written behind `--udp`, `--tcp` and `--web`.

#include <optional>
#include <string_view>

#include <xtrace/address.h>
#include <xtrace/expected.h>

namespace xtrace::cli {

/// `2000`, `127.0.0.1:2000`, `[::1]:2000`, `localhost:2000`; nothing for `none` and `off`. A port
/// alone is on 127.0.0.1: whoever wants to be reached from elsewhere writes the address. Fails with
/// `invalid_config`, a sentence for the caller to put the flag before.
Expected<std::optional<Address>> parse_listen_address(std::string_view text);

/// `512MB`, `64MiB`, `1.5GB`, `4096`: bytes. Fails with `invalid_config`, the same way.
Expected<std::size_t> parse_size(std::string_view text);

}  // namespace xtrace::cli
