#pragma once

/// Takes datagrams from the ledger to the daemon, as many as it takes now, and finds out whether
/// and where it is there.
///
/// One thread at a time calls; only `mutex`, which guards the ledger, is taken inside, and never
/// across a system call.

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string_view>

#include <xtrace/clock.h>
#include <xtrace/udp_emitter.h>

#include "xray/address_keeper.h"
#include "xray/emit_ledger.h"
#include "xray/udp_route.h"

namespace xtrace {

/// The clock of everything that is due, for it is read more often than the wall's.
inline Tick tick_now() {
  return std::chrono::steady_clock::now();
}

class UdpPump {
 public:
  /// How many batches one holds the pump for, before others may have it.
  static constexpr std::size_t kTurn = 16;

  enum class State : std::uint8_t {
    drained,  ///< Nothing is left.
    waiting,  ///< It is of no use to go on before `until`; `Tick::max()`: before there is news.
    more,     ///< So many batches were sent as were asked for.
  };
  struct Result {
    State state = State::drained;
    Tick until{};
  };

  UdpPump(std::mutex& mutex, EmitLedger& ledger, const UdpEmitterOptions& options);
  UdpPump(const UdpPump&) = delete;
  UdpPump& operator=(const UdpPump&) = delete;
  ~UdpPump();

  /// Where to send: to an endpoint, or on a connected socket, which is then owned. One of these
  /// comes before anything else.
  void aim(const DaemonEndpoint& endpoint, LookUpHost look_up, std::function<void()> on_news);
  void aim(int descriptor);

  /// Sends batches, `most` of them at most.
  Result run(std::size_t most);
  /// When the name wants to be looked up again, whatever there is to send.
  Tick next_refresh() const;
  std::optional<std::uint64_t> receiver_drops();

  /// Another descriptor of the socket, which the caller closes, where a refusal of what was sent
  /// takes its time; -1 where it is known already.
  int descriptor_to_watch() const;

  /// Forgets the lookup under way, so that `on_news` runs no more.
  void end_lookups() { keeper_.reset(); }
  /// Around a fork; in a child `begin_anew` makes a socket of its own the next.
  void lock();
  void unlock();
  void begin_anew();

 private:
  using Batch = std::span<const std::string_view>;

  static constexpr Duration kShortestAbsence = std::chrono::milliseconds(50);

  std::optional<Tick> find_route(Tick now);
  void read_news(const Expected<UdpAddresses>& news, Tick now);
  void adopt(const UdpAddresses& addresses);
  bool connect();
  void drop_route();
  std::optional<Tick> judge_trial(Tick now);
  std::optional<Tick> read_returned(Tick now);
  std::optional<Tick> send(Batch batch, Tick now);
  std::optional<Tick> send_allowed(Batch batch, Allowance::Listener listener, Tick now);
  std::optional<Tick> try_first(std::string_view datagram, Tick now);
  std::optional<Tick> book_failure(std::size_t taken, int code, Tick now);
  std::optional<Tick> book_returned(int code, Tick now);
  std::optional<Tick> begin_absence(Absence absence, Tick now);
  void end_absence();
  void refuse_sent(std::size_t count);
  void settle(std::size_t sent);
  Result wait(Tick until, Tick now);
  std::uint64_t new_calls();

  std::mutex& mutex_;
  EmitLedger& ledger_;
  const UdpEmitterOptions options_;
  std::unique_ptr<AddressKeeper> keeper_{};  // none where a connected socket was given
  UdpAddresses addresses_{};
  std::size_t at_ = 0;     // the address in use
  std::size_t tried_ = 0;  // how many addresses in a row did not answer
  std::unique_ptr<UdpRoute> route_{};
  std::uint64_t calls_seen_ = 0;
  bool is_absent_ = false;
  Duration absent_pause_ = kShortestAbsence;
  Tick tried_at_{};
  std::optional<Tick> trial_ends_{};  // a datagram is out, and may come back until then
  std::array<std::string_view, EmitLedger::kBatch> batch_{};
};

}  // namespace xtrace
