#pragma once

/// `UdpReceiver` takes datagrams as the X-Ray daemon does, as fast as the kernel gives them.
///
/// A thread of its own reads the socket into a ring of memory, so that nothing the loop does holds
/// it up; the loop is woken and takes what is there, in slices. The socket's buffer is raised as
/// far as the system allows, and where the ring is full it takes the rest: only there is anything
/// lost, and that is counted (SO_RXQ_OVFL), as are datagrams whose header the daemon would not
/// take.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include <xtrace/address.h>
#include <xtrace/clock.h>
#include <xtrace/expected.h>
#include <xtrace/loop.h>

namespace xtrace::collect {

struct UdpReceiverConfig {
  /// Port 0 takes a free one.
  Address address = Address::from_ipv4({127, 0, 0, 1}, 2000);
  /// Wanted of the kernel; what was got is in the stats.
  std::size_t socket_buffer = std::size_t{64} << 20U;
  /// Between the thread and the loop.
  std::size_t ring_bytes = std::size_t{8} << 20U;
};

struct UdpReceiverStats {
  std::uint64_t datagrams = 0;
  std::uint64_t bytes = 0;
  std::uint64_t empty = 0;            ///< Of no length: the daemon passes over them, and so do we.
  std::uint64_t rejected_header = 0;  ///< No line feed, nothing behind it, or another header.
  std::uint64_t kernel_drops = 0;
  std::size_t socket_buffer = 0;  ///< Bytes, as the kernel accounts them.
};

class UdpReceiver {
 public:
  /// Gets each document on the loop's thread, valid until it returns.
  using Take = std::function<void(std::string_view document, WallTime received)>;

  /// Errors: `listen_failed`, naming the address, the reason, and where the system tells, the
  /// process that holds it.
  static Expected<std::unique_ptr<UdpReceiver>> listen(Loop& loop, const UdpReceiverConfig& config,
                                                       Take take);
  UdpReceiver(const UdpReceiver&) = delete;
  UdpReceiver& operator=(const UdpReceiver&) = delete;
  /// Ends the thread. What is in the ring is not taken any more: see `drain`.
  ~UdpReceiver();

  const Address& address() const;
  /// Takes everything that has arrived, the kernel's buffer included, before it returns. Not from
  /// inside `Take`.
  void drain();
  UdpReceiverStats stats() const;

 private:
  struct Impl;
  explicit UdpReceiver(std::unique_ptr<Impl> impl);

  std::unique_ptr<Impl> impl_;
};

/// `held by nginx (pid 1234)` for a port of this host, or empty where the system does not tell.
std::string holder_of_port(const Address& address, bool is_udp);

}  // namespace xtrace::collect
