#pragma once

/// Reads the values of flags: times, route overrides, lists of statuses, annotations.
///
/// Every function takes the text behind a flag and fails with `invalid_config`; the message is a
/// sentence that the caller prefixes with the name of the flag.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <xtrace/client.h>
#include <xtrace/daemon_address.h>
#include <xtrace/expected.h>
#include <xtrace/scalar.h>

#include "cli/terminal.h"

namespace xtrace::cli {

/// Which statuses are welcome; empty means all.
struct StatusSet {
  struct Range {
    int low = 0;
    int high = 0;

    friend bool operator==(const Range&, const Range&) = default;
  };

  std::vector<Range> ranges;
  std::string text;  ///< As given, for messages.

  bool contains(int status) const;
};

/// Where segment documents go.
struct EmitTarget {
  enum class Kind : std::uint8_t {
    environment,  ///< Not given: AWS_XRAY_DAEMON_ADDRESS decides.
    udp,
    tcp,  ///< The daemon's TCP side, which acknowledges.
    file,
    standard_output,
    none,
  };

  Kind kind = Kind::environment;
  DaemonEndpoint endpoint;  ///< For `udp` and `tcp`.
  std::string path;         ///< For `file`.
};

struct Annotation {
  std::string key;
  Scalar value;
};

/// `2`, `1.5s`, `200ms`, `1m`: a bare number is seconds; zero means no limit.
Expected<Duration> parse_duration(std::string_view text);

/// `HOST:PORT:ADDRESS[,ADDRESS...]`, IPv6 addresses with or without brackets.
Expected<ResolveOverride> parse_resolve(std::string_view text);

/// `HOST1:PORT1:HOST2:PORT2`, each part possibly empty, IPv6 hosts in brackets.
Expected<ConnectToOverride> parse_connect_to(std::string_view text);

/// `200,3xx,400-404`.
Expected<StatusSet> parse_status_set(std::string_view text);

/// `udp://HOST:PORT`, `tcp://HOST:PORT`, `file:PATH`, `-`, `none`.
Expected<EmitTarget> parse_emit_target(std::string_view text);

/// `key=value`. Integers, decimal numbers, `true` and `false` keep their type, everything else is
/// text.
Expected<Annotation> parse_annotation(std::string_view text);

/// `auto`, `always` or `never`.
Expected<ColorChoice> parse_color(std::string_view text);

}  // namespace xtrace::cli
