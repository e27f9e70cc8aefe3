#pragma once

/// `Conversation` is what `-v` tells on stderr while a request runs: `*` what happens, with the
/// milliseconds since the start, `>` the heads that are sent, `<` the heads that come back. Secrets
/// are masked unless `--no-redact`.
///
/// It hears the hooks of `ClientTrace`, so every line is written inside the moment it tells of: on
/// a slow terminal it costs time that the report then shows.

#include <optional>
#include <string>
#include <string_view>

#include <xtrace/client_trace.h>
#include <xtrace/clock.h>
#include <xtrace/execution.h>
#include <xtrace/http.h>

#include "cli/redaction.h"
#include "cli/report.h"

namespace xtrace::cli {

class Conversation {
 public:
  struct Options {
    int descriptor = 2;
    Redaction redaction = Redaction::on;
    Style style;
    std::string label{};            ///< Before each line, where several requests talk: `[2] `.
    std::optional<Tick> started{};  ///< What times count from; unset: the making of the object.
  };

  explicit Conversation(const Options& options);
  Conversation(const Conversation&) = delete;
  Conversation& operator=(const Conversation&) = delete;
  ~Conversation();

  /// The hooks point at this object, which outlives the call they are given to.
  ClientTrace hooks();
  /// The head that comes next is this request's: to be called by `CallOptions::before_attempt`.
  void expect(const Request& request);
  /// Something that no hook tells.
  void tell(std::string_view what);
  void tell_wait(const WaitRecord& wait);
  void tell_decision(const RetryDecision& decision);
  void tell_decision(const RaceDecision& decision);
  const Options& options() const { return options_; }

 private:
  void hear_connecting(ClientTrace& trace);
  void hear_connection(ClientTrace& trace);
  void hear_request(ClientTrace& trace);
  void hear_response(ClientTrace& trace);

  void show(char mark, std::string_view line);
  void show_field(char mark, std::string_view name, std::string_view value);
  void show_head(const std::string& status_line, const Headers& headers);

  Options options_;
  std::string request_line_;
  bool wrote_request_line_ = false;
  Tick started_;
};

}  // namespace xtrace::cli
