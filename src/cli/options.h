#pragma once

/// `GetOptions` is a command line of `xtrace get` (or of one of its sisters) as plain values,
/// checked for contradictions.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <xtrace/client.h>
#include <xtrace/expected.h>
#include <xtrace/trace_header.h>

#include "cli/flags.h"
#include "cli/form_part.h"
#include "cli/metadata.h"
#include "cli/option_values.h"
#include "cli/plan_options.h"
#include "cli/repeat_options.h"
#include "cli/report.h"
#include "cli/slo.h"
#include "cli/terminal.h"

namespace xtrace::cli {

/// One `-d`, `--data-raw`, `--data-binary` or `--json`, in the order given.
struct BodyPart {
  enum class Kind : std::uint8_t { form, raw, binary, json };

  Kind kind = Kind::form;
  std::string text;
};

enum class Format : std::uint8_t {
  pretty,
  classic,
  compact,
  json,
  jsonl,
  csv,
  har,
  perfetto,
  otlp,
  xray
};

struct OutputOptions {
  Format format = Format::pretty;
  bool has_format = false;  ///< `--format` was given.
  /// `-w`, not yet read where it is `@FILE`; stands for the report unless `has_format`.
  std::optional<std::string> write_out;
  std::string body_file;  ///< `-o`: empty discards the body, `-` is stdout.
  bool shows_headers = false;
  bool is_verbose = false;
  bool is_silent = false;
  Style::Unit unit = Style::Unit::automatic;
  ColorChoice color = ColorChoice::automatic;
};

struct TraceOptions {
  EmitTarget emit;
  std::optional<std::string> name;
  std::optional<std::string> header;
  std::optional<Sampled> sampled;
  std::vector<Annotation> annotations;
  std::vector<MetadataEntry> metadata;
  bool requires_emit = false;
  bool redacts = true;
};

/// What the library does by itself and the command only when asked, as curl: follow redirects,
/// decode, limit the handshake. Connecting as a whole may take curl's five minutes.
ClientConfig command_defaults();

struct GetOptions {
  std::string verb = "get";  ///< As typed, for messages.
  std::string url;
  std::string method;                ///< Decided: GET, or what verb, flags and data make of it.
  std::vector<std::string> headers;  ///< The values of `-H`, as given.
  std::vector<BodyPart> body;
  std::vector<FormPart> form;             ///< `-F`, in the order given.
  std::optional<std::string> upload;      ///< `-T`: a file, or `-`.
  std::optional<std::string> user;        ///< `USER:PASSWORD`
  std::optional<std::string> user_agent;  ///< Empty: send none.
  std::optional<std::string> referer;
  std::vector<std::string> cookies;     ///< `NAME=VALUE[; NAME=VALUE...]` each.
  bool expects_continue = false;        ///< `--expect-100`
  std::optional<std::string> proxy;     ///< `-x`; empty: none.
  std::optional<std::string> no_proxy;  ///< `--noproxy`
  /// Route, TLS and limits. Its proxy and key log file are the environment's to say
  /// (`client_settings.h`).
  ClientConfig client = command_defaults();
  OutputOptions output;
  bool fails_on_status = false;
  StatusSet expected_statuses;
  std::vector<SloGoal> slo;
  RepeatOptions repeat;
  PlanOptions plan;
  MetricsTarget metrics;
  TraceOptions trace;
};

/// Fails with `invalid_config`: one sentence, complete as it is, that repeats no URL, header or
/// password.
Expected<GetOptions> to_get_options(const ParsedFlags& flags);

/// The same from the words that follow the verb, which is `get` for a bare `xtrace URL`; no
/// configuration file has a say.
Expected<GetOptions> parse_get_options(std::string_view verb,
                                       std::span<const std::string_view> arguments);

/// Whether `get` would take the value, whatever else is given. Fails as above.
Expected<void> check_get_setting(const Setting& setting);

/// The flags of the heading "Trace" (common_flags.h), as far as the verb has them. Fails as above.
Expected<TraceOptions> read_trace_options(const ParsedFlags& flags);

}  // namespace xtrace::cli
