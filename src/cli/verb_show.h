#pragma once

/// `xtrace show`: draws traces that are saved in a file, or held by a running `xtrace listen`.

#include <cstdint>
#include <optional>
#include <string>

#include <xtrace/daemon_address.h>
#include <xtrace/expected.h>

#include "cli/flags.h"
#include "cli/process.h"
#include "cli/terminal.h"
#include "collect/filter.h"

namespace xtrace::cli {

extern const VerbSyntax kShowSyntax;

struct ShowOptions {
  enum class Format : std::uint8_t { pretty, json, jsonl, xray, har, perfetto, otlp, csv, prom };

  std::string file{};  ///< Empty: the traces of the listener at `from`.
  /// Of one trace: all of its id, or digits that only its id has; empty where none was given.
  std::string id{};
  DaemonEndpoint from{};
  Format format = Format::pretty;
  collect::Filter filter{};
  std::string filter_text{};
  bool has_errors_only = false;
  bool has_errors_first = false;
  bool draws_all = false;
  std::size_t limit = 50;  ///< Of traces that a listener is asked for.
  ColorChoice color = ColorChoice::automatic;
};

/// Fails with `invalid_config`: a complete sentence.
Expected<ShowOptions> read_show_options(const ParsedFlags& flags, const Environment& environment);

/// One trace is drawn; of several there is a list.
///
/// The exit code is that of what was worst: 23 where stdout cannot be written, 2 where a file
/// cannot be read, 69 where nobody listens, 1 where there is no such trace, 65 where a document is
/// none that X-Ray would take (those that are JSON are drawn all the same).
int run_show(const ParsedFlags& flags, Process& process);

}  // namespace xtrace::cli
