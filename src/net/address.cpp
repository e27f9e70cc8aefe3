#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <cstring>

#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/un.h>

#include <xtrace/address.h>

#include "net/sockaddr.h"

namespace xtrace {

namespace {

constexpr std::size_t kLongestLiteral = INET6_ADDRSTRLEN + IF_NAMESIZE;

template <std::size_t kSize>
std::array<std::uint8_t, kSize> copy_bytes(const void* from) {
  std::array<std::uint8_t, kSize> bytes{};
  std::memcpy(bytes.data(), from, kSize);
  return bytes;
}

Error not_an_ip(std::string_view literal) {
  return {Error::Code::invalid_address, Phase::none,
          "\"" + std::string(literal) + "\" is not an IP address"};
}

template <class Native>
sockaddr_storage to_storage(const Native& native) {
  sockaddr_storage storage{};
  std::memcpy(&storage, &native, sizeof native);
  return storage;
}

std::uint32_t parse_scope(const std::string& text) {
  const bool is_number =
      !text.empty() && text.size() < 10 &&
      std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
  return is_number ? static_cast<std::uint32_t>(std::stoul(text)) : if_nametoindex(text.c_str());
}

// inet_ntop takes sprintf for this, and every traced request names two addresses.
std::string dotted(const char* bytes) {
  std::string text;
  std::array<char, 3> number{};
  for (std::size_t i = 0; i < 4; ++i) {
    if (i > 0) text += '.';
    const auto byte = static_cast<std::uint8_t>(bytes[i]);
    const char* const end = std::to_chars(number.data(), number.data() + number.size(), byte).ptr;
    text.append(number.data(), static_cast<std::size_t>(end - number.data()));
  }
  return text;
}

}  // namespace

Address Address::from_ipv4(std::array<std::uint8_t, 4> bytes, std::uint16_t port) {
  Address address;
  address.family_ = Family::ipv4;
  address.port_ = port;
  std::memcpy(address.bytes_.data(), bytes.data(), bytes.size());
  return address;
}

Address Address::from_ipv6(std::array<std::uint8_t, 16> bytes, std::uint16_t port,
                           std::uint32_t scope_id) {
  Address address;
  address.family_ = Family::ipv6;
  address.port_ = port;
  address.scope_id_ = scope_id;
  std::memcpy(address.bytes_.data(), bytes.data(), bytes.size());
  return address;
}

Expected<Address> Address::from_path(std::string_view path) {
  if (path.empty() || path.size() > kMaxPath || path.find('\0') != std::string_view::npos) {
    return Error{Error::Code::invalid_address, Phase::none,
                 "\"" + std::string(path) + "\" is not a socket path of 1 to 107 bytes"};
  }
  Address address;
  address.family_ = Family::local;
  address.path_length_ = static_cast<std::uint8_t>(path.size());
  std::memcpy(address.bytes_.data(), path.data(), path.size());
  return address;
}

Expected<Address> Address::from_ip(std::string_view literal, std::uint16_t port) {
  const bool in_brackets = literal.size() > 2 && literal.front() == '[' && literal.back() == ']';
  const std::string_view bare = in_brackets ? literal.substr(1, literal.size() - 2) : literal;
  std::array<char, kLongestLiteral + 1> text{};  // C wants a terminator, which a view has not
  if (bare.size() > kLongestLiteral || bare.find('\0') != std::string_view::npos) {
    return not_an_ip(literal);
  }
  bare.copy(text.data(), bare.size());

  in_addr v4{};
  if (!in_brackets && inet_pton(AF_INET, text.data(), &v4) == 1) {
    return from_ipv4(copy_bytes<4>(&v4), port);
  }

  std::uint32_t scope = 0;
  if (const auto percent = bare.find('%'); percent != std::string_view::npos) {
    scope = parse_scope(std::string(bare.substr(percent + 1)));
    if (scope == 0) return not_an_ip(literal);
    text[percent] = '\0';
  }
  in6_addr v6{};
  if (inet_pton(AF_INET6, text.data(), &v6) != 1) return not_an_ip(literal);
  return from_ipv6(copy_bytes<16>(&v6), port, scope);
}

Address Address::with_port(std::uint16_t port) const {
  Address address = *this;
  if (family_ == Family::ipv4 || family_ == Family::ipv6) address.port_ = port;
  return address;
}

std::array<std::uint8_t, 4> Address::ipv4() const {
  return copy_bytes<4>(bytes_.data());
}

std::array<std::uint8_t, 16> Address::ipv6() const {
  return copy_bytes<16>(bytes_.data());
}

std::string_view Address::path() const {
  return family_ == Family::local ? std::string_view(bytes_.data(), path_length_)
                                  : std::string_view();
}

bool Address::is_loopback() const {
  switch (family_) {
    case Family::ipv4:
      return ipv4()[0] == 127;
    case Family::ipv6: {
      const auto bytes = ipv6();
      in6_addr v6{};
      std::memcpy(&v6, bytes.data(), bytes.size());
      return IN6_IS_ADDR_LOOPBACK(&v6) || (IN6_IS_ADDR_V4MAPPED(&v6) && bytes[12] == 127);
    }
    default:
      return family_ == Family::local;
  }
}

std::string Address::to_string() const {
  switch (family_) {
    case Family::ipv4:
      return host() + ":" + std::to_string(port_);
    case Family::ipv6:
      return "[" + host() + "]:" + std::to_string(port_);
    default:
      return host();
  }
}

std::string Address::host() const {
  std::array<char, INET6_ADDRSTRLEN> text{};
  switch (family_) {
    case Family::ipv4:
      return dotted(bytes_.data());
    case Family::ipv6: {
      std::string host = inet_ntop(AF_INET6, bytes_.data(), text.data(), text.size());
      if (scope_id_ != 0) host += "%" + std::to_string(scope_id_);
      return host;
    }
    case Family::local:
      return "unix:" + std::string(path());
    case Family::none:
      break;
  }
  return {};
}

std::string_view Address::network() const {
  switch (family_) {
    case Family::ipv4:
      return "tcp4";
    case Family::ipv6:
      return "tcp6";
    case Family::local:
      return "unix";
    case Family::none:
      break;
  }
  return {};
}

sockaddr_storage to_sockaddr(const Address& address) {
  switch (address.family()) {
    case Address::Family::ipv4: {
      sockaddr_in v4{};
      v4.sin_family = AF_INET;
      v4.sin_port = htons(address.port());
      std::memcpy(&v4.sin_addr, address.ipv4().data(), 4);
      return to_storage(v4);
    }
    case Address::Family::ipv6: {
      sockaddr_in6 v6{};
      v6.sin6_family = AF_INET6;
      v6.sin6_port = htons(address.port());
      v6.sin6_scope_id = address.scope_id();
      std::memcpy(&v6.sin6_addr, address.ipv6().data(), 16);
      return to_storage(v6);
    }
    case Address::Family::local: {
      sockaddr_un local{};
      local.sun_family = AF_UNIX;
      address.path().copy(local.sun_path, sizeof local.sun_path - 1);
      if (local.sun_path[0] == '@') local.sun_path[0] = '\0';
      return to_storage(local);
    }
    case Address::Family::none:
      break;
  }
  return {};
}

socklen_t sockaddr_length(const Address& address) {
  switch (address.family()) {
    case Address::Family::ipv4:
      return sizeof(sockaddr_in);
    case Address::Family::ipv6:
      return sizeof(sockaddr_in6);
    case Address::Family::local: {
      const std::size_t terminator = address.path().front() == '@' ? 0 : 1;
      return static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + address.path().size() +
                                    terminator);
    }
    case Address::Family::none:
      break;
  }
  return 0;
}

Address from_sockaddr(const sockaddr* address) {
  if (address->sa_family == AF_INET) {
    sockaddr_in v4{};
    std::memcpy(&v4, address, sizeof v4);
    return Address::from_ipv4(copy_bytes<4>(&v4.sin_addr), ntohs(v4.sin_port));
  }
  if (address->sa_family == AF_INET6) {
    sockaddr_in6 v6{};
    std::memcpy(&v6, address, sizeof v6);
    return Address::from_ipv6(copy_bytes<16>(&v6.sin6_addr), ntohs(v6.sin6_port), v6.sin6_scope_id);
  }
  return {};
}

}  // namespace xtrace
