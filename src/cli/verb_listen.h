#pragma once

/// `xtrace listen`: X-Ray on your own machine, for the SDKs of any language.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <xtrace/clock.h>
#include <xtrace/expected.h>

#include "cli/flags.h"
#include "cli/process.h"
#include "cli/terminal.h"
#include "collect/collector.h"
#include "collect/filter.h"

namespace xtrace::cli {

extern const VerbSyntax kListenSyntax;

struct ListenOptions {
  enum class Format : std::uint8_t { pretty, jsonl, none };

  collect::CollectorConfig collector{};
  std::vector<std::string> loads{};     ///< Files whose documents are there from the beginning.
  std::vector<std::string> forwards{};  ///< As given: `make_tap` reads them.
  Format format = Format::pretty;
  collect::Filter filter{};
  std::string filter_text{};
  /// Tell only of traces with an error, a throttle or a fault, and those that are not complete.
  bool tells_errors_only = false;
  std::optional<std::uint64_t> expected{};  ///< So many complete traces end it.
  std::optional<Duration> limit{};          ///< So long it listens at most.
  ColorChoice color = ColorChoice::automatic;
  bool is_silent = false;
};

/// Fails with `invalid_config`: a complete sentence.
Expected<ListenOptions> read_listen_options(const ParsedFlags& flags);

/// Listens until it is asked to end, stdout's reader goes away, or what `--expect` and `--timeout`
/// say has come about.
///
/// The exit code is 0; 1 where `--expect` was not met; 2 where a file cannot be opened or
/// read; 23 where stdout or the file of `--save` cannot be written; 69 where an address cannot be
/// listened on.
int run_listen(const ParsedFlags& flags, Process& process);

}  // namespace xtrace::cli
