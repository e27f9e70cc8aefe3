#include "xray/connect_udp.h"

#include <array>
#include <cerrno>
#include <charconv>
#include <memory>

#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/system_reason.h"

namespace xtrace {

namespace {

struct FreeAddresses {
  void operator()(addrinfo* list) const { ::freeaddrinfo(list); }
};
using AddressList = std::unique_ptr<addrinfo, FreeAddresses>;

Error failure(const DaemonEndpoint& endpoint, std::string_view deed, std::string_view reason) {
  std::string message = "emit to ";
  message += endpoint.to_string();
  message += ": ";
  message += deed;
  message += ": ";
  message += reason;
  return {Error::Code::emit_failed, Phase::none, std::move(message)};
}

std::string print_address(const addrinfo& address) {
  std::array<char, NI_MAXHOST> host{};
  std::array<char, NI_MAXSERV> port{};
  const int result = ::getnameinfo(address.ai_addr, address.ai_addrlen, host.data(), host.size(),
                                   port.data(), port.size(), NI_NUMERICHOST | NI_NUMERICSERV);
  if (result != 0) return {};
  DaemonEndpoint numeric{.host = host.data(), .port = 0};
  const std::string_view digits{port.data()};
  std::from_chars(digits.data(), digits.data() + digits.size(), numeric.port);
  return numeric.to_string();
}

/// -1 and `errno` where it does not work.
int connect_to(const addrinfo& address) {
  const int descriptor =
      ::socket(address.ai_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, address.ai_protocol);
  if (descriptor < 0) return -1;
  if (::connect(descriptor, address.ai_addr, address.ai_addrlen) == 0) return descriptor;
  const int reason = errno;
  ::close(descriptor);
  errno = reason;
  return -1;
}

Expected<AddressList> look_up(const DaemonEndpoint& endpoint) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_DGRAM;
  hints.ai_flags = AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const int result =
      ::getaddrinfo(endpoint.host.c_str(), std::to_string(endpoint.port).c_str(), &hints, &found);
  if (result == 0) return AddressList{found};
  return failure(endpoint, "look the host up", lookup_reason(result, errno));
}

}  // namespace

Expected<ConnectedUdp> connect_udp(const DaemonEndpoint& endpoint) {
  const Expected<AddressList> addresses = look_up(endpoint);
  if (const Error* error = addresses.if_error()) return *error;
  int reason = 0;
  for (const int family : {AF_INET, AF_INET6}) {
    for (const addrinfo* at = addresses.value().get(); at != nullptr; at = at->ai_next) {
      if (at->ai_family != family) continue;
      const int descriptor = connect_to(*at);
      if (descriptor >= 0) return ConnectedUdp{descriptor, print_address(*at)};
      reason = errno;
    }
  }
  return failure(endpoint, "connect", system_reason(reason));
}

}  // namespace xtrace
