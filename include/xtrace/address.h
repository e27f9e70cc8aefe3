#pragma once

/// `Address` is where a socket connects to: an IPv4 or IPv6 address with a port, or the path of a
/// Unix socket.
///
/// A value without system headers; `net/sockaddr.h` converts it for the kernel.

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include <xtrace/expected.h>

namespace xtrace {

class Address {
 public:
  enum class Family : std::uint8_t { none, ipv4, ipv6, local };

  /// No address: `is_set()` is false and it prints as an empty string.
  Address() = default;

  /// Network byte order, as in the packet.
  static Address from_ipv4(std::array<std::uint8_t, 4> bytes, std::uint16_t port);
  static Address from_ipv6(std::array<std::uint8_t, 16> bytes, std::uint16_t port,
                           std::uint32_t scope_id = 0);
  /// The path of a Unix socket; a leading `@` means Linux' abstract namespace. Fails with
  /// `invalid_address` past 107 bytes, for an empty path and for one with a NUL.
  static Expected<Address> from_path(std::string_view path);

  /// An IP literal (`127.0.0.1`, `::1`, `[::1]`, `fe80::1%eth0`), never a name. Fails with
  /// `invalid_address`.
  static Expected<Address> from_ip(std::string_view literal, std::uint16_t port);

  /// The same IP address with another port; a path stays as it is.
  Address with_port(std::uint16_t port) const;

  bool is_set() const { return family_ != Family::none; }
  Family family() const { return family_; }
  std::uint16_t port() const { return port_; }
  std::uint32_t scope_id() const { return scope_id_; }
  /// Network byte order; meaningful for an address of that family only.
  std::array<std::uint8_t, 4> ipv4() const;
  std::array<std::uint8_t, 16> ipv6() const;
  /// Empty where this is no Unix socket. Valid as long as the address.
  std::string_view path() const;
  /// 127.0.0.0/8 (IPv4-mapped too), `::1`, or a Unix socket: the peer is on this host.
  bool is_loopback() const;

  /// `203.0.113.7:443`, `[2001:db8::5]:443`, `unix:/run/x.sock`.
  std::string to_string() const;
  /// Without the port: `203.0.113.7`, `2001:db8::5`, `unix:/run/x.sock`.
  std::string host() const;
  /// httptrace's network names: `tcp4`, `tcp6`, `unix`; empty where there is no address.
  std::string_view network() const;

  friend bool operator==(const Address&, const Address&) = default;

 private:
  static constexpr std::size_t kMaxPath = 107;

  Family family_ = Family::none;
  std::uint16_t port_ = 0;
  std::uint32_t scope_id_ = 0;
  std::uint8_t path_length_ = 0;
  std::array<char, kMaxPath + 1> bytes_{};  // the IP in its first 4 or 16 bytes, or the path
};

}  // namespace xtrace
