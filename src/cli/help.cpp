#include "cli/help.h"

#include <array>
#include <string_view>
#include <vector>

#include "cli/request_verbs.h"
#include "cli/verbs.h"

namespace xtrace::cli {

namespace {

constexpr std::size_t kWidth = 80;
constexpr std::size_t kTextColumn = 32;

constexpr std::string_view kOpening =
    "xtrace - trace HTTP requests, AWS X-Ray style, on your own machine\n"
    "\n"
    "Usage: xtrace [VERB] [OPTIONS] URL\n"
    "\n"
    "Examples\n"
    "  xtrace https://example.com\n"
    "  xtrace get -m 2 --format json https://api.example.com/health\n"
    "  xtrace post --json '{\"item\":17}' https://api.example.com/orders\n"
    "  xtrace get --connect-to ::127.0.0.1:8443 --cacert ca.pem https://example.com\n"
    "  xtrace get --emit file:trace.jsonl -a build=17 https://example.com\n"
    "  xtrace exec --name nightly -- ./backup.sh\n"
    "  cat documents.jsonl | xtrace emit\n"
    "  xtrace listen\n";

struct Entry {
  std::string_view left;
  std::string_view right;
};

constexpr auto kEnvironment = std::to_array<Entry>({
    {"AWS_XRAY_DAEMON_ADDRESS", "where segments go: host:port, or udp:host:port"},
    {"AWS_XRAY_TRACING_NAME", "name of the segment, where --name is not given"},
    {"_X_AMZN_TRACE_ID", "the trace to continue, where --trace-header is not given"},
    {"TRACEPARENT", "the same by W3C, where _X_AMZN_TRACE_ID has no more than a Root"},
    {"XTRACE_SPAN", "the token that xtrace span takes, where none is given"},
    {"SSL_CERT_FILE", "the certificates to trust, where --cacert is not given"},
    {"SSLKEYLOGFILE", "where the secrets of TLS go, for Wireshark (debugging only)"},
    {"HTTP_PROXY, HTTPS_PROXY", "the proxies for http and https; http_proxy, https_proxy as well"},
    {"ALL_PROXY", "the proxy where those are not set; all_proxy as well"},
    {"NO_PROXY", "who is reached without a proxy; no_proxy as well"},
    {"XTRACE_CONFIG", "the configuration file, or none, where --config is not given"},
    {"NO_COLOR, FORCE_COLOR", "no colour, colour; CLICOLOR_FORCE is as FORCE_COLOR"},
});

constexpr auto kFiles = std::to_array<Entry>({
    {".xtracerc", "of the project: in the working directory, or the nearest one above it"},
    {"~/.config/xtrace/config", "of your own; XDG_CONFIG_HOME is honoured"},
});

constexpr auto kExitCodes = std::to_array<Entry>({
    {"0", "done, whatever the status, unless -f or --expect-status judge it"},
    {"1", "listen --expect: it did not come about; show: there is no such trace"},
    {"2, 3", "bad usage, bad URL"},
    {"4", "--slo: a limit was not kept"},
    {"5, 6", "proxy not resolved, host not resolved"},
    {"7", "connect failed on every address of the host or of its proxy"},
    {"8", "the answer is not HTTP/1.1"},
    {"18, 52", "body cut short, empty reply"},
    {"22", "-f or --expect-status refused the status"},
    {"23", "the output cannot be written"},
    {"26", "a file could not be read while it was sent"},
    {"28", "timed out, in any phase, or waiting for a connection"},
    {"35, 60", "TLS handshake failed, certificate not trusted"},
    {"47", "too many redirects, or one that leads nowhere"},
    {"55, 56", "sending failed, receiving failed, or a proxy refused"},
    {"61, 63", "the body cannot be decoded, decoded it is too large"},
    {"65",
     "a body that cannot be read twice was to be sent twice; emit, show: a document was "
     "refused"},
    {"69",
     "--require-emit: nobody took the segment; check: no daemon takes one; listen: an "
     "address is taken; show: nobody listens"},
    {"70", "internal error"},
    {"75", "the circuit breaker is open: nothing was sent"},
    {"97", "a SOCKS proxy refused"},
    {"124, 125", "exec: the command ran out of time, xtrace failed"},
    {"126, 127", "exec: the command cannot be run, is not found"},
    {"130, 143", "interrupted, terminated; what was reached is shown (listen ends with 0)"},
    {"128+N", "exec: signal N killed the command"},
});

/// Appends `left` and, from `column` on, `right` wrapped at the width.
void append_entry(std::string& help, std::string_view left, std::string_view right,
                  std::size_t column) {
  std::string line{left};
  if (line.size() + 1 > column) {
    help += line + "\n";
    line.clear();
  }
  line.resize(column, ' ');
  bool is_at_start = true;
  while (!right.empty()) {
    const auto space = right.find(' ');
    const std::string_view word = right.substr(0, space);
    if (!is_at_start && line.size() + 1 + word.size() > kWidth) {
      help += line + "\n";
      line.assign(column, ' ');
      is_at_start = true;
    }
    if (!is_at_start) line += ' ';
    line += word;
    is_at_start = false;
    right = space == std::string_view::npos ? std::string_view() : right.substr(space + 1);
  }
  help += line + "\n";
}

std::string flag_column(const FlagRow& row) {
  std::string left = "  ";
  left += row.letter == '\0' ? "  " : std::string("-") + row.letter;
  if (!row.name.empty()) {
    left += row.letter == '\0' ? "  --" : ", --";
    left += row.name;
  }
  if (row.is_value_optional) {
    left += " [" + std::string(row.argument) + "]";
  } else if (row.takes_value()) {
    left += " " + std::string(row.argument);
  }
  return left;
}

std::string verb_column(const VerbSyntax& syntax) {
  std::string left = "  " + std::string(syntax.name);
  if (!syntax.operands.empty()) left += " " + std::string(syntax.operands);
  return left;
}

void append_verbs(std::string& help) {
  help += "\nVerbs\n";
  for (const Verb& verb : verb_table()) {
    append_entry(help, verb_column(*verb.syntax), verb.syntax->summary, kTextColumn);
  }
}

/// Rows without a heading stand under "Options".
void append_flags(std::string& help, std::span<const FlagRow> rows, ParsedFlags::Help extent) {
  std::string_view heading;
  for (const FlagRow& row : rows) {
    const std::string_view group = row.group.empty() ? "Options" : row.group;
    if (extent == ParsedFlags::Help::whole && group != heading) {
      help += "\n" + std::string(group) + "\n";
      heading = group;
    }
    if (extent == ParsedFlags::Help::brief && !row.in_short_help) continue;
    append_entry(help, flag_column(row), row.help, kTextColumn);
  }
}

/// Those that the verb has not made its own.
void append_shared_flags(std::string& help, const VerbSyntax& syntax, ParsedFlags::Help extent) {
  std::vector<FlagRow> rows;
  for (const FlagRow& row : shared_flags()) {
    if (row.name.empty() || find_flag(syntax, row.name) == &row) rows.push_back(row);
  }
  append_flags(help, rows, extent);
}

void append_entries(std::string& help, std::string_view heading, std::span<const Entry> entries) {
  help += "\n";
  help += heading;
  help += "\n";
  for (const Entry& entry : entries) {
    append_entry(help, "  " + std::string(entry.left), entry.right, kTextColumn);
  }
}

}  // namespace

std::string short_help() {
  std::string help{kOpening};
  append_verbs(help);
  help += "\nOptions most used (--help lists them all)\n";
  append_flags(help, request_verbs().front().flags, ParsedFlags::Help::brief);
  append_flags(help, shared_flags(), ParsedFlags::Help::brief);
  return help;
}

std::string whole_help() {
  std::string help{kOpening};
  append_verbs(help);
  append_flags(help, request_verbs().front().flags, ParsedFlags::Help::whole);
  append_flags(help, shared_flags(), ParsedFlags::Help::whole);
  append_entries(help, "Environment", kEnvironment);
  append_entries(help, "Configuration: lines of flag-name = value, # comments, [verb] sections",
                 kFiles);
  help +=
      "  Flags win over the environment, that over the project's file, that over your\n"
      "  own. xtrace check --config shows what counts, and where each value came from.\n";
  append_entries(help, "Exit codes", kExitCodes);
  return help;
}

std::string verb_help(const VerbSyntax& syntax, ParsedFlags::Help extent) {
  std::string help = "xtrace " + std::string(syntax.name) + " - " + std::string(syntax.summary);
  help += "\n\nUsage: xtrace " + std::string(syntax.name) + " [OPTIONS]";
  if (!syntax.operands.empty()) help += " " + std::string(syntax.operands);
  help += "\n";
  if (!syntax.examples.empty()) help += "\nExamples\n" + std::string(syntax.examples);
  const bool is_brief = extent == ParsedFlags::Help::brief;
  if (is_brief) help += "\nOptions most used (--help lists them all)\n";
  append_flags(help, syntax.flags, extent);
  append_shared_flags(help, syntax, extent);
  if (!is_brief && !syntax.notes.empty()) help += "\n" + std::string(syntax.notes);
  return help;
}

std::string family_help(std::string_view family) {
  std::string help = "Usage: xtrace " + std::string(family) + " VERB [OPTIONS] ...\n\nVerbs\n";
  for (const Verb& verb : verb_table()) {
    const std::string_view name = verb.syntax->name;
    if (!name.starts_with(family) || name.substr(family.size()).substr(0, 1) != " ") continue;
    append_entry(help, verb_column(*verb.syntax), verb.syntax->summary, kTextColumn);
  }
  help += "\nxtrace " + std::string(family) + " VERB --help shows the flags of one.\n";
  return help;
}

}  // namespace xtrace::cli
