#include "xray/connect_udp.h"

#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <memory>

#include <netdb.h>
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

/// What getaddrinfo(3) returns.
int ask(const DaemonEndpoint& endpoint, int flags, AddressList& list) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_DGRAM;
  hints.ai_flags = AI_NUMERICSERV | flags;
  addrinfo* found = nullptr;
  const int status =
      ::getaddrinfo(endpoint.host.c_str(), std::to_string(endpoint.port).c_str(), &hints, &found);
  if (status == 0) list.reset(found);
  return status;
}

const sockaddr* generic(const UdpAddress& address) {
  const void* storage = &address.storage;
  return static_cast<const sockaddr*>(storage);
}

}  // namespace

std::string UdpAddress::to_string() const {
  std::array<char, NI_MAXHOST> host{};
  std::array<char, NI_MAXSERV> port{};
  const int result = ::getnameinfo(generic(*this), size, host.data(), host.size(), port.data(),
                                   port.size(), NI_NUMERICHOST | NI_NUMERICSERV);
  if (result != 0) return {};
  DaemonEndpoint numeric{.host = host.data(), .port = 0};
  const std::string_view digits{port.data()};
  std::from_chars(digits.data(), digits.data() + digits.size(), numeric.port);
  return numeric.to_string();
}

bool operator==(const UdpAddress& left, const UdpAddress& right) {
  return left.size == right.size && std::memcmp(&left.storage, &right.storage, left.size) == 0;
}

bool is_numeric(const DaemonEndpoint& endpoint) {
  AddressList unused;
  return ask(endpoint, AI_NUMERICHOST, unused) == 0;
}

Expected<UdpAddresses> look_up_host(const DaemonEndpoint& endpoint) {
  AddressList list;
  const int status = ask(endpoint, 0, list);
  if (status != 0) return failure(endpoint, "look the host up", lookup_reason(status, errno));
  UdpAddresses addresses;
  for (const int family : {AF_INET, AF_INET6}) {
    for (const addrinfo* at = list.get(); at != nullptr; at = at->ai_next) {
      if (at->ai_family != family) continue;
      UdpAddress& address = addresses.emplace_back();
      std::memcpy(&address.storage, at->ai_addr, at->ai_addrlen);
      address.size = at->ai_addrlen;
    }
  }
  if (addresses.empty()) {
    return failure(endpoint, "look the host up", lookup_reason(EAI_ADDRFAMILY, 0));
  }
  return addresses;
}

Expected<int> connect_udp(const DaemonEndpoint& endpoint, const UdpAddress& address) {
  const int descriptor =
      ::socket(address.storage.ss_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_UDP);
  if (descriptor < 0) return failure(endpoint, "make a socket", system_reason(errno));
  if (::connect(descriptor, generic(address), address.size) == 0) return descriptor;
  const int reason = errno;
  ::close(descriptor);
  return failure(endpoint, "connect", system_reason(reason));
}

bool answers_at_once(int descriptor) {
  sockaddr_storage storage{};
  socklen_t size = sizeof storage;
  void* address = &storage;
  if (::getpeername(descriptor, static_cast<sockaddr*>(address), &size) != 0) return false;
  if (storage.ss_family == AF_INET) {
    return ntohl(static_cast<sockaddr_in*>(address)->sin_addr.s_addr) >> 24U == 127;
  }
  if (storage.ss_family != AF_INET6) return storage.ss_family == AF_UNIX;
  const in6_addr& ipv6 = static_cast<sockaddr_in6*>(address)->sin6_addr;
  return IN6_IS_ADDR_LOOPBACK(&ipv6) || (IN6_IS_ADDR_V4MAPPED(&ipv6) && ipv6.s6_addr[12] == 127);
}

}  // namespace xtrace
