// An emitter among threads that flood it, fork and end, and one that gets no thread of its own.

#include <atomic>
#include <cerrno>
#include <chrono>
#include <thread>
#include <vector>

#include <doctest/doctest.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <xtrace/udp_emitter.h>

#include "support/no_threads.h"
#include "xray/emitter_parts.h"
#include "xray/udp_engine.h"
#include "xray/udp_receiver.h"

namespace xtrace::udp_emitter_threads_test {

namespace {

using namespace std::chrono_literals;
using testing::accounted;
using testing::copies;
using testing::framed;
using testing::NoThreads;
using testing::numbered;
using testing::UdpReceiver;

/// Threads that do the same again and again until the object goes.
class Restless {
 public:
  template <class Work>
  Restless(int count, Work work) {
    for (int i = 0; i < count; ++i) {
      threads_.emplace_back([this, work] {
        while (!is_over_) work();
      });
    }
  }
  Restless(const Restless&) = delete;
  Restless& operator=(const Restless&) = delete;
  ~Restless() {
    is_over_ = true;
    for (std::thread& thread : threads_) thread.join();
  }

 private:
  std::atomic<bool> is_over_{false};
  std::vector<std::thread> threads_{};
};

}  // namespace

TEST_SUITE("xray/udp_emitter_threads") {
  TEST_CASE("a flush ends though others emit faster than can be sent") {
    const UdpReceiver daemon;
    const auto emitter = make_udp_emitter(daemon.endpoint(), {.flow_control = FlowControl::off});
    const std::vector<std::string> flood = copies(500, std::string(100, 'x'));
    const Restless threads{2, [&] { emitter->emit(flood); }};
    for (int i = 0; i < 20; ++i) emitter->flush();
    for (int i = 0; i < 5; ++i) emitter->drain(1ms);
    const EmitterStats stats = emitter->stats();
    CHECK(accounted(stats) == stats.documents);
  }

  TEST_CASE("emitters end while another thread forks") {
    const UdpReceiver daemon;
    const Restless forks{1, [] {
                           const pid_t child = ::fork();
                           if (child == 0) ::_exit(0);
                           ::waitpid(child, nullptr, 0);
                         }};
    for (int i = 0; i < 300; ++i) {
      UdpEngine engine{daemon.endpoint(), {.flow_control = FlowControl::off, .max_delay = 1us}};
      for (int n = 0; n < 5; ++n) engine.take(numbered(n, 1), {});
      engine.close(10s);
    }
  }

  TEST_CASE("emitters end while the name of their daemon is found") {
    const UdpReceiver daemon;
    const UdpAddresses found = look_up_host(daemon.endpoint()).value();
    for (int i = 0; i < 300; ++i) {
      UdpEngine engine{{.host = "daemon.test", .port = 2000},
                       {.max_delay = 1us, .resolve_interval = 0ns},
                       [found](const DaemonEndpoint&) { return found; }};
      engine.take(numbered(0, 1), {});
      engine.close(0ns);
    }
  }

  TEST_CASE("who emits sends what is due where no thread can be had") {
    UdpReceiver daemon;
    const auto emitter = make_udp_emitter(daemon.endpoint(), {.max_delay = 1ms});
    const NoThreads none;
    emitter->emit(numbered(0, 1));
    CHECK(daemon.is_empty());
    std::this_thread::sleep_for(2ms);
    emitter->emit(numbered(1, 1));
    CHECK(daemon.receive() == framed(numbered(0, 1)[0]));
    CHECK(daemon.receive() == framed(numbered(1, 1)[0]));
  }

  TEST_CASE("a receiver that was full gets the rest where no thread can be had") {
    UdpReceiver daemon;
    const auto emitter = make_udp_emitter(daemon.endpoint());
    const NoThreads none;
    emitter->emit(numbered(0, 1'000, 640));
    std::size_t received = daemon.receive_all().size();
    CHECK(received < 1'000);
    int emitted = 1'000;
    for (; emitter->stats().queued > 64 && emitted < 10'000; ++emitted) {
      std::this_thread::sleep_for(3ms);
      emitter->emit(numbered(emitted, 1));
      received += daemon.receive_all().size();
    }
    CHECK(emitted < 10'000);
    CHECK(received == emitter->stats().sent);
    CHECK(emitter->stats().dropped_queue_full == 0);
  }

  TEST_CASE("durations of any size are taken for what they mean") {
    UdpReceiver daemon;
    for (const Duration length : {Duration::max(), Duration::min()}) {
      const auto emitter = make_udp_emitter(daemon.endpoint(), {.max_delay = length,
                                                                .resolve_interval = length,
                                                                .absent_patience = length,
                                                                .close_limit = length});
      emitter->emit(numbered(0, 1));
      CHECK(daemon.is_empty() == (length > 0ns));
      CHECK(emitter->drain(length > 0ns ? length : 1h));
      CHECK(daemon.receive() == framed(numbered(0, 1)[0]));
    }
    const DaemonEndpoint closed = UdpReceiver{}.endpoint();
    const auto emitter = make_udp_emitter(closed, {.absent_patience = Duration::max()});
    emitter->emit(numbered(0, 1));
    CHECK(emitter->confirm(1h) == Delivery::refused);
    CHECK(emitter->stats().queued == 1);
  }

  TEST_CASE("emitting leaves errno as it was") {
    int ends[2];
    REQUIRE(::socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends) == 0);
    ::close(ends[1]);  // so that sending fails
    const auto emitter = make_udp_emitter_on(ends[0], "nobody", {.max_delay = 0ns});
    for (int n = 0; n < 3; ++n) {
      errno = EDOM;
      emitter->emit(numbered(n, 1));
      CHECK(errno == EDOM);
    }
  }
}

}  // namespace xtrace::udp_emitter_threads_test
