#include <algorithm>
#include <cerrno>
#include <memory>
#include <utility>

#include <netdb.h>

#include "base/system_reason.h"
#include "net/sockaddr.h"
#include "net/system_resolver.h"

namespace xtrace {

namespace {

Error::Code lookup_code(int status) {
  switch (status) {
    case EAI_NONAME:
    case EAI_NODATA:
    case EAI_ADDRFAMILY:
      return Error::Code::dns_not_found;
    case EAI_AGAIN:
      return Error::Code::dns_temporary;
    default:
      return Error::Code::dns_failed;
  }
}

Error lookup_error(const std::string& host, int status, int error_number) {
  return {lookup_code(status), Phase::dns,
          "resolve " + host + ": " + lookup_reason(status, error_number)};
}

int native_family(FamilyWanted family) {
  switch (family) {
    case FamilyWanted::ipv4:
      return AF_INET;
    case FamilyWanted::ipv6:
      return AF_INET6;
    case FamilyWanted::any:
      break;
  }
  return AF_UNSPEC;
}

}  // namespace

Expected<std::vector<Address>> look_up_name(const ResolveRequest& request) {
  // C would ask for the part before the zero byte: another name.
  if (request.host.find('\0') != std::string::npos)
    return lookup_error(request.host, EAI_NONAME, 0);

  addrinfo hints{};
  hints.ai_family = native_family(request.family);
  hints.ai_socktype = SOCK_STREAM;
  // No AI_ADDRCONFIG: glibc does not count loopback addresses as configured ones, so on a host
  // without IPv6 it hides a name that /etc/hosts gives to ::1, and in a namespace with nothing but
  // loopback everything. What it would save, the second question, travels beside the first; and
  // glibc sorts addresses without a route to the end.
  addrinfo* list = nullptr;
  const int status = getaddrinfo(request.host.c_str(), nullptr, &hints, &list);
  if (status != 0) return lookup_error(request.host, status, errno);

  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> owned(list, freeaddrinfo);
  std::vector<Address> addresses;
  for (const addrinfo* entry = list; entry != nullptr; entry = entry->ai_next) {
    const Address address = from_sockaddr(entry->ai_addr).with_port(request.port);
    if (!address.is_set() || std::ranges::find(addresses, address) != addresses.end()) continue;
    addresses.push_back(address);
  }
  if (addresses.empty()) return lookup_error(request.host, EAI_NODATA, 0);
  return addresses;
}

}  // namespace xtrace
