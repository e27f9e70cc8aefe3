#pragma once

/// `ReliableFixture` is what every test of a `ReliableEmitter` needs: a scripted daemon on the loop
/// of the test, and the emitter, which works on a thread of its own.

#include <memory>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <xtrace/reliable_emitter.h>

#include "daemon_host.h"
#include "support/scripted_server.h"
#include "support/test_loop.h"

namespace xtrace::testing {

inline bool is_balanced(const EmitterStats& stats) {
  return stats.documents == stats.sent + stats.queued + stats.refused + stats.rejected +
                                stats.dropped_queue_full + stats.dropped_too_large +
                                stats.dropped_error + stats.dropped_at_close;
}

struct ReliableFixture {
  TestLoop loop;
  ScriptedServer server{loop};
  ReliableEmitterOptions options{.first_retry = std::chrono::milliseconds(1),
                                 .longest_retry = std::chrono::milliseconds(4)};
  std::unique_ptr<ReliableEmitter> emitter;

  void make() { make_for(endpoint_of(server)); }
  void make_for(const DaemonEndpoint& endpoint) {
    emitter = make_reliable_emitter(endpoint, options);
  }

  void emit(const std::vector<std::string>& documents) { emitter->emit(documents); }

  /// Until nothing is queued; the numbers add up all the while.
  void run_until_settled() {
    loop.run_until_threads([this] {
      const EmitterStats stats = emitter->stats();
      CHECK(is_balanced(stats));
      return stats.queued == 0;
    });
  }
};

}  // namespace xtrace::testing
