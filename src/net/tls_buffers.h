#pragma once

/// Memory that the TLS streams of a thread lend each other: a stream holds some while bytes are on
/// their way through it, and none while it idles. In steady state nothing is allocated.

#include <array>
#include <cstddef>
#include <memory>
#include <span>
#include <vector>

namespace xtrace::tls {

/// The most plaintext one record carries.
inline constexpr std::size_t kMostPerRecord = 16384;

/// A thread keeps what is given back up to this; the rest goes to the allocator.
inline constexpr std::size_t kMostSpareBytes = std::size_t{1024} * 1024;

/// Bytes on their way to or from the peer.
using Buffer = std::vector<std::byte>;

/// An empty buffer, with whatever capacity its last user left.
Buffer take_buffer();
/// Takes the memory of `buffer`, which is then empty and holds none.
void give_back(Buffer& buffer);

/// Room for the plaintext of one record while it lives. Where one stream reads from another, each
/// has its own.
class PlainBuffer {
 public:
  PlainBuffer();
  PlainBuffer(const PlainBuffer&) = delete;
  PlainBuffer& operator=(const PlainBuffer&) = delete;
  ~PlainBuffer();

  std::span<std::byte> bytes() { return *bytes_; }

 private:
  std::unique_ptr<std::array<std::byte, kMostPerRecord>> bytes_;
};

}  // namespace xtrace::tls
