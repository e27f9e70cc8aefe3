#pragma once

/// A UDP socket that is connected and waits for nobody.

#include <cstdint>
#include <string_view>

#include <xtrace/address.h>
#include <xtrace/expected.h>

namespace xtrace {

/// One thread at a time.
class DogStatsdSocket {
 public:
  /// An IP address.
  explicit DogStatsdSocket(const Address& server) : server_(server) {}
  DogStatsdSocket(const DogStatsdSocket&) = delete;
  DogStatsdSocket& operator=(const DogStatsdSocket&) = delete;
  ~DogStatsdSocket();

  /// Makes the socket, or another one in the place of that which is there. Allocates only where it
  /// fails, so that a child may do so after `fork`.
  Expected<void> open();

  /// False where the kernel did not take the datagram.
  bool send(std::string_view datagram);

  /// How many datagrams came back since `forget_refusals`, as far as the kernel told.
  std::uint64_t refused();
  void forget_refusals() { refused_ = 0; }

 private:
  void close();

  const Address server_;
  int descriptor_ = -1;
  std::uint64_t refused_ = 0;
};

}  // namespace xtrace
