#include "microservices/daemon_stand_in.h"

#include <algorithm>
#include <cerrno>
#include <string_view>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include "base/system_reason.h"
#include "xray/connect_udp.h"

namespace xtrace::examples {

Expected<std::unique_ptr<DaemonStandIn>> DaemonStandIn::start(
    const std::optional<DaemonEndpoint>& beyond) {
  std::unique_ptr<DaemonStandIn> daemon(new DaemonStandIn);
  daemon->socket_ = Descriptor(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  if (bind(daemon->socket_.get(), generic, length) != 0 ||
      getsockname(daemon->socket_.get(), generic, &length) != 0) {
    return Error{Error::Code::system, Phase::none, "bind a UDP port: " + system_reason(errno)};
  }
  if (beyond) {
    const auto addresses = look_up_host(*beyond);
    if (const auto* error = addresses.if_error()) return *error;
    const auto connected = connect_udp(*beyond, addresses->front());
    if (const auto* error = connected.if_error()) return *error;
    daemon->beyond_ = Descriptor(*connected);
  }
  daemon->address_ = "127.0.0.1:" + std::to_string(ntohs(address.sin_port));
  return daemon;
}

TraceTree DaemonStandIn::wait_for(const std::string& trace_id, std::size_t segments,
                                  Duration limit) {
  const Tick deadline = now().tick + limit;
  const auto is_wanted = [&trace_id](const TraceDocument& document) {
    return document.trace_id == trace_id && document.node.is_segment;
  };
  while (static_cast<std::size_t>(std::ranges::count_if(documents_, is_wanted)) < segments) {
    if (!receive(deadline)) break;
  }
  return make_tree(documents_, trace_id);
}

bool DaemonStandIn::receive(Tick deadline) {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - now().tick).count();
  pollfd watched = {.fd = socket_.get(), .events = POLLIN, .revents = 0};
  if (left <= 0 || poll(&watched, 1, static_cast<int>(left)) == 0) return false;
  constexpr std::size_t kLargest = 65536;
  std::string datagram(kLargest, '\0');
  const ssize_t got = recv(socket_.get(), datagram.data(), datagram.size(), 0);
  if (got <= 0) return true;
  datagram.resize(static_cast<std::size_t>(got));
  // Whether anybody is there is no concern of the demonstration's.
  if (beyond_.get() >= 0) send(beyond_.get(), datagram.data(), datagram.size(), MSG_NOSIGNAL);
  if (auto document = parse_datagram(datagram)) documents_.push_back(*std::move(document));
  return true;
}

}  // namespace xtrace::examples
