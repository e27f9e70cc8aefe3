#pragma once

/// What a daemon's TCP side answers, for the scripts of a `ScriptedServer`.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include <xtrace/daemon_address.h>

#include "support/scripted_server.h"

namespace xtrace::testing {

inline DaemonEndpoint endpoint_of(const ScriptedServer& server) {
  return {.host = "127.0.0.1", .port = server.port()};
}

/// A whole response.
inline std::string response(std::string_view body, std::string_view status = "200 OK") {
  std::string text = "HTTP/1.1 ";
  text += status;
  text += "\r\nContent-Type: application/json\r\nContent-Length: ";
  text += std::to_string(body.size());
  text += "\r\n\r\n";
  text += body;
  return text;
}

/// The next connection: reads a request whose body ends in `end`, answers, closes.
inline void answer(ScriptedServer& server, std::string_view body,
                   std::string_view status = "200 OK", std::string end = "}") {
  server.on_connection().expect_head().expect(std::move(end)).send(response(body, status)).close();
}

/// `POST /TraceSegments HTTP/1.1`
inline std::string request_line(const std::string& received) {
  return received.substr(0, received.find('\r'));
}

/// The JSON body of a request; discarded where there is none.
inline nlohmann::json sent_json_of(const std::string& received) {
  const auto end = received.find("\r\n\r\n");
  if (end == std::string::npos) return nlohmann::json(nlohmann::json::value_t::discarded);
  return nlohmann::json::parse(received.substr(end + 4), nullptr, false);
}

/// The documents of a request to /TraceSegments.
inline std::vector<std::string> documents_in(const std::string& received) {
  return sent_json_of(received).at("TraceSegmentDocuments").get<std::vector<std::string>>();
}

}  // namespace xtrace::testing
