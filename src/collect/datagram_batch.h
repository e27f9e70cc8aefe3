#pragma once

/// `DatagramBatch` reads up to 64 datagrams with one system call, into memory that it keeps.

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include <sys/socket.h>

namespace xtrace::collect {

class DatagramBatch {
 public:
  static constexpr std::size_t kMost = 64;

  DatagramBatch();
  DatagramBatch(const DatagramBatch&) = delete;
  DatagramBatch& operator=(const DatagramBatch&) = delete;
  ~DatagramBatch() = default;

  /// Replaces what it holds by what the socket has, and waits for nothing. 0, or the `errno`;
  /// EAGAIN where there was nothing.
  int read(int descriptor);
  std::size_t size() const { return size_; }
  /// Valid until the next `read`.
  std::string_view operator[](std::size_t index) const;
  /// The kernel's count of what the socket ever lost, modulo 2^32, where the last batch told it.
  std::optional<std::uint32_t> drops() const;

 private:
  static constexpr std::size_t kSlot = std::size_t{1} << 16U;
  /// Of one datagram, for one number.
  union Control {
    cmsghdr header;
    std::array<char, CMSG_SPACE(sizeof(std::uint32_t))> bytes;
  };

  std::unique_ptr<char[]> memory_;
  std::array<iovec, kMost> parts_{};
  std::array<Control, kMost> controls_{};
  std::array<mmsghdr, kMost> messages_{};
  std::size_t size_ = 0;
};

/// What a datagram says behind its header; empty where the daemon would not take it.
std::string_view document_of(std::string_view datagram);

}  // namespace xtrace::collect
