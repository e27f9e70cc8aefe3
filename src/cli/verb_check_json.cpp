#include "base/json_writer.h"
#include "cli/verb_check_report.h"

namespace xtrace::cli {

namespace {

std::string_view to_string(UdpFinding::State state) {
  switch (state) {
    case UdpFinding::State::listening:
      return "listening";
    case UdpFinding::State::silent:
      return "silent";
    case UdpFinding::State::refused:
      return "refused";
    case UdpFinding::State::failed:
      break;
  }
  return "failed";
}

std::string_view to_string(ConfigFile::State state) {
  if (state == ConfigFile::State::read) return "read";
  return state == ConfigFile::State::absent ? "absent" : "ignored";
}

std::string_view to_string(ConfigFile::Kind kind) {
  if (kind == ConfigFile::Kind::user) return "user";
  return kind == ConfigFile::Kind::project ? "project" : "named";
}

void write_text(JsonWriter& json, std::string_view key, std::string_view text) {
  json.key(key);
  if (text.empty()) {
    json.null();
  } else {
    json.string(text);
  }
}

void write_udp(JsonWriter& json, const CheckReport& report) {
  const UdpFinding& udp = report.udp;
  json.key("udp");
  json.begin_object();
  write_text(json, "endpoint", report.udp_endpoint.to_string());
  write_text(json, "address", udp.address);
  write_text(json, "state", to_string(udp.state));
  write_text(json, "reason", udp.reason);
  json.key("buffer");
  if (udp.room) {
    json.begin_object();
    json.key("used");
    json.unsigned_integer(udp.room->used);
    json.key("size");
    json.unsigned_integer(udp.room->size);
    json.key("drops");
    json.unsigned_integer(udp.room->drops);
    json.end_object();
  } else {
    json.null();
  }
  json.end_object();
}

void write_tcp(JsonWriter& json, const CheckReport& report) {
  const TcpFinding& tcp = report.tcp;
  json.key("tcp");
  json.begin_object();
  write_text(json, "endpoint", report.tcp_endpoint.to_string());
  const std::string_view failed = tcp.is_there() ? "complains" : "absent";
  write_text(json, "state", tcp.error ? failed : "answers");
  json.key("took_us");
  json.integer(std::chrono::duration_cast<std::chrono::microseconds>(tcp.took).count());
  json.key("rules");
  if (tcp.error) {
    json.null();
  } else {
    json.unsigned_integer(tcp.rules);
  }
  json.key("error");
  if (tcp.error) {
    json.begin_object();
    write_text(json, "code", xtrace::to_string(tcp.error->code));
    write_text(json, "message", tcp.error->message);
    json.end_object();
  } else {
    json.null();
  }
  json.end_object();
}

void write_settings(JsonWriter& json, const CheckReport& report) {
  json.key("settings");
  json.begin_array();
  for (const SettingReport& setting : report.settings) {
    json.begin_object();
    write_text(json, "section", setting.section);
    write_text(json, "name", setting.name);
    json.key("value");
    json.string(setting.value);
    write_text(json, "origin", setting.origin);
    write_text(json, "overridden_by", setting.overridden_by);
    json.end_object();
  }
  json.end_array();
  json.key("files");
  json.begin_array();
  for (const ConfigFile& file : report.files) {
    json.begin_object();
    write_text(json, "kind", to_string(file.kind));
    write_text(json, "path", file.path);
    write_text(json, "state", to_string(file.state));
    write_text(json, "reason", file.reason);
    json.end_object();
  }
  json.end_array();
}

}  // namespace

std::string render_check_json(const CheckReport& report) {
  std::string text;
  JsonWriter json(text);
  json.begin_object();
  write_text(json, "schema", "xtrace.check/1");
  json.key("is_there");
  json.boolean(report.is_daemon_there());
  json.key("daemon");
  json.begin_object();
  write_text(json, "origin", report.origin);
  write_udp(json, report);
  write_tcp(json, report);
  json.end_object();
  write_text(json, "other_sink", report.other_sink);
  write_settings(json, report);
  json.end_object();
  return text + "\n";
}

}  // namespace xtrace::cli
