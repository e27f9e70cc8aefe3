#include "collect/datagram_batch.h"

#include <cerrno>
#include <cstring>

#include "xray/datagram_header.h"

namespace xtrace::collect {

DatagramBatch::DatagramBatch() : memory_(std::make_unique_for_overwrite<char[]>(kMost * kSlot)) {
  for (std::size_t i = 0; i < kMost; ++i) {
    parts_[i] = {memory_.get() + i * kSlot, kSlot};
    messages_[i].msg_hdr.msg_iov = &parts_[i];
    messages_[i].msg_hdr.msg_iovlen = 1;
    messages_[i].msg_hdr.msg_control = &controls_[i];
  }
}

int DatagramBatch::read(int descriptor) {
  // The kernel left there what it wrote last time.
  for (mmsghdr& message : messages_) message.msg_hdr.msg_controllen = sizeof(Control);
  const int count = ::recvmmsg(descriptor, messages_.data(), kMost, MSG_DONTWAIT, nullptr);
  size_ = count < 0 ? 0 : static_cast<std::size_t>(count);
  return count < 0 ? errno : 0;
}

std::string_view DatagramBatch::operator[](std::size_t index) const {
  return {memory_.get() + index * kSlot, messages_[index].msg_len};
}

std::optional<std::uint32_t> DatagramBatch::drops() const {
  if (size_ == 0) return std::nullopt;
  const msghdr& last = messages_[size_ - 1].msg_hdr;
  const cmsghdr* header = CMSG_FIRSTHDR(&last);
  if (header == nullptr || header->cmsg_type != SO_RXQ_OVFL) return std::nullopt;
  std::uint32_t drops = 0;
  std::memcpy(&drops, CMSG_DATA(header), sizeof drops);
  return drops;
}

std::string_view document_of(std::string_view datagram) {
  // What SDKs send: all of them but the one for Go, and that one.
  constexpr std::string_view kCompact = "{\"format\":\"json\",\"version\":1}\n";
  constexpr std::string_view kSpaced = "{\"format\": \"json\", \"version\": 1}\n";
  if (datagram.starts_with(kCompact)) return datagram.substr(kCompact.size());
  if (datagram.starts_with(kSpaced)) return datagram.substr(kSpaced.size());
  const std::size_t line_end = datagram.find('\n');
  if (line_end == std::string_view::npos || line_end + 1 == datagram.size()) return {};
  if (!is_datagram_header(datagram.substr(0, line_end))) return {};
  return datagram.substr(line_end + 1);
}

}  // namespace xtrace::collect
