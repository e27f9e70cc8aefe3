#include "xray/receiver_probe.h"

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <iterator>
#include <span>

#include <unistd.h>

#include "xray/batch_sender.h"
#include "xray/socket_ends.h"

#if defined(__linux__)
#include <linux/inet_diag.h>
#include <linux/rtnetlink.h>
#include <linux/sock_diag.h>
#include <sys/socket.h>
#endif

namespace xtrace {

// Sent alone, a datagram lies in one block that the kernel rounds up to a power of two, or in pages
// where it is large. Cut out of a train it costs its bytes and what describes them, and padding
// adds an eighth at most. Measured on kernel 6.18.
std::size_t truesize_of(std::size_t payload) {
  constexpr std::size_t kDescription = 832;
  struct Step {
    std::size_t payload;
    std::size_t cost;
  };
  constexpr std::array<Step, 6> kBlocks{
      {{197, 832}, {645, 1'280}, {1'669, 2'304}, {3'717, 4'352}, {7'813, 8'448}, {16'004, 16'640}}};
  const bool may_be_in_train = payload <= BatchSender::kLargestSegment;
  const std::size_t in_pages = payload + (may_be_in_train ? payload / 8 : 0) + kDescription;
  for (const Step& block : kBlocks) {
    if (payload <= block.payload) return std::max(block.cost, in_pages);
  }
  return in_pages;
}

ReceiverProbe::~ReceiverProbe() {
  close_netlink();
}

void ReceiverProbe::close_netlink() {
  if (netlink_ >= 0) ::close(netlink_);
  netlink_ = -1;
}

#if defined(__linux__)

namespace {

/// What is sent; the kernel's own structs, one behind the other.
struct Request {
  nlmsghdr head;
  inet_diag_req_v2 body;
};

constexpr unsigned kPatience = 3;                // failures in a row
constexpr std::uint32_t kLoopbackInterface = 1;  // in every network namespace

/// The receiver's memory figures out of an answer's attributes.
std::optional<ReceiverRoom> room_in(std::span<const std::byte> attributes) {
  while (attributes.size() >= sizeof(rtattr)) {
    rtattr head;  // NOLINT(*-pro-type-member-init)
    std::memcpy(&head, attributes.data(), sizeof head);
    if (head.rta_len < sizeof head || head.rta_len > attributes.size()) return std::nullopt;
    std::array<std::uint32_t, SK_MEMINFO_VARS> figures{};
    if (head.rta_type == INET_DIAG_SKMEMINFO && head.rta_len >= sizeof head + sizeof figures) {
      std::memcpy(figures.data(), attributes.data() + sizeof head, sizeof figures);
      return ReceiverRoom{figures[SK_MEMINFO_RMEM_ALLOC], figures[SK_MEMINFO_RCVBUF],
                          figures[SK_MEMINFO_DROPS]};
    }
    const std::size_t whole = RTA_ALIGN(head.rta_len);
    attributes = attributes.subspan(std::min(whole, attributes.size()));
  }
  return std::nullopt;
}

/// What an inet_diag_sockid calls source is where the packet comes from, and so is the sender.
inet_diag_sockid ids_of(const SocketEnd& from, const SocketEnd& to) {
  inet_diag_sockid id{};
  id.idiag_sport = from.port;
  id.idiag_dport = to.port;
  if (to.family == AF_INET) {
    std::memcpy(id.idiag_src, &from.ipv4, sizeof from.ipv4);
    std::memcpy(id.idiag_dst, &to.ipv4, sizeof to.ipv4);
  } else {
    std::memcpy(id.idiag_src, &from.ipv6, sizeof from.ipv6);
    std::memcpy(id.idiag_dst, &to.ipv6, sizeof to.ipv6);
  }
  id.idiag_if = kLoopbackInterface;
  std::fill(std::begin(id.idiag_cookie), std::end(id.idiag_cookie), INET_DIAG_NOCOOKIE);
  return id;
}

}  // namespace

ReceiverProbe::ReceiverProbe(int connected_descriptor) {
  const std::optional<SocketEnds> ends = ends_of(connected_descriptor);
  if (!ends) return;
  is_local_ = is_on_this_host(*ends);
  if (!is_local_ || ends->peer.family == AF_UNIX) return;
  netlink_ = ::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_SOCK_DIAG);
  // A kernel that cannot answer for UDP says the same as one that finds no socket. So the first
  // question is about our own, which is there.
  prepare(ends->peer, ends->local);
  ReceiverRoom room;
  if (ask(room) != Answer::room) {
    close_netlink();
    return;
  }
  prepare(ends->local, ends->peer);
  // Elsewhere a receiver that is bound to one interface may be overlooked.
  may_say_nobody_ = ends->peer.is_loopback() ||
                    (ends->peer.family == AF_INET && ends->peer.is_same_address(ends->local));
}

void ReceiverProbe::prepare(const SocketEnd& from, const SocketEnd& to) {
  static_assert(sizeof(Request) == sizeof request_);
  Request request{};
  request.head.nlmsg_len = sizeof request;
  request.head.nlmsg_type = SOCK_DIAG_BY_FAMILY;
  request.head.nlmsg_flags = NLM_F_REQUEST;
  request.body.sdiag_family = static_cast<std::uint8_t>(to.family);
  request.body.sdiag_protocol = IPPROTO_UDP;
  request.body.idiag_ext = 1U << (INET_DIAG_SKMEMINFO - 1U);
  request.body.idiag_states = ~0U;
  request.body.id = ids_of(from, to);
  std::memcpy(request_.data(), &request, sizeof request);
}

ReceiverProbe::Answer ReceiverProbe::ask(ReceiverRoom& room) {
  if (netlink_ < 0) return Answer::unknown;
  const std::optional<Answer> answer = send_request() ? read_answer(room) : std::nullopt;
  if (answer) {
    failures_ = 0;
    return *answer;
  }
  if (++failures_ >= kPatience) close_netlink();
  return Answer::unknown;
}

bool ReceiverProbe::send_request() {
  ++sequence_;
  std::memcpy(request_.data() + offsetof(nlmsghdr, nlmsg_seq), &sequence_, sizeof sequence_);
  return ::send(netlink_, request_.data(), request_.size(), MSG_NOSIGNAL) >= 0;
}

/// The kernel answers while the question is sent, so that there is nothing to wait for; only what
/// an earlier question left must be passed over.
std::optional<ReceiverProbe::Answer> ReceiverProbe::read_answer(ReceiverRoom& room) const {
  alignas(8) std::array<std::byte, 1024> answer;  // NOLINT(*-member-init)
  nlmsghdr head{};
  std::size_t size = 0;
  do {
    const ssize_t got = ::recv(netlink_, answer.data(), answer.size(), MSG_DONTWAIT);
    if (got < static_cast<ssize_t>(sizeof head)) return std::nullopt;
    std::memcpy(&head, answer.data(), sizeof head);
    size = std::min(static_cast<std::size_t>(got), std::size_t{head.nlmsg_len});
  } while (head.nlmsg_seq != sequence_);
  const std::span<const std::byte> body{answer.data(), size};
  if (head.nlmsg_type == NLMSG_ERROR && size >= sizeof head + sizeof(int)) {
    int code = 0;
    std::memcpy(&code, answer.data() + sizeof head, sizeof code);
    if (code != -ENOENT) return std::nullopt;
    return may_say_nobody_ ? Answer::nobody : Answer::unknown;
  }
  constexpr std::size_t kBefore = NLMSG_LENGTH(sizeof(inet_diag_msg));
  if (head.nlmsg_type != SOCK_DIAG_BY_FAMILY || size < kBefore) return std::nullopt;
  const std::optional<ReceiverRoom> found = room_in(body.subspan(NLMSG_ALIGN(kBefore)));
  if (!found) return std::nullopt;
  room = *found;
  return Answer::room;
}

#else

ReceiverProbe::ReceiverProbe(int connected_descriptor) {
  const std::optional<SocketEnds> ends = ends_of(connected_descriptor);
  is_local_ = ends && is_on_this_host(*ends);
}

ReceiverProbe::Answer ReceiverProbe::ask(ReceiverRoom&) {
  return Answer::unknown;
}

#endif

}  // namespace xtrace
