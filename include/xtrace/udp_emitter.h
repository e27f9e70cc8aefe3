#pragma once

/// `UdpEmitter` sends documents to the X-Ray daemon, one datagram each, and loses nothing that it
/// can keep: it asks how much room the daemon's socket has, and keeps the rest until there is some.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <xtrace/clock.h>
#include <xtrace/daemon_address.h>
#include <xtrace/emitter.h>

namespace xtrace {

/// What became of the last datagram. `unsent`: it is still queued or was dropped (see
/// `EmitterStats`).
enum class Delivery : std::uint8_t { sent, refused, unsent };

/// How a `UdpEmitter` keeps from flooding the daemon's socket buffer, which is small and overflows
/// in silence. `automatic`: asks the kernel how full the receiving socket is where it is on this
/// host (Linux, `NETLINK_SOCK_DIAG`), else as `paced`. `paced`: a token bucket. `off`: neither.
enum class FlowControl : std::uint8_t { automatic, paced, off };

struct UdpEmitterOptions {
  /// Bytes of datagrams kept until they can be sent; when there are more, the oldest go.
  std::size_t queue_bytes = 8U << 20U;
  FlowControl flow_control = FlowControl::automatic;
  std::uint32_t paced_burst = 64;     ///< Datagrams that may go at once where paced,
  std::uint32_t paced_rate = 20'000;  ///< and then so many a second.
  /// How long a datagram may wait for company. Zero: every `emit` sends what it can at once.
  Duration max_delay = std::chrono::milliseconds(5);
  /// How often a host name is looked up again.
  Duration resolve_interval = std::chrono::seconds(60);
  /// How long documents are kept for a daemon that is not there, before they count as refused.
  Duration absent_patience = std::chrono::seconds(10);
  /// How long destruction goes on sending, where a daemon is there to take it.
  Duration close_limit = std::chrono::seconds(1);
};

/// One datagram per document on a connected, non-blocking socket; no event loop.
///
/// `emit` copies the documents into a bounded queue and returns. Whoever fills a batch (64
/// datagrams or 256 KiB) sends it, in one system call; what is left after `max_delay`, or what the
/// receiver has no room for yet, is sent by a thread of the emitter's own, which is started when it
/// is first needed. That thread also looks up host names, so that a dead resolver holds nobody up.
///
/// When nobody listens, the kernel says so after the fact: on this host at once, and what came back
/// is still queued; from another host later, and for some datagrams only. The emitter then keeps
/// what it has (`absent_patience`) and tries again with one datagram at a time, every 50 to 500 ms
/// and every 1.1 s on another host, until one gets through.
///
/// After `fork`, a child's emitter has an empty queue, zeroed stats and a socket of its own, unless
/// the socket was handed over; what was queued stays the parent's.
class UdpEmitter final : public Emitter {
 public:
  UdpEmitter(const UdpEmitter&) = delete;
  UdpEmitter& operator=(const UdpEmitter&) = delete;
  /// Sends what is queued, for `close_limit` at most; what is left then is counted and lost.
  ~UdpEmitter() override;

  void flush() override;
  bool drain(Duration limit) override;
  EmitterStats stats() const override;
  std::optional<Error> last_error() const override;

  /// Sends what is queued, waits up to `limit` for that and for word that nobody listens, and tells
  /// what became of the last datagram. On loopback that word is there when the datagram is sent.
  /// Silence means `sent`: UDP is never acknowledged.
  Delivery confirm(Duration limit);

  /// True from a refusal until a datagram gets through.
  bool is_daemon_absent() const;
  /// `127.0.0.1:2000`: the address in use; the endpoint as given while its name is not resolved.
  std::string peer() const;

 private:
  struct State;
  friend std::unique_ptr<UdpEmitter> make_udp_emitter(const DaemonEndpoint& endpoint,
                                                      const UdpEmitterOptions& options);
  friend std::unique_ptr<UdpEmitter> make_udp_emitter_on(int descriptor, std::string_view peer,
                                                         const UdpEmitterOptions& options);

  explicit UdpEmitter(std::unique_ptr<State> state);
  void take(std::span<const std::string> documents, const DocumentCounts& built) override;

  std::unique_ptr<State> state_;
};

/// Never waits and never fails: a name is looked up in the background, now, every
/// `resolve_interval`, and after a refusal; the last good address stays in use until there is a
/// better one. What cannot be reached is told by `stats()` and `last_error()`.
std::unique_ptr<UdpEmitter> make_udp_emitter(const DaemonEndpoint& endpoint,
                                             const UdpEmitterOptions& options = {});

/// An emitter on a datagram socket that is connected already (UDP or Unix), which it then owns.
/// `peer` is its name in messages.
std::unique_ptr<UdpEmitter> make_udp_emitter_on(int descriptor, std::string_view peer,
                                                const UdpEmitterOptions& options = {});

}  // namespace xtrace
