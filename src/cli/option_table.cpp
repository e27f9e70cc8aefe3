#include "cli/option_table.h"

#include <algorithm>
#include <array>
#include <vector>

namespace xtrace::cli {

namespace {

using enum OptionId;
using Group = OptionGroup;

constexpr auto kTable = std::to_array<OptionRow>({
    {request, "request", 'X', "METHOD", Group::request, true,
     "use METHOD instead of GET, or of POST where data are sent"},
    {header, "header", 'H', "FIELD", Group::request, true,
     "send \"Name: value\"; \"Name:\" leaves an automatic field out, \"Name;\" sends it empty, "
     "@FILE reads "
     "one per line"},
    {data, "data", 'd', "DATA", Group::request, true,
     "send DATA as a form, by POST; @FILE reads a file without its line ends, @- stdin; several "
     "are joined "
     "with &"},
    {data_raw, "data-raw", '\0', "DATA", Group::request, false, "as --data, but @ has no meaning"},
    {data_binary, "data-binary", '\0', "DATA", Group::request, false,
     "as --data, but a file is sent byte for byte"},
    {json, "json", '\0', "DATA", Group::request, true,
     "send DATA (or @FILE, @-) as JSON, by POST, and accept JSON"},
    {head, "head", 'I', "", Group::request, false, "send HEAD: no body comes back"},
    {user, "user", 'u', "USER:PASSWORD", Group::request, false,
     "send Basic authentication; never recorded"},
    {user_agent, "user-agent", 'A', "TEXT", Group::request, false,
     "send this User-Agent; an empty TEXT sends none"},

    {ipv4, "ipv4", '4', "", Group::route, false, "use IPv4 addresses only"},
    {ipv6, "ipv6", '6', "", Group::route, false, "use IPv6 addresses only"},
    {resolve, "resolve", '\0', "HOST:PORT:ADDRESS", Group::route, false,
     "connect to ADDRESS[,ADDRESS...] for HOST:PORT and look nothing up; HOST may be *"},
    {connect_to, "connect-to", '\0', "HOST:PORT:HOST2:PORT2", Group::route, false,
     "connect to HOST2:PORT2 instead; the request stays as it is; empty parts match all, or keep "
     "what was "
     "asked for"},
    {unix_socket, "unix-socket", '\0', "PATH", Group::route, false,
     "connect to this Unix socket instead; @NAME is an abstract one"},

    {insecure, "insecure", 'k', "", Group::tls, true, "accept any certificate (debugging only)"},
    {cacert, "cacert", '\0', "FILE", Group::tls, true,
     "trust the certificates in FILE (PEM) instead of the system's"},
    {cert, "cert", '\0', "FILE", Group::tls, false,
     "show this client certificate (PEM); its key is in the same file, or in --key"},
    {key, "key", '\0', "FILE", Group::tls, false, "the private key of --cert (PEM)"},
    {sni, "sni", '\0', "NAME", Group::tls, false,
     "ask for NAME in the handshake and check the certificate against it"},

    {max_time, "max-time", 'm', "TIME", Group::limits, true,
     "give up after TIME in all: 2, 1.5s, 200ms, 1m; a bare number is seconds"},
    {connect_timeout, "connect-timeout", '\0', "TIME", Group::limits, false,
     "limit for dns, dial and tls together"},
    {dns_timeout, "dns-timeout", '\0', "TIME", Group::limits, false,
     "limit for the lookup of the host name"},
    {tls_timeout, "tls-timeout", '\0', "TIME", Group::limits, false, "limit for the TLS handshake"},
    {response_timeout, "response-timeout", '\0', "TIME", Group::limits, false,
     "limit from the request's last byte to the response's first"},
    {idle_timeout, "idle-timeout", '\0', "TIME", Group::limits, false,
     "limit for a connection on which no byte moves"},

    {format, "format", '\0', "FORMAT", Group::output, true,
     "pretty (default), classic, compact, json or xray"},
    {output, "output", 'o', "FILE", Group::output, true,
     "write the body to FILE; with - to stdout, and the report to stderr"},
    {include, "include", 'i', "", Group::output, false, "show the response headers in the report"},
    {verbose, "verbose", 'v', "", Group::output, true,
     "tell on stderr what happens while it happens, with both heads"},
    {silent, "silent", 's', "", Group::output, false, "no notes and warnings on stderr"},
    {unit, "unit", '\0', "UNIT", Group::output, false,
     "unit of times: auto (default), us, ms or s"},
    {color, "color", '\0', "WHEN", Group::output, false,
     "auto (default), always or never; NO_COLOR, FORCE_COLOR and CLICOLOR_FORCE are honoured"},

    {fail, "fail", 'f', "", Group::judge, false, "exit with 22 where the status is 400 or above"},
    {expect_status, "expect-status", '\0', "LIST", Group::judge, false,
     "exit with 22 where the status is not in LIST, as in 200,3xx,400-404"},

    {emit, "emit", '\0', "WHERE", Group::trace, true,
     "send the segment to udp://HOST:PORT, file:PATH, - (stdout) or none; default: "
     "AWS_XRAY_DAEMON_ADDRESS, or udp://127.0.0.1:2000"},
    {name, "name", '\0', "SERVICE", Group::trace, false,
     "name of the segment; default: AWS_XRAY_TRACING_NAME, or xtrace"},
    {annotate, "annotate", 'a', "KEY=VALUE", Group::trace, false,
     "annotate the segment; numbers, true and false keep their type"},
    {metadata, "metadata", '\0', "JSON", Group::trace, false,
     "add the members of this JSON object as metadata"},
    {trace_header, "trace-header", '\0', "HEADER", Group::trace, false,
     "continue this trace (Root=...;Parent=...;Sampled=...); default: _X_AMZN_TRACE_ID"},
    {sampled, "sampled", '\0', "0|1|?", Group::trace, false,
     "record, do not record, or let the server decide; default: as the trace header says, or 1"},
    {require_emit, "require-emit", '\0', "", Group::trace, false,
     "exit with 69 where nobody took the segment"},
    {no_redact, "no-redact", '\0', "", Group::trace, false,
     "record and show query strings, credentials and cookies"},

    {short_help, "", 'h', "", Group::help, true, "show the short help"},
    {whole_help, "help", '\0', "", Group::help, true, "show the whole help"},
});

// Flags of design and of curl that people paste; this version has none of them.
constexpr auto kElsewhere = std::to_array<std::string_view>({"attempt-timeout",
                                                             "backoff",
                                                             "breaker",
                                                             "compressed",
                                                             "config",
                                                             "cookie",
                                                             "cookie-jar",
                                                             "data-urlencode",
                                                             "duration",
                                                             "expect-100",
                                                             "form",
                                                             "get",
                                                             "globoff",
                                                             "http1.0",
                                                             "http1.1",
                                                             "http2",
                                                             "http3",
                                                             "interface",
                                                             "interval",
                                                             "keepalive",
                                                             "location",
                                                             "max-redirs",
                                                             "noproxy",
                                                             "pool",
                                                             "propagate",
                                                             "proxy",
                                                             "race",
                                                             "range",
                                                             "rate",
                                                             "referer",
                                                             "remote-name",
                                                             "retry",
                                                             "retry-after",
                                                             "retry-on",
                                                             "save",
                                                             "show-error",
                                                             "slo",
                                                             "tls-max",
                                                             "tlsv1.2",
                                                             "tlsv1.3",
                                                             "upload-file",
                                                             "url",
                                                             "warmup",
                                                             "write-out"});
constexpr std::string_view kElsewhereLetters = "bceFGgJKLnNOrSTUwxZ";

}  // namespace

std::string_view to_string(OptionGroup group) {
  constexpr std::array<std::string_view, 8> kNames = {"Request", "Route", "TLS",   "Limits",
                                                      "Output",  "Judge", "Trace", "Help"};
  return kNames[static_cast<std::size_t>(group)];
}

std::span<const OptionRow> option_table() {
  return kTable;
}

const OptionRow* find_option(std::string_view name) {
  if (name.empty()) return nullptr;
  const auto* row = std::ranges::find(kTable, name, &OptionRow::name);
  return row == kTable.end() ? nullptr : row;
}

const OptionRow* find_option(char letter) {
  if (letter == '\0') return nullptr;
  const auto* row = std::ranges::find(kTable, letter, &OptionRow::letter);
  return row == kTable.end() ? nullptr : row;
}

const OptionRow* nearest_option(std::string_view name) {
  const OptionRow* nearest = nullptr;
  std::size_t fewest = name.size() / 2 + 1;
  for (const OptionRow& row : kTable) {
    if (row.name.empty()) continue;
    const std::size_t edits = edit_distance(name, row.name);
    if (edits >= fewest) continue;
    fewest = edits;
    nearest = &row;
  }
  return nearest;
}

bool is_known_elsewhere(std::string_view name) {
  return std::ranges::find(kElsewhere, name) != kElsewhere.end();
}

bool is_known_elsewhere(char letter) {
  return kElsewhereLetters.find(letter) != std::string_view::npos;
}

std::size_t edit_distance(std::string_view from, std::string_view to) {
  const std::size_t columns = to.size() + 1;
  std::vector<std::size_t> cells((from.size() + 1) * columns);
  const auto at = [&cells, columns](std::size_t i, std::size_t j) -> std::size_t& {
    return cells[i * columns + j];
  };
  for (std::size_t i = 0; i <= from.size(); ++i) at(i, 0) = i;
  for (std::size_t j = 0; j <= to.size(); ++j) at(0, j) = j;
  for (std::size_t i = 1; i <= from.size(); ++i) {
    for (std::size_t j = 1; j <= to.size(); ++j) {
      const std::size_t replaced = at(i - 1, j - 1) + (from[i - 1] == to[j - 1] ? 0 : 1);
      at(i, j) = std::min({at(i - 1, j) + 1, at(i, j - 1) + 1, replaced});
      const bool swapped = i > 1 && j > 1 && from[i - 1] == to[j - 2] && from[i - 2] == to[j - 1];
      if (swapped) at(i, j) = std::min(at(i, j), at(i - 2, j - 2) + 1);
    }
  }
  return at(from.size(), to.size());
}

}  // namespace xtrace::cli
