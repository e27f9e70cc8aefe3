#pragma once

/// Plain sockets for tests, and two kinds of address that never connect: `SilentAddress` and
/// `RefusingAddress`.

#include <vector>

#include <xtrace/address.h>

#include "net/descriptor.h"

namespace xtrace::testing {

/// A non-blocking socket bound to `address`; a failure fails the test.
Descriptor bind_socket(const Address& address);
/// `address` with the port the kernel chose.
Address bound_address(const Descriptor& socket, const Address& address);

/// An address that never answers a SYN: a listener whose backlog is full. A dial to it stays open
/// until somebody gives up.
class SilentAddress {
 public:
  explicit SilentAddress(const Address& address = Address::from_ipv4({127, 0, 0, 1}, 0));
  const Address& address() const { return address_; }

 private:
  Descriptor listener_;
  Address address_;
  std::vector<Descriptor> fillers_;
};

/// An address that refuses: its port is taken, so nobody else can, but nobody listens there.
class RefusingAddress {
 public:
  explicit RefusingAddress(const Address& address = Address::from_ipv4({127, 0, 0, 1}, 0));
  const Address& address() const { return address_; }

 private:
  Descriptor socket_;
  Address address_;
};

}  // namespace xtrace::testing
