#pragma once

/// `Stage` is what the examples of plans play on: the server with its five replies, a client's
/// settings that trust it, and a tracer whose daemon is the machine's.

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <xtrace/client.h>
#include <xtrace/execution.h>
#include <xtrace/tracer.h>
#include <xtrace/udp_emitter.h>

#include "net/descriptor.h"
#include "scripted_server/scripted_server.h"
#include "stage/promises.h"

namespace xtrace::examples {

class Stage {
 public:
  struct Options {
    std::string name{};       ///< Of the program; its segments are named `example/NAME`.
    bool is_verbose = false;  ///< Say what the server received, too.
  };

  /// Starts the server and asks the daemon for sampling rules, on `loop`, which outlives the stage.
  static Expected<std::unique_ptr<Stage>> set(Loop& loop, Options options);
  Stage(const Stage&) = delete;
  Stage& operator=(const Stage&) = delete;
  ~Stage();

  /// Lets the client shake hands with the server once, on a connection that is closed again, so
  /// that it continues the session later. mbedTLS 2.28 takes 10 ms for a whole handshake, and many
  /// times that on a busy machine: a rival would start beside the attempt that pays for it.
  Expected<void> introduce(Client& client);

  const FinalizedClientConfig& client_config() const { return *client_config_; }
  const Url& url() const { return *url_; }
  Segment begin_segment();

  /// Ends the segment, prints the answer, sends the trace, draws it. Returns the program's exit
  /// code: 1 where a promise was broken, behind a sentence for each.
  int conclude(Segment segment, const Execution& execution,
               std::span<const PromisedAttempt> promised);

 private:
  Stage(Loop& loop, Options options, std::unique_ptr<ScriptedServer> server);
  Expected<void> trust_server();
  Expected<void> reach_daemon();

  Loop& loop_;
  Options options_;
  std::unique_ptr<ScriptedServer> server_;
  Descriptor certificate_;  // a file in memory with what the server's certificate is checked by
  std::optional<Url> url_;
  std::optional<FinalizedClientConfig> client_config_;
  std::shared_ptr<UdpEmitter> emitter_;
  std::optional<Tracer> tracer_;
};

}  // namespace xtrace::examples
