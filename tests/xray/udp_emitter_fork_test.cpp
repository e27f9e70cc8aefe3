#include <atomic>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <xtrace/trace_id.h>
#include <xtrace/udp_emitter.h>

#include "xray/emitter_parts.h"
#include "xray/udp_receiver.h"

namespace xtrace::udp_emitter_fork_test {

namespace {

using namespace std::chrono_literals;
using testing::accounted;
using testing::framed;
using testing::numbered;
using testing::UdpReceiver;

// The thread sanitizer allows no thread in the child of a process with threads.
#if defined(__SANITIZE_THREAD__)
constexpr bool kMayHaveThread = false;
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
constexpr bool kMayHaveThread = false;
#else
constexpr bool kMayHaveThread = true;
#endif
#else
constexpr bool kMayHaveThread = true;
#endif

/// Runs `body` in a child process, which ends with what it returns; the parent gets that.
template <class Body>
int in_child(Body body) {
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) ::_exit(body());
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 255;
}

}  // namespace

TEST_SUITE("xray/udp_emitter_fork") {
  TEST_CASE("a child begins with nothing queued and nothing counted, and what was is the parent's" *
            doctest::skip(!kMayHaveThread)) {
    UdpReceiver daemon;
    const auto emitter = make_udp_emitter(daemon.endpoint(), {.max_delay = 1h});
    emitter->emit(numbered(0, 10));
    const int result = in_child([&emitter] {
      if (!(emitter->stats() == EmitterStats{})) return 1;
      emitter->emit(numbered(10, 1));
      if (emitter->confirm(1h) != Delivery::sent) return 2;
      return emitter->stats().sent == 1 ? 0 : 3;
    });
    CHECK(result == 0);
    CHECK(daemon.receive() == framed(numbered(10, 1)[0]));
    CHECK(daemon.is_empty());
    CHECK(emitter->stats().queued == 10);
    CHECK(emitter->drain(10s));
    for (const std::string& document : numbered(0, 10)) CHECK(daemon.receive() == framed(document));
    CHECK(emitter->stats().sent == 10);
  }

  TEST_CASE("a child emits under fresh ids while the parent's threads emit" *
            doctest::skip(!kMayHaveThread)) {
    constexpr int kChildren = 10;
    UdpReceiver daemon;
    const auto emitter = make_udp_emitter(daemon.endpoint(), {.max_delay = 1ms});
    std::atomic<bool> is_over{false};
    std::atomic<int> emitted{0};
    std::vector<std::thread> threads;
    for (int thread = 0; thread < 2; ++thread) {
      threads.emplace_back([&] {
        while (!is_over) {
          emitter->emit(numbered(emitted.fetch_add(1), 1));
          if (emitter->stats().queued > 500) emitter->drain(10s);
        }
      });
    }
    std::thread children{[&] {
      for (int i = 0; i < kChildren; ++i) {
        const int result = in_child([&emitter] {
          const std::string id{TraceId::generate(now().wall).text()};
          emitter->emit(std::vector<std::string>{"child " + id});
          return emitter->drain(10s) && emitter->stats().sent == 1 ? 0 : 1;
        });
        CHECK(result == 0);
      }
      is_over = true;
    }};
    std::set<std::string> from_children;
    std::set<std::string> from_parent;
    const auto read_all = [&] {
      for (const std::string& datagram : daemon.receive_all()) {
        const bool is_childs = datagram.find("child ") != std::string::npos;
        REQUIRE((is_childs ? from_children : from_parent).insert(datagram).second);
      }
    };
    while (!is_over) read_all();
    children.join();
    for (std::thread& thread : threads) thread.join();
    while (!emitter->drain(1ms)) read_all();
    read_all();
    CHECK(from_children.size() == kChildren);
    CHECK(from_parent.size() == static_cast<std::size_t>(emitted));
    CHECK(emitter->stats().sent == from_parent.size());
    CHECK(accounted(emitter->stats()) == emitter->stats().documents);
  }

  TEST_CASE("a child has a thread of its own when it needs one, and ends as the parent does" *
            doctest::skip(!kMayHaveThread)) {
    UdpReceiver daemon;
    auto emitter = make_udp_emitter(daemon.endpoint(), {.max_delay = 1ms, .close_limit = 1h});
    emitter->emit(numbered(0, 1));
    CHECK(daemon.await() == framed(numbered(0, 1)[0]));
    int go[2];
    REQUIRE(::pipe(go) == 0);
    std::thread child{[&] {
      const int result = in_child([&] {
        emitter->emit(numbered(1, 1));
        char byte = 0;
        if (::read(go[0], &byte, 1) != 1) return 1;  // the thread has sent it
        emitter->emit(numbered(2, 1));
        emitter.reset();
        return 0;
      });
      CHECK(result == 0);
    }};
    CHECK(daemon.await() == framed(numbered(1, 1)[0]));
    REQUIRE(::write(go[1], "x", 1) == 1);
    CHECK(daemon.await() == framed(numbered(2, 1)[0]));
    child.join();
    emitter->emit(numbered(3, 1));
    CHECK(daemon.await() == framed(numbered(3, 1)[0]));
    ::close(go[0]);
    ::close(go[1]);
  }

  TEST_CASE("a child's emitter for a name looks it up anew" * doctest::skip(!kMayHaveThread)) {
    UdpReceiver daemon;
    const auto emitter =
        make_udp_emitter({.host = "localhost", .port = daemon.endpoint().port}, {.max_delay = 0ns});
    emitter->emit(numbered(0, 1));
    REQUIRE(emitter->drain(10s));
    CHECK(daemon.receive() == framed(numbered(0, 1)[0]));
    const int result = in_child([&emitter] {
      emitter->emit(numbered(1, 1));
      return emitter->drain(10s) ? 0 : 1;
    });
    CHECK(result == 0);
    CHECK(daemon.receive() == framed(numbered(1, 1)[0]));
  }
}

}  // namespace xtrace::udp_emitter_fork_test
