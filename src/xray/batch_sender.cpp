#include "xray/batch_sender.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <optional>

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "xray/socket_ends.h"

#if defined(__linux__)
#include <netinet/udp.h>
#endif

namespace xtrace {

namespace {

// Fewer than four gain nothing over datagrams one by one; eight take 0.75 of the time, sixty-four
// half of it (690 bytes each, loopback, kernel 6.18).
constexpr std::size_t kShortestTrain = 4;
constexpr std::size_t kLongestTrain = 65'507;  // bytes
constexpr std::size_t kMostPadding = 1024;     // bytes of one datagram
constexpr std::size_t kPacketHeaders = 48;     // IPv6 and UDP

constexpr auto kSpaces = [] {
  std::array<char, kMostPadding> spaces{};
  spaces.fill(' ');
  return spaces;
}();

#if defined(__linux__)
using Message = mmsghdr;
#else
struct Message {
  msghdr msg_hdr;
  unsigned msg_len;
};
#endif

/// What the kernel may only read, and is not declared to.
void* bytes_of(std::string_view text) {
  return const_cast<char*>(text.data());
}

struct Train {
  std::size_t count = 0;
  std::size_t segment = 0;  // bytes of each but the last
};

/// The datagrams that can leave together, from the first on: all as large as the largest, at the
/// cost of an eighth at most, or the last of them smaller.
Train train_from(std::span<const std::string_view> datagrams, std::size_t largest_segment) {
  Train train;
  std::size_t total = 0;
  std::size_t smallest = largest_segment;
  for (const std::string_view datagram : datagrams) {
    const std::size_t size = datagram.size();
    if (size == 0 || size > largest_segment) break;
    const std::size_t segment = std::max(train.segment, size);
    const std::size_t padded = segment * (train.count + 1);
    smallest = std::min(smallest, size);
    if (padded > kLongestTrain) break;
    if (padded - total - size > (total + size) / 8 || segment - smallest > kMostPadding) {
      train.count += size < train.segment ? 1 : 0;
      break;
    }
    train.segment = segment;
    total += size;
    ++train.count;
  }
  return train;
}

bool is_train_refused(int code) {
  return code == EINVAL || code == EIO || code == ENOPROTOOPT || code == EMSGSIZE ||
         code == EOPNOTSUPP;
}

/// The largest datagram that may leave in a train to the peer of `descriptor`; 0 where none may.
std::size_t largest_segment_to(int descriptor, const SocketEnd& peer) {
#if defined(UDP_SEGMENT)
  int value = 0;
  socklen_t size = sizeof value;
  if (::getsockopt(descriptor, IPPROTO_UDP, UDP_SEGMENT, &value, &size) != 0) return 0;
  const bool is_ipv4 = peer.family == AF_INET;
  size = sizeof value;
  const int asked = ::getsockopt(descriptor, is_ipv4 ? IPPROTO_IP : IPPROTO_IPV6,
                                 is_ipv4 ? IP_MTU : IPV6_MTU, &value, &size);
  const auto largest = static_cast<std::size_t>(asked == 0 ? std::max(value, 0) : 0);
  if (largest <= kPacketHeaders) return 0;
  return std::min(largest - kPacketHeaders, BatchSender::kLargestSegment);
#else
  static_cast<void>(descriptor);
  static_cast<void>(peer);
  return 0;
#endif
}

}  // namespace

/// A chunk as the kernel wants it. Only what is used is set: most chunks are one datagram.
struct BatchSender::Messages {  // NOLINT(*-member-init)
  struct Control {
    alignas(cmsghdr) std::array<std::byte, CMSG_SPACE(sizeof(std::uint16_t))> bytes;
  };

  void add(std::span<const std::string_view> datagrams, std::size_t segment);
  void add_segment_size(msghdr& message, std::uint16_t segment);

  std::size_t count = 0;
  std::size_t parts_count = 0;
  std::array<Message, kMostAtOnce> messages;
  std::array<std::size_t, kMostAtOnce> datagrams;  // in each message
  std::array<iovec, 2 * kMostAtOnce> parts;
  std::array<Control, kMostAtOnce> controls;
};

BatchSender::BatchSender(int descriptor, bool may_segment) : descriptor_(descriptor) {
  const std::optional<SocketEnds> ends = ends_of(descriptor);
  if (!ends || ends->peer.family == AF_UNIX) return;
  is_refused_at_once_ = is_on_this_host(*ends);
  if (may_segment) largest_segment_ = largest_segment_to(descriptor, ends->peer);
}

SendResult BatchSender::send(std::span<const std::string_view> datagrams) {
  SendResult whole;
  while (whole.taken < datagrams.size() && whole.error == 0) {
    const std::span<const std::string_view> rest = datagrams.subspan(whole.taken);
    const SendResult part = send_chunk(rest.first(std::min(rest.size(), kMostAtOnce)));
    whole.taken += part.taken;
    whole.error = part.error;
  }
  return whole;
}

// In the middle of a batch the kernel returns a short count and forgets what stopped it. When the
// next call succeeds, on the way to this host, a refusal is what it was: nothing else passes by
// itself there.
SendResult BatchSender::send_chunk(std::span<const std::string_view> chunk) {
  Messages messages;
  pack(messages, chunk);
  SendResult result;
  for (std::size_t first = 0; first < messages.count;) {
    const int sent = send_messages(messages, first);
    if (sent <= 0) {
      result.error = sent < 0 ? errno : EAGAIN;
      if (messages.datagrams[first] > 1 && is_train_refused(result.error)) {
        largest_segment_ = 0;
        const SendResult rest = send_chunk(chunk.subspan(result.taken));
        return {result.taken + rest.taken, rest.error};
      }
      break;
    }
    if (first > 0 && is_refused_at_once_) return {0, ECONNREFUSED};
    const std::size_t end = first + static_cast<std::size_t>(sent);
    for (; first < end; ++first) result.taken += messages.datagrams[first];
  }
  if (!is_refused_at_once_ || result.taken == 0) return result;
  if (const int code = pending_error(); code != 0) return {0, code};
  if (result.error == ECONNREFUSED) result.taken = 0;
  return result;
}

void BatchSender::pack(Messages& messages, std::span<const std::string_view> chunk) const {
  while (!chunk.empty()) {
    Train train{1, 0};
    if (largest_segment_ > 0 && chunk.size() >= kShortestTrain) {
      train = train_from(chunk, largest_segment_);
    }
    if (train.count < kShortestTrain) train = {1, 0};
    messages.add(chunk.first(train.count), train.segment);
    chunk = chunk.subspan(train.count);
  }
}

/// As sendmmsg answers: how many messages went, or -1 and `errno` where the first did not.
int BatchSender::send_messages(Messages& messages, std::size_t first) {
  const std::size_t count = messages.count - first;
  constexpr int kFlags = MSG_DONTWAIT | MSG_NOSIGNAL;
#if defined(__linux__)
  if (has_sendmmsg_ && count > 1) {
    ++calls_;
    const int sent =
        ::sendmmsg(descriptor_, &messages.messages[first], static_cast<unsigned>(count), kFlags);
    if (sent >= 0 || (errno != ENOSYS && errno != EPERM)) return sent;
    has_sendmmsg_ = false;
  }
#endif
  for (std::size_t i = 0; i < count; ++i) {
    ++calls_;
    if (::sendmsg(descriptor_, &messages.messages[first + i].msg_hdr, kFlags) >= 0) continue;
    // Then it is no sandbox that forbids sendmmsg, but a packet filter that forbids the datagram.
    if (errno == EPERM) has_sendmmsg_ = true;
    return i > 0 ? static_cast<int>(i) : -1;
  }
  return static_cast<int>(count);
}

/// The error that came back for something sent, which asking takes away.
int BatchSender::pending_error() const {
  int code = 0;
  socklen_t size = sizeof code;
  return ::getsockopt(descriptor_, SOL_SOCKET, SO_ERROR, &code, &size) == 0 ? code : 0;
}

void BatchSender::Messages::add(std::span<const std::string_view> train, std::size_t segment) {
  msghdr& message = messages[count].msg_hdr;
  message = {};
  message.msg_iov = &parts[parts_count];
  for (std::size_t i = 0; i < train.size(); ++i) {
    parts[parts_count++] = {bytes_of(train[i]), train[i].size()};
    if (train[i].size() >= segment || i + 1 == train.size()) continue;
    parts[parts_count++] = {bytes_of({kSpaces.data(), 1}), segment - train[i].size()};
  }
  message.msg_iovlen = static_cast<decltype(message.msg_iovlen)>(parts_count) -
                       static_cast<decltype(message.msg_iovlen)>(message.msg_iov - parts.data());
  datagrams[count] = train.size();
#if defined(UDP_SEGMENT)
  if (segment > 0) add_segment_size(message, static_cast<std::uint16_t>(segment));
#endif
  ++count;
}

#if defined(UDP_SEGMENT)
void BatchSender::Messages::add_segment_size(msghdr& message, std::uint16_t segment) {
  Control& control = controls[count];
  control.bytes = {};
  message.msg_control = control.bytes.data();
  message.msg_controllen = control.bytes.size();
  cmsghdr* head = CMSG_FIRSTHDR(&message);
  head->cmsg_level = IPPROTO_UDP;
  head->cmsg_type = UDP_SEGMENT;
  head->cmsg_len = CMSG_LEN(sizeof segment);
  std::memcpy(CMSG_DATA(head), &segment, sizeof segment);
}
#endif

}  // namespace xtrace
