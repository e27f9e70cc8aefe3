#include <algorithm>
#include <string_view>
#include <utility>

#include "cli/paint.h"
#include "cli/text.h"
#include "cli/units.h"
#include "cli/verb_check_report.h"

namespace xtrace::cli {

namespace {

using UdpState = UdpFinding::State;

constexpr std::size_t kSentenceColumn = 11;
constexpr std::size_t kWidestName = 24;
constexpr std::size_t kWidestValue = 30;

enum class Mark : std::uint8_t { good, bad, unknown };

void append_finding(std::string& out, Mark mark, std::string_view protocol,
                    std::string_view sentence, const Style& style) {
  const bool is_good = mark == Mark::good;
  const bool is_bad = mark == Mark::bad;
  const std::string_view plain = is_good ? "  ok" : is_bad ? "  no" : "  ??";
  const std::string_view drawn = is_good ? "   \u2713" : is_bad ? "   \u2717" : "   ?";
  Flow flow(style, kSentenceColumn);
  flow.piece(style.utf8 ? drawn : plain, is_good ? Role::good : is_bad ? Role::fault : Role::error);
  flow.piece(protocol, Role::strong);
  flow.piece(escape_for_terminal(sentence, style));
  out += flow.finish();
}

void append_hint(std::string& out, std::string_view hint, const Style& style) {
  if (hint.empty()) return;
  Flow flow(style, kSentenceColumn + 3);
  flow.piece(std::string(kSentenceColumn, ' ') + (style.utf8 ? "\u2192" : "->"), Role::dim);
  flow.piece(hint, Role::dim, 1);
  out += flow.finish();
}

std::string describe_room(const ReceiverRoom& room) {
  const std::string size = format_size(room.size);
  std::string text = room.used == 0 ? "its buffer of " + size + " is empty"
                                    : "its buffer holds " + format_size(room.used) + " of " + size;
  if (room.drops == 0) return text + ", nothing was lost";
  return text + ", " + std::to_string(room.drops) +
         (room.drops == 1 ? " datagram was lost" : " datagrams were lost");
}

void append_udp(std::string& out, const UdpFinding& udp, const Style& style) {
  switch (udp.state) {
    case UdpState::listening:
      append_finding(out, Mark::good, "udp", "somebody listens; " + describe_room(*udp.room),
                     style);
      if (udp.room->drops != 0) {
        append_hint(out, "the receiver was too slow for a burst, or is now", style);
      }
      return;
    case UdpState::silent:
      append_finding(out, Mark::unknown, "udp",
                     udp.is_local ? "no program of this machine listens, and nobody refuses: it "
                                    "may be passed on to a container"
                                  : "nobody refuses; more cannot be known of another machine",
                     style);
      return;
    case UdpState::refused:
      return append_finding(out, Mark::bad, "udp", "nobody listens", style);
    case UdpState::failed:
      return append_finding(out, Mark::bad, "udp", udp.reason, style);
  }
}

/// What an error of the TCP side usually means.
std::string_view hint_of(Error::Code code) {
  switch (code) {
    case Error::Code::service_denied:
      return "the daemon has no AWS credentials, or they may not call X-Ray: what it receives will "
             "be refused there as well";
    case Error::Code::service_unavailable:
      return "the daemon cannot reach the X-Ray service: what it receives will be lost there";
    case Error::Code::service_throttled:
      return "too many ask for sampling rules; try again later";
    case Error::Code::not_http:
    case Error::Code::invalid_reply:
      return "something else than an X-Ray daemon has this port";
    case Error::Code::call_timeout:
      return "something is there that does not answer, or a packet filter swallows the question";
    default:
      return {};
  }
}

void append_tcp(std::string& out, const TcpFinding& tcp, const Style& style) {
  if (tcp.error) {
    const bool is_refused = tcp.error->code == Error::Code::connect_refused;
    append_finding(out, Mark::bad, "tcp", is_refused ? "nobody listens" : tcp.error->message,
                   style);
    return append_hint(out, hint_of(tcp.error->code), style);
  }
  std::string sentence = std::to_string(tcp.rules);
  sentence += (tcp.rules == 1 ? " sampling rule in " : " sampling rules in ");
  sentence += format_measured(tcp.took);
  if (tcp.ignored_rules != 0) {
    sentence += ", and " + std::to_string(tcp.ignored_rules) + " that cannot be used here";
  }
  append_finding(out, Mark::good, "tcp", sentence, style);
}

std::string_view verdict_of(const CheckReport& report) {
  const bool has_rules = !report.tcp.error;
  if (!report.other_sink.empty()) {
    return report.is_daemon_there() ? "A daemon is there." : "No daemon is there.";
  }
  if (report.sends_by_tcp) {
    if (!report.tcp.is_there()) return "No daemon takes documents over TCP: segments are lost.";
    return has_rules ? "Segments arrive." : "A daemon is there, and does not do what it is asked.";
  }
  switch (report.udp.state) {
    case UdpState::listening:
      if (has_rules) return "Segments arrive, and sampling rules come back.";
      return report.tcp.is_there()
                 ? "Segments arrive at the daemon; sampling rules do not come back."
                 : "Segments arrive; there are no sampling rules to be had.";
    case UdpState::silent:
      return report.tcp.is_there() ? "A daemon answers over TCP, so segments probably arrive."
                                   : "No daemon answers: segments are probably lost.";
    case UdpState::refused:
    case UdpState::failed:
      break;
  }
  return "No daemon is there: segments are lost.";
}

std::string with_tilde(const std::string& path, const std::string& home) {
  const bool is_at_home = home.size() > 1 && path.starts_with(home + "/");
  return is_at_home ? "~" + path.substr(home.size()) : path;
}

std::string describe_place(const DaemonEndpoint& endpoint, const std::string& address) {
  const std::string name = endpoint.to_string();
  return address.empty() || address == name ? name : name + " (" + address + ")";
}

void append_headline(std::string& out, const CheckReport& report, const Style& style) {
  Flow flow(style, 2);
  flow.piece("X-Ray daemon at", Role::strong);
  const std::string place = describe_place(report.udp_endpoint, report.udp.address);
  if (report.udp_endpoint == report.tcp_endpoint) {
    flow.piece(escape_for_terminal(place, style), Role::strong, 1);
  } else {
    flow.piece(escape_for_terminal("udp " + place, style) + ",", Role::strong, 1);
    flow.piece(escape_for_terminal("tcp " + report.tcp_endpoint.to_string(), style), Role::strong,
               1);
  }
  const std::string origin = with_tilde(report.origin, report.home);
  flow.piece("(" + escape_for_terminal(origin, style) + ")", Role::dim, 1);
  out += flow.finish() + "\n";
}

std::string name_of(const SettingReport& setting) {
  return setting.section.empty() ? setting.name : "[" + setting.section + "] " + setting.name;
}

std::string value_of(const SettingReport& setting, const Style& style) {
  return setting.value.empty() ? "\"\"" : escape_for_terminal(setting.value, style);
}

/// The columns of names and values, as wide as what stands there, within limits.
struct Columns {
  std::size_t name = 0;
  std::size_t value = 0;
};

Columns measure(const std::vector<SettingReport>& settings, const Style& style) {
  Columns columns;
  for (const SettingReport& setting : settings) {
    columns.name = std::max(columns.name, display_width(name_of(setting)));
    columns.value = std::max(columns.value, display_width(value_of(setting, style)));
  }
  return {.name = std::min(columns.name, kWidestName),
          .value = std::min(columns.value, kWidestValue)};
}

void append_setting(std::string& out, const SettingReport& setting, const Columns& columns,
                    const CheckReport& report, const Style& style) {
  const bool counts = setting.overridden_by.empty();
  std::string origin = with_tilde(setting.origin, report.home);
  if (!counts) origin += ", but " + with_tilde(setting.overridden_by, report.home) + " wins";
  const std::size_t indent = columns.name + 4;
  const auto width = static_cast<std::size_t>(style.width);
  const std::string value = cut_to_width(value_of(setting, style), width - indent, style);
  Line line(style);
  line.skip(2).add(name_of(setting), counts ? Role::plain : Role::dim);
  line.skip(2).skip_to(indent).add(value, counts ? Role::value : Role::dim);
  line.skip(2).skip_to(indent + columns.value + 2);
  // Where it stands is there to be copied: it gets a line of its own rather than being cut.
  origin = escape_for_terminal(origin, style);
  if (line.column() + display_width(origin) > width) {
    out += line.finish();
    line = Line(style);
    line.skip(indent);
  }
  out += line.add(origin, Role::dim).finish();
}

void append_file(std::string& out, const ConfigFile& file, const CheckReport& report,
                 const Style& style) {
  std::string state = std::to_string(file.lines.size());
  state += file.lines.size() == 1 ? " setting" : " settings";
  if (file.state == ConfigFile::State::absent) state = "not there";
  if (file.state == ConfigFile::State::ignored) state = "ignored: " + file.reason;
  Line line(style);
  line.skip(2).add(escape_for_terminal(with_tilde(file.path, report.home), style));
  out += line.skip(2).add(state, Role::dim).finish();
}

void append_settings(std::string& out, const CheckReport& report, const Style& style) {
  out += "\n" + paint("Settings", Role::strong, style) + "\n";
  const Columns columns = measure(report.settings, style);
  for (const SettingReport& setting : report.settings) {
    append_setting(out, setting, columns, report, style);
  }
  out += "\n" + paint("Files, the last one wins", Role::strong, style) + "\n";
  if (report.files.empty()) out += "  none is read\n";
  for (const ConfigFile& file : report.files) append_file(out, file, report, style);
}

}  // namespace

bool TcpFinding::is_there() const {
  if (!error) return true;
  switch (error->code) {
    case Error::Code::service_denied:
    case Error::Code::service_refused:
    case Error::Code::service_throttled:
    case Error::Code::service_unavailable:
      return true;
    default:
      return false;
  }
}

bool CheckReport::is_daemon_there() const {
  if (sends_by_tcp) return tcp.is_there();
  if (udp.state == UdpFinding::State::listening) return true;
  return udp.state == UdpFinding::State::silent && tcp.is_there();
}

std::string render_check(const CheckReport& report, const Style& style) {
  std::string out;
  append_headline(out, report, style);
  append_udp(out, report.udp, style);
  append_tcp(out, report.tcp, style);
  Flow verdict(style, 0);
  verdict.piece(verdict_of(report), report.is_daemon_there() ? Role::good : Role::fault);
  if (!report.other_sink.empty()) {
    verdict.end_line().piece("Segments do not go there: emit is " +
                             escape_for_terminal(report.other_sink, style));
  }
  out += "\n" + verdict.finish();
  if (report.shows_settings) append_settings(out, report, style);
  return out;
}

}  // namespace xtrace::cli
