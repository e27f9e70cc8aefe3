#include "collect/udp_receiver.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <climits>
#include <mutex>
#include <utility>

#include <linux/sock_diag.h>
#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <uv.h>

#include "base/life.h"
#include "base/system_reason.h"
#include "collect/datagram_batch.h"
#include "collect/document_ring.h"
#include "collect/wide_count.h"
#include "loop/uv_handle.h"
#include "net/descriptor.h"
#include "net/sockaddr.h"
#include "net/system_error.h"
#include "xray/quiet_thread.h"

namespace xtrace::collect {

namespace {

// What the loop takes before it looks after others: a fraction of a millisecond's work.
constexpr std::size_t kSliceDocuments = 256;
constexpr std::size_t kSliceBytes = std::size_t{1} << 20U;
// The least that the kernel charges for a datagram.
constexpr std::size_t kLeastCharge = 512;
constexpr int kRetryMilliseconds = 100;

/// A counter that one thread adds to at a time, and another may read.
using Counter = std::atomic<std::uint64_t>;

void count_up(Counter& counter, std::uint64_t more) {
  counter.store(counter.load(std::memory_order_relaxed) + more, std::memory_order_relaxed);
}

Error listen_error(const Address& address, int error_number) {
  std::string message = system_message("listen on", address.to_string() + " (UDP)", error_number);
  if (error_number == EADDRINUSE) {
    const std::string holder = holder_of_port(address, true);
    if (!holder.empty()) message += ", " + holder;
  }
  return {Error::Code::listen_failed, Phase::none, std::move(message)};
}

/// Raises the buffer past the system's limit where we may, and up to it where not.
void raise_buffer(int descriptor, std::size_t bytes) {
  const int wanted = static_cast<int>(std::min<std::size_t>(bytes, INT_MAX / 2));
  if (::setsockopt(descriptor, SOL_SOCKET, SO_RCVBUFFORCE, &wanted, sizeof wanted) == 0) return;
  ::setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &wanted, sizeof wanted);
}

std::size_t buffer_of(int descriptor) {
  int size = 0;
  socklen_t length = sizeof size;
  ::getsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &size, &length);
  return static_cast<std::size_t>(size);
}

Address bound_address(int descriptor) {
  sockaddr_storage storage{};
  auto* bound = reinterpret_cast<sockaddr*>(&storage);
  socklen_t length = sizeof storage;
  ::getsockname(descriptor, bound, &length);
  return from_sockaddr(bound);
}

Expected<Descriptor> bind_socket(const UdpReceiverConfig& config) {
  const Address::Family family = config.address.family();
  if (family != Address::Family::ipv4 && family != Address::Family::ipv6) {
    return listen_error(config.address, EAFNOSUPPORT);
  }
  const sockaddr_storage to = to_sockaddr(config.address);
  Descriptor socket(::socket(to.ss_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  const int on = 1;
  if (socket.is_open()) {
    raise_buffer(socket.get(), config.socket_buffer);
    ::setsockopt(socket.get(), SOL_SOCKET, SO_RXQ_OVFL, &on, sizeof on);
  }
  if (!socket.is_open() || ::bind(socket.get(), reinterpret_cast<const sockaddr*>(&to),
                                  sockaddr_length(config.address)) != 0) {
    return listen_error(config.address, errno);
  }
  return socket;
}

}  // namespace

/// The thread reads batches and pushes their documents, the loop takes them. `reading` is held
/// while a batch is read or pushed: `drain` does the thread's work on the loop.
struct UdpReceiver::Impl {
  Impl(Descriptor bound, std::size_t ring_bytes, Take on_document)
      : socket(std::move(bound)), ring(ring_bytes), take(std::move(on_document)) {}

  static void* run(void* self);
  static void on_wake(uv_async_t* handle) noexcept;

  // -- the thread ------------------------------------------------------------------------------
  enum class Step : std::uint8_t { more, nothing, full, failed };
  Step read_some();
  bool push_rest();
  /// Gives the sink each document of the batch until it returns false; then that one stays.
  template <typename Sink>
  bool hand_on(Sink&& sink);
  void wait(Step after);
  std::size_t see_batch();

  // -- the loop --------------------------------------------------------------------------------
  void take_slice();
  void take_rest();
  void ring_the_bell() const;
  void see_drops();

  const Descriptor socket;
  const Descriptor bell{::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)};  // wakes the thread
  DocumentRing ring;
  Take take;
  Address address{};
  UvPtr<uv_async_t> wake;  // wakes the loop
  std::atomic<bool> is_woken{false};
  std::atomic<bool> is_closing{false};
  std::atomic<bool> is_draining{false};
  pthread_t thread{};

  std::mutex reading;
  DatagramBatch batch;
  std::size_t next = 0;  // of the batch, what was not pushed yet
  WallTime received{};

  Counter datagrams{0};
  Counter bytes{0};
  Counter empty{0};
  Counter rejected_header{0};
  std::atomic<std::uint32_t> last_drops{0};
  WideCount kernel_drops;
  Life life;
};

Expected<std::unique_ptr<UdpReceiver>> UdpReceiver::listen(Loop& loop,
                                                           const UdpReceiverConfig& config,
                                                           Take take) {
  Expected<Descriptor> socket = bind_socket(config);
  if (const Error* error = socket.if_error()) return *error;
  auto impl = std::make_unique<Impl>(std::move(socket).value(), config.ring_bytes, std::move(take));
  impl->address = bound_address(impl->socket.get());
  auto wake = std::make_unique<uv_async_t>();
  if (const int status = uv_async_init(loop.handle(), wake.get(), Impl::on_wake); status != 0) {
    return listen_error(config.address, -status);
  }
  impl->wake.reset(wake.release());
  impl->wake->data = impl.get();
  const int code =
      impl->bell.is_open() ? start_quiet_thread(impl->thread, Impl::run, impl.get()) : EMFILE;
  if (code != 0) return listen_error(config.address, code);
  return std::unique_ptr<UdpReceiver>(new UdpReceiver(std::move(impl)));
}

UdpReceiver::UdpReceiver(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

UdpReceiver::~UdpReceiver() {
  impl_->is_closing = true;
  impl_->ring_the_bell();
  ::pthread_join(impl_->thread, nullptr);
}

const Address& UdpReceiver::address() const {
  return impl_->address;
}

UdpReceiverStats UdpReceiver::stats() const {
  impl_->see_drops();
  return {.datagrams = impl_->datagrams.load(std::memory_order_relaxed),
          .bytes = impl_->bytes.load(std::memory_order_relaxed),
          .empty = impl_->empty.load(std::memory_order_relaxed),
          .rejected_header = impl_->rejected_header.load(std::memory_order_relaxed),
          .kernel_drops = impl_->kernel_drops.value(),
          .socket_buffer = buffer_of(impl_->socket.get())};
}

void* UdpReceiver::Impl::run(void* self) {
  auto& impl = *static_cast<Impl*>(self);
  while (!impl.is_closing) {
    if (impl.is_draining) {
      impl.is_draining.wait(true);
      continue;
    }
    const Step step = impl.read_some();
    if (step != Step::more) impl.wait(step);
  }
  return nullptr;
}

UdpReceiver::Impl::Step UdpReceiver::Impl::read_some() {
  const std::lock_guard<std::mutex> lock(reading);
  if (next == batch.size()) {
    const int code = batch.read(socket.get());
    next = 0;
    if (code == EAGAIN || code == EWOULDBLOCK) return Step::nothing;
    if (code != 0) return code == EINTR ? Step::more : Step::failed;
    received = std::chrono::system_clock::now();
    see_batch();
  }
  bool is_pushed = push_rest();
  if (!is_pushed) {
    // Asked before the last look: room that comes behind it is told.
    ring.ask_for_room();
    is_pushed = push_rest();
  }
  if (!is_woken.exchange(true)) uv_async_send(wake.get());
  return is_pushed ? Step::more : Step::full;
}

/// Counts what a fresh batch holds; the number of its datagrams.
std::size_t UdpReceiver::Impl::see_batch() {
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < batch.size(); ++i) sum += batch[i].size();
  count_up(datagrams, batch.size());
  count_up(bytes, sum);
  if (const std::optional<std::uint32_t> drops = batch.drops()) last_drops = *drops;
  return batch.size();
}

bool UdpReceiver::Impl::push_rest() {
  const bool is_pushed =
      hand_on([this](std::string_view document) { return ring.push(document, received); });
  ring.publish();
  return is_pushed;
}

template <typename Sink>
bool UdpReceiver::Impl::hand_on(Sink&& sink) {
  for (; next < batch.size(); ++next) {
    const std::string_view document = document_of(batch[next]);
    if (document.empty()) {
      count_up(batch[next].empty() ? empty : rejected_header, 1);
    } else if (!sink(document)) {
      return false;
    }
  }
  return true;
}

void UdpReceiver::Impl::wait(Step after) {
  std::array<pollfd, 2> watched{pollfd{.fd = bell.get(), .events = POLLIN, .revents = 0},
                                pollfd{.fd = socket.get(), .events = POLLIN, .revents = 0}};
  const nfds_t count = after == Step::nothing ? 2 : 1;
  ::poll(watched.data(), count, after == Step::failed ? kRetryMilliseconds : -1);
  std::uint64_t rings = 0;
  if (watched[0].revents != 0 && ::read(bell.get(), &rings, sizeof rings) < 0) return;
}

void UdpReceiver::Impl::on_wake(uv_async_t* handle) noexcept {
  if (auto* self = owner_of<Impl>(handle)) self->take_slice();
}

void UdpReceiver::Impl::take_slice() {
  const Life::Watch watch(life);
  is_woken = false;
  DocumentRing::Record record;
  std::size_t count = 0;
  std::size_t sum = 0;
  while (count < kSliceDocuments && sum < kSliceBytes && ring.take(record)) {
    ++count;
    sum += record.document.size();
    take(record.document, record.received);
    if (watch.is_over()) return;
  }
  if (ring.retire()) ring_the_bell();
  if (!ring.is_empty() && !is_woken.exchange(true)) uv_async_send(wake.get());
}

void UdpReceiver::drain() {
  impl_->is_draining = true;
  {
    const std::lock_guard<std::mutex> lock(impl_->reading);
    impl_->take_rest();
  }
  impl_->is_draining = false;
  impl_->is_draining.notify_one();
}

/// What the ring holds, what the thread has read and not pushed, and what the socket holds.
void UdpReceiver::Impl::take_rest() {
  DocumentRing::Record record;
  while (ring.take(record)) take(record.document, record.received);
  if (ring.retire()) ring_the_bell();
  // A flood that goes on has no end: what has arrived is as much as the buffer can hold.
  std::size_t left = buffer_of(socket.get()) / kLeastCharge + DatagramBatch::kMost;
  while (true) {
    hand_on([this](std::string_view document) {
      take(document, received);
      return true;
    });
    if (left == 0 || batch.read(socket.get()) != 0) break;
    next = 0;
    received = std::chrono::system_clock::now();
    left -= std::min(left, see_batch());
  }
  next = batch.size();
}

void UdpReceiver::Impl::ring_the_bell() const {
  const std::uint64_t once = 1;
  // It fails where it rings already.
  if (::write(bell.get(), &once, sizeof once) < 0) return;
}

void UdpReceiver::Impl::see_drops() {
  std::array<std::uint32_t, SK_MEMINFO_VARS> figures{};
  socklen_t length = sizeof figures;
  kernel_drops.see(last_drops);
  // A datagram tells only of what was lost before it.
  if (::getsockopt(socket.get(), SOL_SOCKET, SO_MEMINFO, figures.data(), &length) == 0 &&
      length == sizeof figures) {
    kernel_drops.see(figures[SK_MEMINFO_DROPS]);
  }
}

}  // namespace xtrace::collect
