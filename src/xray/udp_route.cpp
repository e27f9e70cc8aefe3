#include "xray/udp_route.h"

#include <utility>

#include <sys/socket.h>
#include <unistd.h>

#include "xray/socket_ends.h"

namespace xtrace {

namespace {

bool is_peer_here(int descriptor) {
  const std::optional<SocketEnds> ends = ends_of(descriptor);
  return ends && is_on_this_host(*ends);
}

}  // namespace

UdpRoute::UdpRoute(int descriptor, const UdpEmitterOptions& options)
    : descriptor_(descriptor),
      answers_at_once_(is_peer_here(descriptor)),
      gate_(descriptor, options),
      single_(descriptor, false),
      trains_(descriptor, true) {}

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

int UdpRoute::pending_error() {
  int code = 0;
  socklen_t size = sizeof code;
  if (::getsockopt(descriptor_, SOL_SOCKET, SO_ERROR, &code, &size) != 0) return 0;
  return code;
}

int UdpRoute::release_descriptor() {
  return std::exchange(descriptor_, -1);
}

}  // namespace xtrace
