#include "net/connector.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <optional>
#include <utility>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "base/assert.h"
#include "loop/timer.h"
#include "net/next_turn.h"
#include "net/sockaddr.h"
#include "net/socket.h"
#include "net/system_error.h"

namespace xtrace {

namespace {

Error::Code dial_code(int error_number) {
  switch (error_number) {
    case ECONNREFUSED:
      return Error::Code::connect_refused;
    case ENETUNREACH:
    case EHOSTUNREACH:
    case ENETDOWN:
    case EHOSTDOWN:
    case EAFNOSUPPORT:  // a kernel without IPv6
      return Error::Code::connect_unreachable;
    case ETIMEDOUT:
      return Error::Code::connect_timeout;
    default:
      return Error::Code::connect_failed;
  }
}

Error dial_error(const Address& address, int error_number) {
  return {dial_code(error_number), Phase::connect,
          system_message("connect", address, error_number)};
}

Expected<Pollable> open_socket(Loop& loop, const Address& address) {
  const int family = to_sockaddr(address).ss_family;
  Descriptor socket(::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!socket.is_open()) {
    return Error{dial_code(errno), Phase::connect,
                 system_message("open a socket for", address, errno)};
  }
  auto watched = Pollable::watch(loop, std::move(socket));
  if (const auto* error = watched.if_error()) {
    return Error{Error::Code::connect_failed, Phase::connect,
                 "connect " + address.to_string() + ": " + error->message};
  }
  return watched;
}

/// connect(2), and its `errno`: 0 when connected, EINPROGRESS while the answer is awaited.
int begin_connect(int socket, const Address& address) {
  const sockaddr_storage to = to_sockaddr(address);
  const int status =
      connect(socket, reinterpret_cast<const sockaddr*>(&to), sockaddr_length(address));
  if (status == 0) return 0;
  return errno == EINTR ? EINPROGRESS : errno;  // interrupted, it goes on in the background
}

int take_socket_error(int socket) {
  int error_number = 0;
  socklen_t length = sizeof error_number;
  return getsockopt(socket, SOL_SOCKET, SO_ERROR, &error_number, &length) == 0 ? error_number
                                                                               : errno;
}

void send_small_packets_at_once(int socket) {
  const int on = 1;
  setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

// A peer that vanished without a word is noticed after the system's number of
// probes.
void probe_when_silent(int socket, Duration period) {
  const auto seconds = static_cast<int>(std::chrono::ceil<std::chrono::seconds>(period).count());
  if (seconds <= 0) return;
  const int on = 1;
  setsockopt(socket, IPPROTO_TCP, TCP_KEEPIDLE, &seconds, sizeof seconds);
  setsockopt(socket, IPPROTO_TCP, TCP_KEEPINTVL, &seconds, sizeof seconds);
  setsockopt(socket, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
}

/// One connect(2) under way.
struct Dial {
  std::size_t index;
  Address address;
  Pollable socket;
};

/// Every call of the observer may destroy the race: whoever makes one looks at `life_` before going
/// on.
class Race final : public Connecting {
 public:
  Race(Loop& loop, std::span<const Address> addresses, const ConnectOptions& options,
       DialObserver& observer, Callback<void(Expected<std::unique_ptr<Stream>>)> on_done);

 private:
  enum class Next { dial, wait };

  static void on_event(uv_poll_t* handle, int status, int events) noexcept;

  void dial_on();
  Next dial_next();
  Next lose(std::size_t index, const Address& address, Tick at, Error error);
  void settle(const uv_poll_t* handle, int status, Tick at);
  void win(Dial dial, Tick at);
  void finish(Expected<std::unique_ptr<Stream>> result);

  Loop& loop_;
  const std::vector<Address> addresses_;
  const ConnectOptions options_;
  DialObserver& observer_;
  Callback<void(Expected<std::unique_ptr<Stream>>)> on_done_;

  std::size_t next_ = 0;  // the address to dial next
  std::vector<Dial> dials_;
  std::optional<Error> last_error_;
  Timer stagger_;
  NextTurn begin_;
  std::shared_ptr<const bool> life_ = std::make_shared<const bool>(true);
};

Race::Race(Loop& loop, std::span<const Address> addresses, const ConnectOptions& options,
           DialObserver& observer, Callback<void(Expected<std::unique_ptr<Stream>>)> on_done)
    : loop_(loop),
      addresses_(interleave_families(addresses)),
      options_(options),
      observer_(observer),
      on_done_(std::move(on_done)),
      stagger_(loop),
      begin_(loop) {
  XTRACE_ASSERT(!addresses_.empty());
  begin_.call([this] { dial_on(); });
}

void Race::dial_on() {
  while (next_ < addresses_.size()) {
    if (dial_next() == Next::wait) return;
  }
  if (dials_.empty()) finish(*last_error_);
}

Race::Next Race::dial_next() {
  const std::size_t index = next_++;
  const Address address = addresses_[index];
  auto socket = open_socket(loop_, address);

  const Tick began = tick_now();
  const int status = socket ? begin_connect(socket->descriptor(), address) : 0;
  const Tick returned = tick_now();

  const std::weak_ptr<const bool> life = life_;
  observer_.on_dial_start(index, address, began);
  if (life.expired()) return Next::wait;

  if (const auto* error = socket.if_error()) return lose(index, address, returned, *error);
  if (status != 0 && status != EINPROGRESS) {
    return lose(index, address, returned, dial_error(address, status));
  }
  Dial dial{.index = index, .address = address, .socket = std::move(socket).value()};
  if (status == 0) {
    win(std::move(dial), returned);
    return Next::wait;
  }
  dial.socket.set_owner(this);
  dial.socket.wait_for(UV_WRITABLE, on_event);
  dials_.push_back(std::move(dial));
  if (next_ < addresses_.size()) stagger_.arm(options_.stagger, [this] { dial_on(); });
  return Next::wait;
}

Race::Next Race::lose(std::size_t index, const Address& address, Tick at, Error error) {
  const std::weak_ptr<const bool> life = life_;
  last_error_ = std::move(error);
  const Error told = *last_error_;
  observer_.on_dial_done(index, address, at, &told);
  return life.expired() ? Next::wait : Next::dial;
}

void Race::on_event(uv_poll_t* handle, int status, int) noexcept {
  const Tick at = tick_now();
  auto* self = owner_of<Race>(handle);
  if (self == nullptr) return;
  self->loop_.note_ready();
  self->settle(handle, status, at);
}

void Race::settle(const uv_poll_t* handle, int status, Tick at) {
  const auto found = std::ranges::find_if(
      dials_, [handle](const Dial& dial) { return dial.socket.handle() == handle; });
  Dial dial = std::move(*found);
  dials_.erase(found);

  int error_number = take_socket_error(dial.socket.descriptor());
  if (error_number == 0 && status < 0) error_number = -status;
  if (error_number == 0) return win(std::move(dial), at);
  const Error error = dial_error(dial.address, error_number);
  if (lose(dial.index, dial.address, at, error) == Next::dial) dial_on();
}

void Race::win(Dial dial, Tick at) {
  const std::weak_ptr<const bool> life = life_;
  stagger_.disarm();
  next_ = addresses_.size();
  observer_.on_dial_done(dial.index, dial.address, at, nullptr);
  if (life.expired()) return;

  std::vector<Dial> abandoned = std::exchange(dials_, {});
  for (Dial& loser : abandoned) {
    loser.socket = Pollable();
    observer_.on_dial_abandoned(loser.index, loser.address, tick_now());
    if (life.expired()) return;
  }
  if (dial.address.family() != Address::Family::local) {
    send_small_packets_at_once(dial.socket.descriptor());
    probe_when_silent(dial.socket.descriptor(), options_.keep_alive_probes);
  }
  std::unique_ptr<Stream> stream =
      std::make_unique<Socket>(loop_, std::move(dial.socket), dial.address);
  finish(std::move(stream));
}

void Race::finish(Expected<std::unique_ptr<Stream>> result) {
  stagger_.disarm();
  auto on_done = std::move(on_done_);
  on_done(std::move(result));
}

}  // namespace

std::vector<Address> interleave_families(std::span<const Address> addresses) {
  std::vector<Address> firsts;
  std::vector<Address> others;
  for (const Address& address : addresses) {
    auto& list = address.family() == addresses.front().family() ? firsts : others;
    list.push_back(address);
  }
  std::vector<Address> order;
  for (std::size_t i = 0; i < std::max(firsts.size(), others.size()); ++i) {
    if (i < firsts.size()) order.push_back(firsts[i]);
    if (i < others.size()) order.push_back(others[i]);
  }
  return order;
}

std::unique_ptr<Connecting> connect_to(Loop& loop, std::span<const Address> addresses,
                                       const ConnectOptions& options, DialObserver& observer,
                                       Callback<void(Expected<std::unique_ptr<Stream>>)> on_done) {
  return std::make_unique<Race>(loop, addresses, options, observer, std::move(on_done));
}

}  // namespace xtrace
