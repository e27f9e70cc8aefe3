#include "bare_sender.h"

#include <algorithm>
#include <vector>

#include <netinet/in.h>
#include <sys/socket.h>

#include "measure.h"
#include "xray/receiver_probe.h"

namespace xtrace::bench {

namespace {

int connect_to(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const void* generic = &address;
  const int descriptor = ::socket(AF_INET, SOCK_DGRAM, 0);
  require(::connect(descriptor, static_cast<const sockaddr*>(generic), sizeof address) == 0,
          "connect");
  return descriptor;
}

constexpr std::size_t kLook = 32;  // datagrams between looks at the receiver

/// Until the receiver has room for the next datagrams; what that cost.
std::int64_t wait_for_room(ReceiverProbe& probe, std::size_t size, std::size_t count) {
  const std::int64_t began = cpu_nanoseconds();
  ReceiverRoom room;
  do {
    require(probe.ask(room) == ReceiverProbe::Answer::room, "ask for room");
  } while (room.used + count * truesize_of(size) > room.size);
  return cpu_nanoseconds() - began;
}

}  // namespace

void send_bare(const BareSide& settings, std::string_view datagram) {
  const int descriptor = connect_to(settings.port);
  ReceiverProbe probe(descriptor);
  std::vector<char> bytes(datagram.begin(), datagram.end());
  iovec part{bytes.data(), bytes.size()};
  std::vector<mmsghdr> messages(settings.at_once);
  for (mmsghdr& message : messages) {
    message.msg_hdr.msg_iov = &part;
    message.msg_hdr.msg_iovlen = 1;
  }
  work_on_order([&] {
    Done done;
    while (done.count < settings.datagrams) {
      if (settings.waits_for_room && done.count % kLook == 0) {
        done.idle_cpu += wait_for_room(probe, bytes.size(), std::max(kLook, settings.at_once));
      }
      const std::size_t count = std::min(settings.at_once, settings.datagrams - done.count);
      const ssize_t taken =
          settings.at_once == 1
              ? (::send(descriptor, bytes.data(), bytes.size(), MSG_DONTWAIT) < 0 ? -1 : 1)
              : ::sendmmsg(descriptor, messages.data(), static_cast<unsigned>(count), MSG_DONTWAIT);
      require(taken > 0, "send");
      done.count += static_cast<std::size_t>(taken);
    }
    return done;
  });
}

}  // namespace xtrace::bench
