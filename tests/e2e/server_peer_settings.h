#pragma once

/// The words that `server_peer` is started with, `name=value` each.

#include <string>
#include <string_view>

#include <xtrace/http_server.h>
#include <xtrace/server_trace.h>
#include <xtrace/tls_server.h>

namespace xtrace::peer {

struct Settings {
  HttpServerConfig server{};
  TlsServerConfig tls{};  ///< Where `certificate=` was given.
  ServerTraceConfig trace{};
  std::string daemon{};      ///< Empty: the environment's.
  double sampled = 1;        ///< The share of what nobody decided before.
  std::string downstream{};  ///< The URL that `/call/...` goes to: `http://host:port`.
};

/// Ends the program with a sentence where a word makes no sense.
Settings read_settings(int count, char** words);

[[noreturn]] void fail(std::string_view sentence);

}  // namespace xtrace::peer
