// Our half of peers.py: one JSON question a line on stdin, one JSON answer a line on stdout.
//
// {"header": TEXT} is answered by what we read and print; {"address": TEXT} by both endpoints, or
// by the error.

#include <iostream>
#include <string>

#include <nlohmann/json.hpp>

#include <xtrace/daemon_address.h>
#include <xtrace/trace_header.h>

namespace {

using Json = nlohmann::json;

std::string_view sampled_text(xtrace::Sampled sampled) {
  switch (sampled) {
    case xtrace::Sampled::no:
      return "0";
    case xtrace::Sampled::yes:
      return "1";
    case xtrace::Sampled::requested:
      return "?";
    case xtrace::Sampled::unknown:
      break;
  }
  return {};
}

Json read_header(const std::string& text) {
  const xtrace::TraceHeader header = xtrace::parse_trace_header(text);
  Json extra = Json::object();
  for (const xtrace::TraceField& field : header.extra) extra[field.key] = field.value;
  return {{"root", header.root ? header.root->to_string() : header.root_text},
          {"parent", header.parent},
          {"sampled", sampled_text(header.sampled)},
          {"extra", extra},
          {"printed", header.to_string()}};
}

Json read_address(const std::string& text) {
  const xtrace::Expected<xtrace::DaemonAddress> address = xtrace::parse_daemon_address(text);
  if (const xtrace::Error* error = address.if_error()) return {{"error", error->message}};
  return {{"udp", address->udp.to_string()}, {"tcp", address->tcp.to_string()}};
}

}  // namespace

int main() {
  for (std::string line; std::getline(std::cin, line);) {
    const Json question = Json::parse(line);
    const bool is_header = question.contains("header");
    const Json answer =
        is_header ? read_header(question["header"]) : read_address(question["address"]);
    std::cout << answer.dump() << std::endl;
  }
}
