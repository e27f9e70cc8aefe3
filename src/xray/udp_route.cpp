#include "xray/udp_route.h"

#include <array>
#include <cerrno>
#include <cstring>
#include <optional>
#include <utility>

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#if defined(__linux__)
#include <linux/errqueue.h>
#endif

#include "xray/socket_ends.h"

namespace xtrace {

namespace {

bool is_peer_here(int descriptor) {
  const std::optional<SocketEnds> ends = ends_of(descriptor);
  return ends && is_on_this_host(*ends);
}

#if defined(__linux__)
/// Has the socket keep each error that comes back, and not the last alone.
void keep_errors(int descriptor) {
  const int on = 1;
  ::setsockopt(descriptor, IPPROTO_IP, IP_RECVERR, &on, sizeof on);
  ::setsockopt(descriptor, IPPROTO_IPV6, IPV6_RECVERR, &on, sizeof on);
}

int code_in(msghdr& message) {
  for (cmsghdr* at = CMSG_FIRSTHDR(&message); at != nullptr; at = CMSG_NXTHDR(&message, at)) {
    const bool is_error = (at->cmsg_level == IPPROTO_IP && at->cmsg_type == IP_RECVERR) ||
                          (at->cmsg_level == IPPROTO_IPV6 && at->cmsg_type == IPV6_RECVERR);
    if (!is_error) continue;
    sock_extended_err error{};
    std::memcpy(&error, CMSG_DATA(at), sizeof error);
    return static_cast<int>(error.ee_errno);
  }
  return 0;
}
#endif

}  // namespace

UdpRoute::UdpRoute(int descriptor, const UdpEmitterOptions& options)
    : descriptor_(descriptor),
      answers_at_once_(is_peer_here(descriptor)),
      gate_(descriptor, options),
      single_(descriptor, false),
      trains_(descriptor, true) {
#if defined(__linux__)
  if (!answers_at_once_) keep_errors(descriptor);
#endif
}

UdpRoute::~UdpRoute() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

SendResult UdpRoute::send(std::span<const std::string_view> datagrams,
                          Allowance::Listener listener) {
  const bool is_known = listener == Allowance::Listener::present;
  const SendResult result = (is_known ? trains_ : single_).send(datagrams);
  gate_.spend(result.taken);
  return result;
}

SendResult UdpRoute::try_one(std::string_view datagram) {
  const SendResult result = single_.send({&datagram, 1});
  gate_.spend(result.taken);
  if (result.taken == 1 && answers_at_once_) gate_.distrust_absence();
  return result;
}

Returned UdpRoute::take_returned() {
  Returned returned;
  if (answers_at_once_) return returned;
#if defined(__linux__)
  alignas(cmsghdr) std::array<char, 512> control;  // NOLINT(*-pro-type-member-init)
  while (true) {
    msghdr message{};
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    if (::recvmsg(descriptor_, &message, MSG_ERRQUEUE | MSG_DONTWAIT) < 0) return returned;
    const int code = code_in(message);
    if (code == 0 || code == EMSGSIZE) continue;
    ++returned.count;
    returned.code = code;
  }
#else
  socklen_t size = sizeof returned.code;
  if (::getsockopt(descriptor_, SOL_SOCKET, SO_ERROR, &returned.code, &size) != 0) return {};
  returned.count = returned.code == 0 ? 0 : 1;
  return returned;
#endif
}

int UdpRoute::release_descriptor() {
  return std::exchange(descriptor_, -1);
}

}  // namespace xtrace
