#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>
#include <utility>

#include <netdb.h>

#include "net/sockaddr.h"
#include "net/system_error.h"
#include "net/system_resolver.h"

namespace xtrace {

namespace {

struct Failure {
  int status;
  Error::Code code;
  std::string_view name;
  std::string_view reason;  // gai_strerror speaks the user's language, which messages must not
};

using enum Error::Code;
constexpr auto kFailures = std::to_array<Failure>({
    {EAI_NONAME, dns_not_found, "EAI_NONAME", "name or service not known"},
    {EAI_NODATA, dns_not_found, "EAI_NODATA", "no address associated with the name"},
    {EAI_ADDRFAMILY, dns_not_found, "EAI_ADDRFAMILY", "no address of the wanted family"},
    {EAI_AGAIN, dns_temporary, "EAI_AGAIN", "temporary failure in name resolution"},
    {EAI_FAIL, dns_failed, "EAI_FAIL", "non-recoverable failure in name resolution"},
    {EAI_MEMORY, dns_failed, "EAI_MEMORY", "out of memory"},
    {EAI_FAMILY, dns_failed, "EAI_FAMILY", "address family not supported"},
    {EAI_OVERFLOW, dns_failed, "EAI_OVERFLOW", "the name is too long"},
});

Error lookup_error(const std::string& host, int status, int error_number) {
  if (status == EAI_SYSTEM) {
    return {dns_failed, Phase::dns, system_message("resolve", host, error_number)};
  }
  for (const Failure& failure : kFailures) {
    if (failure.status != status) continue;
    return {failure.code, Phase::dns,
            "resolve " + host + ": " + std::string(failure.reason) + " (" +
                std::string(failure.name) + ")"};
  }
  return {dns_failed, Phase::dns,
          "resolve " + host + ": getaddrinfo failed (" + std::to_string(status) + ")"};
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
