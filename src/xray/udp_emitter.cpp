#include <algorithm>
#include <array>
#include <cerrno>
#include <mutex>
#include <utility>

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <xtrace/udp_emitter.h>

#include "base/system_reason.h"
#include "xray/connect_udp.h"
#include "xray/datagram_queue.h"

namespace xtrace {

namespace {

constexpr std::size_t kBatch = 64;
constexpr std::size_t kBatchBytes = 256U << 10U;
constexpr std::int64_t kLongestPoll = 60'000;  // milliseconds

bool would_block(int code) {
  return code == EAGAIN || code == EWOULDBLOCK || code == ENOBUFS;
}

/// Hands the first datagrams to the kernel. Returns how many it took, or -1 and `errno`.
int send_first(int descriptor, DatagramQueue& queue, std::size_t count) {
  // Only what is used is set: most batches are one datagram.
  std::array<iovec, kBatch> parts;       // NOLINT(*-pro-type-member-init)
  std::array<mmsghdr, kBatch> messages;  // NOLINT(*-pro-type-member-init)
  char* at = queue.data();
  for (std::size_t i = 0; i < count; ++i) {
    parts[i] = {at, queue.size_at(i)};
    at += queue.size_at(i);
    messages[i] = {};
    messages[i].msg_hdr.msg_iov = &parts[i];
    messages[i].msg_hdr.msg_iovlen = 1;
  }
  return ::sendmmsg(descriptor, messages.data(), static_cast<unsigned>(count),
                    MSG_DONTWAIT | MSG_NOSIGNAL);
}

/// True where the peer is loopback or a Unix socket.
bool is_on_this_host(int descriptor) {
  sockaddr_storage storage{};
  socklen_t size = sizeof storage;
  void* address = &storage;
  if (::getpeername(descriptor, static_cast<sockaddr*>(address), &size) != 0) return false;
  if (storage.ss_family == AF_INET) {
    return ntohl(static_cast<sockaddr_in*>(address)->sin_addr.s_addr) >> 24U == 127;
  }
  if (storage.ss_family != AF_INET6) return storage.ss_family == AF_UNIX;
  const in6_addr& ipv6 = static_cast<sockaddr_in6*>(address)->sin6_addr;
  return IN6_IS_ADDR_LOOPBACK(&ipv6) || (IN6_IS_ADDR_V4MAPPED(&ipv6) && ipv6.s6_addr[12] == 127);
}

}  // namespace

struct UdpEmitter::State {
  State(int connected, std::string_view name, const UdpEmitterOptions& options)
      : descriptor(connected),
        answers_at_once(is_on_this_host(connected)),
        peer(name),
        queue(options.queue_bytes) {}
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() { ::close(descriptor); }

  void enqueue(const std::string& document);
  void drain();
  void on_taken(std::size_t count);
  bool on_failure(int code);
  void on_refusal(int code);
  void drop_first(std::uint64_t EmitterStats::*reason, int code);
  void read_pending_error();
  void note(Error::Code code, std::string_view reason);

  const int descriptor;
  const bool answers_at_once;  // a refusal is known when `send` returns
  const std::string peer;
  std::mutex mutex{};
  DatagramQueue queue;
  EmitterStats stats{};
  std::optional<Error> last_error{};
  Delivery last = Delivery::unsent;
  bool is_last_queued = false;  // else the last document was not worth queueing
  bool is_absent = false;
  bool is_first_retried = false;  // the first of the queue was refused once already
};

void UdpEmitter::State::enqueue(const std::string& document) {
  ++stats.documents;
  last = Delivery::unsent;
  is_last_queued = false;
  if (document.size() > kMaxDatagram - kDatagramHeader.size()) {
    ++stats.dropped_too_large;
    std::string reason = std::to_string(document.size());
    reason += " bytes are too many for a datagram";
    return note(Error::Code::document_too_large, reason);
  }
  const std::size_t gone = queue.push(kDatagramHeader, document);
  if (gone > 0) is_first_retried = false;
  stats.dropped_queue_full += gone;
  is_last_queued = true;
}

/// Sends until the queue is empty or the kernel takes no more.
///
/// A refusal is reported by the send after the one it is about, which then sends nothing. In the
/// middle of a batch the kernel returns a short count and forgets the error: when the next call
/// succeeds, a refusal is what it was.
void UdpEmitter::State::drain() {
  const std::uint64_t sent_before = stats.sent;
  const std::uint64_t refused_before = stats.refused;
  bool is_short = false;
  while (!queue.is_empty()) {
    const std::size_t count = std::min(queue.size(), kBatch);
    const int taken = send_first(descriptor, queue, count);
    if (taken > 0) {
      if (is_short) on_refusal(ECONNREFUSED);
      on_taken(static_cast<std::size_t>(taken));
      is_short = static_cast<std::size_t>(taken) < count;
      continue;
    }
    is_short = false;
    if (!on_failure(errno)) break;
  }
  if (stats.sent == sent_before) return;
  read_pending_error();
  is_absent = stats.refused != refused_before;
}

void UdpEmitter::State::on_taken(std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) stats.bytes += queue.size_at(i);
  stats.sent += count;
  queue.pop(count);
  is_first_retried = false;
  if (queue.is_empty() && is_last_queued) last = Delivery::sent;
}

/// False where it is no use to go on now.
bool UdpEmitter::State::on_failure(int code) {
  if (code == EINTR) return true;
  if (would_block(code)) return false;
  if (code == ECONNREFUSED && !is_first_retried) {
    on_refusal(code);
    is_first_retried = true;
  } else if (code == ECONNREFUSED) {
    queue.pop(1);
    is_first_retried = false;
    on_refusal(code);
    if (queue.is_empty() && is_last_queued) last = Delivery::refused;
  } else {
    drop_first(code == EMSGSIZE ? &EmitterStats::dropped_too_large : &EmitterStats::dropped_error,
               code);
  }
  return true;
}

void UdpEmitter::State::on_refusal(int code) {
  ++stats.refused;
  is_absent = true;
  note(Error::Code::emit_refused, system_reason(code));
}

void UdpEmitter::State::drop_first(std::uint64_t EmitterStats::*reason, int code) {
  ++(stats.*reason);
  queue.pop(1);
  is_first_retried = false;
  note(Error::Code::emit_failed, system_reason(code));
}

/// The error of the last datagram, where it is known already.
void UdpEmitter::State::read_pending_error() {
  int code = 0;
  socklen_t size = sizeof code;
  if (::getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &code, &size) != 0 || code == 0) return;
  on_refusal(code);
  if (last == Delivery::sent) last = Delivery::refused;
}

void UdpEmitter::State::note(Error::Code code, std::string_view reason) {
  std::string message = "send to ";
  message += peer;
  message += ": ";
  message += reason;
  last_error = Error{code, Phase::none, std::move(message)};
}

UdpEmitter::UdpEmitter(std::unique_ptr<State> state) : state_(std::move(state)) {}

UdpEmitter::~UdpEmitter() {
  flush();
}

void UdpEmitter::take(std::span<const std::string> documents, const DocumentCounts& built) {
  const std::scoped_lock lock{state_->mutex};
  state_->stats.built += built;
  for (const std::string& document : documents) {
    state_->enqueue(document);
    if (state_->queue.size() >= kBatch || state_->queue.bytes() >= kBatchBytes) state_->drain();
  }
  state_->drain();
}

void UdpEmitter::flush() {
  const std::scoped_lock lock{state_->mutex};
  state_->drain();
}

bool UdpEmitter::drain(Duration) {
  flush();
  const std::scoped_lock lock{state_->mutex};
  return state_->queue.is_empty();
}

EmitterStats UdpEmitter::stats() const {
  const std::scoped_lock lock{state_->mutex};
  return state_->stats;
}

std::optional<Error> UdpEmitter::last_error() const {
  const std::scoped_lock lock{state_->mutex};
  return state_->last_error;
}

Delivery UdpEmitter::confirm(Duration limit) {
  {
    const std::scoped_lock lock{state_->mutex};
    state_->drain();
    if (state_->last != Delivery::sent || state_->answers_at_once) return state_->last;
  }
  pollfd waiting{.fd = state_->descriptor, .events = 0, .revents = 0};
  const auto whole = std::chrono::ceil<std::chrono::milliseconds>(limit);
  const auto patience = std::clamp<std::int64_t>(whole.count(), 0, kLongestPoll);
  const int ready = ::poll(&waiting, 1, static_cast<int>(patience));
  const std::scoped_lock lock{state_->mutex};
  if (ready > 0) state_->read_pending_error();
  return state_->last;
}

bool UdpEmitter::is_daemon_absent() const {
  const std::scoped_lock lock{state_->mutex};
  return state_->is_absent;
}

std::string UdpEmitter::peer() const {
  return state_->peer;
}

std::unique_ptr<UdpEmitter> make_udp_emitter(const DaemonEndpoint& endpoint,
                                             const UdpEmitterOptions& options) {
  const Expected<ConnectedUdp> connected = connect_udp(endpoint);
  if (connected) return make_udp_emitter_on(connected->descriptor, connected->peer, options);
  auto emitter = make_udp_emitter_on(-1, endpoint.to_string(), options);
  emitter->state_->last_error = *connected.if_error();
  return emitter;
}

std::unique_ptr<UdpEmitter> make_udp_emitter_on(int descriptor, std::string_view peer,
                                                const UdpEmitterOptions& options) {
  auto state = std::make_unique<UdpEmitter::State>(descriptor, peer, options);
  return std::unique_ptr<UdpEmitter>{new UdpEmitter{std::move(state)}};
}

}  // namespace xtrace
