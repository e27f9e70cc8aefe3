#pragma once

/// `CheckReport` is all that `xtrace check` has found out; its two forms are pure functions of it.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <xtrace/clock.h>
#include <xtrace/daemon_address.h>
#include <xtrace/error.h>

#include "cli/config_file.h"
#include "cli/report.h"
#include "xray/receiver_probe.h"

namespace xtrace::cli {

/// Whether somebody takes datagrams.
struct UdpFinding {
  /// `listening`: the kernel says so. `silent`: nobody refuses, and more cannot be known.
  enum class State : std::uint8_t { listening, silent, refused, failed };

  State state = State::failed;
  bool is_local = false;
  std::string address{};               ///< As connected, `127.0.0.1:2000`; empty where it failed.
  std::optional<ReceiverRoom> room{};  ///< Where the kernel tells.
  std::string reason{};                ///< Of a failure.
};

/// What the TCP side says when it is asked for sampling rules.
struct TcpFinding {
  Duration took{};  ///< Until the last byte of the answer, or until it was given up.
  std::size_t rules = 0;
  std::size_t ignored_rules = 0;
  std::optional<Error> error{};  ///< Nothing where it answered.

  /// Something speaks HTTP there, whatever it said.
  bool is_there() const;
};

/// One setting, as it stands somewhere.
struct SettingReport {
  std::string section{};  ///< Of a configuration file; empty where it is for all verbs.
  std::string name{};
  std::string value{};          ///< Masked where it is secret.
  std::string origin{};         ///< `--emit`, a variable, `FILE:LINE`, or `default`.
  std::string overridden_by{};  ///< The origin of what wins over it; empty where it counts.
};

struct CheckReport {
  DaemonEndpoint udp_endpoint{};
  DaemonEndpoint tcp_endpoint{};
  std::string origin{};       ///< Of the endpoints.
  std::string other_sink{};   ///< `file:PATH`, `-` or `none` where documents do not go to a daemon.
  bool sends_by_tcp = false;  ///< Documents go to the TCP side.
  UdpFinding udp{};
  TcpFinding tcp{};
  bool shows_settings = false;
  std::vector<SettingReport> settings{};
  std::vector<ConfigFile> files{};
  std::string home{};  ///< For `~` in the names of files.

  /// Documents reach a daemon, as far as can be known.
  bool is_daemon_there() const;
};

/// Lines for people, at the width and in the letters of the style.
std::string render_check(const CheckReport& report, const Style& style);

/// `xtrace.check/1`, one line with a line feed at its end.
std::string render_check_json(const CheckReport& report);

}  // namespace xtrace::cli
