#pragma once

/// The program's exit codes (cli.md section 4): curl's numbers where curl has one, so that scripts
/// hold.

#include <cstdint>
#include <string_view>

#include <xtrace/error.h>

namespace xtrace::cli {

enum class ExitCode : std::uint8_t {
  done = 0,
  unmet = 1,
  usage = 2,
  bad_url = 3,
  slo_violated = 4,
  proxy_not_resolved = 5,
  not_resolved = 6,
  not_connected = 7,
  not_http = 8,
  body_cut = 18,
  unwanted_status = 22,
  not_written = 23,
  not_read = 26,
  timed_out = 28,
  handshake = 35,
  bad_redirect = 47,
  empty_reply = 52,
  not_sent = 55,
  not_received = 56,
  untrusted = 60,
  not_decoded = 61,
  too_large = 63,
  not_repeatable = 65,
  invalid_document = 65,
  not_emitted = 69,
  internal = 70,
  breaker_open = 75,
  socks = 97,
  interrupted = 130,
  terminated = 143,
};

constexpr int to_int(ExitCode code) {
  return static_cast<int>(code);
}

/// The exit code of a request that failed with `error`. Every timeout is 28, whatever its phase. 65
/// is curl's for a body that cannot be sent again; of `emit` and its like it is a bad document, and
/// no verb can end with both. `proxy` is the timeline's: curl tells the refusals of SOCKS apart.
ExitCode exit_code_of(const Error& error, std::string_view proxy = {});

}  // namespace xtrace::cli
