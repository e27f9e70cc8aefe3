#pragma once

/// A `UdpEngine` is all of a `UdpEmitter`: the ledger that any thread fills, the pump that empties
/// it, and who runs the pump when.
///
/// Whoever fills a batch runs the pump once, unless another thread is at it. What that leaves is
/// due at some tick; a thread of the engine's own, started for the first tick that nobody else
/// looks after, sleeps until then. It is woken only for a tick earlier than it knows of, so that in
/// steady traffic it looks up once every `max_delay` and nobody pays for waking it.
///
/// Locks, in the order in which they are taken: `pumping_` (who sends), that of a lookup under way,
/// `starting_` (the thread's existence), `mutex_` (the ledger and the ticks). The last is never
/// held across a system call, and `emit` only ever tries the first.

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <optional>
#include <span>
#include <string>

#include <pthread.h>

#include <xtrace/udp_emitter.h>

#include "base/fork_watch.h"
#include "xray/emit_ledger.h"
#include "xray/udp_pump.h"

namespace xtrace {

class UdpEngine final : private ForkWatch {
 public:
  UdpEngine(const DaemonEndpoint& endpoint, const UdpEmitterOptions& options,
            LookUpHost look_up = look_up_host);
  /// Owns the descriptor.
  UdpEngine(int descriptor, std::string_view peer, const UdpEmitterOptions& options);
  UdpEngine(const UdpEngine&) = delete;
  UdpEngine& operator=(const UdpEngine&) = delete;
  ~UdpEngine() override;

  void take(std::span<const std::string> documents, const DocumentCounts& built);
  void flush();
  bool drain(Duration limit);
  Delivery confirm(Duration limit);
  /// The end of sending; nobody may call anything else meanwhile. What is left counts as dropped.
  void close(Duration limit);

  EmitterStats stats();
  std::optional<Error> last_error();
  bool is_daemon_absent();
  std::string peer();
  /// Whether the engine has a thread of its own now.
  bool has_thread();

 private:
  enum class Giving : std::uint8_t { never, at_absence };

  void before_fork() override;
  void after_fork_in_parent() override;
  void after_fork_in_child() override;

  std::size_t enqueue_some(std::span<const std::string> documents);
  bool may_send() const;
  bool is_pump_due(bool is_all_in) const;
  bool send_inline();
  void run_pump(std::size_t most);
  void finish(const UdpPump::Result& result, std::size_t most);
  bool settle_until(Tick deadline, Giving giving);
  std::uint64_t gone() const;
  bool is_settled(Giving giving) const;
  void watch_for_refusal(Tick deadline);
  Delivery last_delivery();
  void on_news();

  bool schedule();
  void wake_thread();
  void join_thread();
  void run_thread();
  static void* thread_body(void* engine);

  const UdpEmitterOptions options_;

  std::mutex pumping_{};
  std::mutex mutex_{};
  EmitLedger ledger_;
  UdpPump pump_;
  std::condition_variable settled_{};  // for those who wait in settle_until
  unsigned waiting_ = 0;               // how many do
  bool is_blocked_ = false;            // only time or news can help, so emitting threads do not try
  Tick due_ = Tick::max();             // when the pump should run
  Tick refresh_at_ = Tick::max();      // the same for the daemon's name

  std::mutex starting_{};
  pthread_t thread_{};
  bool has_thread_ = false;  // guarded by starting_
  bool is_closing_ = false;  // guarded by mutex_, as the rest
  bool is_alone_ = false;    // no thread could be started
  std::condition_variable wake_{};
  Tick wakes_at_ = Tick::max();  // when the thread looks up by itself; Tick::min(): it is awake
};

}  // namespace xtrace
