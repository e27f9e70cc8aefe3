#include "cli/verb_check.h"

#include <array>
#include <cerrno>
#include <cstdlib>
#include <optional>
#include <utility>

#include <xtrace/loop.h>

#include "base/system_reason.h"
#include "cli/choice.h"
#include "cli/common_flags.h"
#include "cli/emission.h"
#include "cli/exit_code.h"
#include "cli/notes.h"
#include "cli/option_values.h"
#include "cli/verb_check_probe.h"
#include "cli/verb_check_report.h"
#include "cli/verb_check_settings.h"

namespace xtrace::cli {

namespace {

constexpr Duration kCheckPatience = std::chrono::seconds(2);

constexpr auto kFlags = std::to_array<FlagRow>(
    {{.name = "config",
      .letter = 'K',
      .argument = "FILE",
      .in_short_help = true,
      .help = "show every setting, and where it comes from; with FILE (or none), as if it were the "
              "only configuration file",
      .files = FileUse::never,
      .is_value_optional = true},
     {.name = "emit",
      .argument = "WHERE",
      .in_short_help = true,
      .help = "look for a daemon at udp://HOST:PORT or tcp://HOST:PORT; default: "
              "AWS_XRAY_DAEMON_ADDRESS, or 127.0.0.1:2000",
      .files = kEmitFlag.files,
      .variables = kEmitFlag.variables},
     {.name = "format",
      .argument = "FORMAT",
      .in_short_help = true,
      .help = "text (default) or json",
      .files = FileUse::never},
     {.name = "color",
      .argument = kColorFlag.argument,
      .help = kColorFlag.help,
      .files = kColorFlag.files,
      .variables = kColorFlag.variables}});

enum class CheckFormat : std::uint8_t { text, json };
constexpr std::array<Word<CheckFormat>, 2> kCheckFormats = {
    {{"text", CheckFormat::text}, {"json", CheckFormat::json}}};

struct CheckVerbOptions {
  CheckFormat format = CheckFormat::text;
  ColorChoice color = ColorChoice::automatic;
};

Expected<CheckVerbOptions> read_options(const ParsedFlags& flags) {
  CheckVerbOptions options;
  if (const auto text = flags.value("format")) {
    auto format = choose(kCheckFormats, *text);
    if (const auto* error = format.if_error()) return flags.refuse("format", error->message);
    options.format = *format;
  }
  if (const auto text = flags.value("color")) {
    auto color = parse_color(*text);
    if (const auto* error = color.if_error()) return flags.refuse("color", error->message);
    options.color = *color;
  }
  return options;
}

/// Where to look. A sink that is no daemon leaves the environment's daemon to look at.
Expected<void> decide_endpoints(CheckReport& report, const ParsedFlags& flags,
                                const Environment& environment) {
  const char* text = environment("AWS_XRAY_DAEMON_ADDRESS");
  const bool has_variable = text != nullptr && *text != '\0';
  const auto address = parse_daemon_address(has_variable ? text : "");
  const Setting* setting = flags.find("emit");
  if (const auto* error = address.if_error(); error != nullptr && setting == nullptr) {
    return error->with_prefix("AWS_XRAY_DAEMON_ADDRESS");
  }
  if (address) {
    report.udp_endpoint = address->udp;
    report.tcp_endpoint = address->tcp;
  }
  report.origin = has_variable ? "AWS_XRAY_DAEMON_ADDRESS" : "default";
  if (setting == nullptr) return {};
  const auto target = parse_emit_target(setting->value);
  if (const auto* error = target.if_error()) return flags.refuse(*setting, error->message);
  const bool is_daemon =
      target->kind == EmitTarget::Kind::udp || target->kind == EmitTarget::Kind::tcp;
  if (!is_daemon) {
    report.other_sink = target->kind == EmitTarget::Kind::none ? "none" : to_string(*target);
    return {};
  }
  report.udp_endpoint = target->endpoint;
  report.tcp_endpoint = target->endpoint;
  report.sends_by_tcp = target->kind == EmitTarget::Kind::tcp;
  report.origin = setting->origin.empty() ? "--emit" : setting->origin;
  return {};
}

Expected<CheckReport> prepare(const ParsedFlags& flags, const Process& process) {
  CheckReport report;
  auto configuration = read_configuration(flags.value("config").value_or(""), process);
  if (const auto* error = configuration.if_error()) return *error;
  if (auto checked = check_values(*configuration, process.environment); !checked) {
    return std::move(checked).error();
  }
  if (auto decided = decide_endpoints(report, flags, process.environment); !decided) {
    return std::move(decided).error();
  }
  report.shows_settings = flags.has("config");
  report.settings = collect_settings(flags, *configuration, process.environment);
  report.files = std::move(configuration->files);
  const char* home = process.environment("HOME");
  report.home = home == nullptr ? "" : home;
  return report;
}

void probe(Loop& loop, CheckReport& report) {
  report.tcp = probe_tcp(loop, report.tcp_endpoint, kCheckPatience);
  const bool has_no_address = report.tcp.error && (report.tcp.error->phase == Phase::dns ||
                                                   report.tcp.error->phase == Phase::dns_wait);
  // A name that could not be looked up in time would hold the second lookup for as long again.
  if (has_no_address && report.udp_endpoint.host == report.tcp_endpoint.host) {
    report.udp.reason = report.tcp.error->message;
    return;
  }
  report.udp = probe_udp(report.udp_endpoint);
}

int check(Loop& loop, const ParsedFlags& flags, const Process& process) {
  const auto options = read_options(flags);
  auto report = options ? prepare(flags, process) : Expected<CheckReport>(options.error());
  if (const auto* error = report.if_error()) return refuse_usage(process, *error);
  probe(loop, *report);
  const Style style =
      make_style(inspect_terminal(process.out), options->color, process.environment);
  const std::string text = options->format == CheckFormat::json ? render_check_json(*report)
                                                                : render_check(*report, style);
  if (write_all(process.out, text) == WriteResult::failed) {
    say(process, "cannot write the report: " + system_reason(errno));
    return to_int(ExitCode::not_written);
  }
  return to_int(report->is_daemon_there() ? ExitCode::done : ExitCode::not_emitted);
}

}  // namespace

constinit const VerbSyntax kCheckSyntax{
    .name = "check",
    .operands = "",
    .summary = "is a daemon there, what does it answer, which settings apply",
    .flags = kFlags,
    .examples =
        "  xtrace check                          is the X-Ray daemon there?\n"
        "  xtrace check --config                 and where does each setting come from?\n"
        "  xtrace check --emit udp://10.0.0.2:2000\n"
        "  xtrace check --format json | jq .daemon.tcp.rules\n",
    .notes =
        "UDP: the kernel is asked about a receiver on this machine; where it knows of\n"
        "none, a datagram of no bytes, which the daemon ignores, shows whether it is\n"
        "refused. TCP: the sampling rules are asked for. Nothing is recorded.\n"
        "Exit code 0: documents reach a daemon; 69: they do not; 2: a setting is wrong.\n",
    .most_positionals = 0,
};

int run_check(const ParsedFlags& flags, Process& process) {
  Loop loop;
  const int code = check(loop, flags, process);
  // A lookup that hangs in a thread of libuv's pool must not hold the process.
  if (process.ends_at_once) std::_Exit(code);
  return code;
}

}  // namespace xtrace::cli
