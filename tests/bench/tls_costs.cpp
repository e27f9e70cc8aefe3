#include <chrono>
#include <ctime>
#include <string>
#include <vector>

#include <malloc.h>

#include "net/tls_fixture.h"
#include "support/count_allocations.h"

// There where the allocator is the address sanitizer's.
// NOLINTNEXTLINE(bugprone-reserved-identifier)
extern "C" __attribute__((weak)) std::size_t __sanitizer_get_current_allocated_bytes();

namespace xtrace::testing {

namespace {

using std::chrono::microseconds;
using std::chrono::nanoseconds;

std::size_t heap_bytes() {
  if (__sanitizer_get_current_allocated_bytes != nullptr) {
    return __sanitizer_get_current_allocated_bytes();
  }
  return mallinfo2().uordblks;
}

nanoseconds processor_time() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return std::chrono::seconds(time.tv_sec) + nanoseconds(time.tv_nsec);
}

/// A handshake of which only the client's side is timed.
nanoseconds client_time(const std::shared_ptr<const TlsContext>& context,
                        const std::shared_ptr<TlsServerMemory>& memory, bool is_resumed) {
  TlsPair pair({.identity = good_identity(), .memory = memory});
  nanoseconds spent{};
  const auto timed = [&spent](auto work) {
    const nanoseconds began = processor_time();
    work();
    spent += processor_time() - began;
  };
  timed([&] { pair.start(context); });
  while (!pair.is_done()) {
    pair.carry_up();
    const std::string flight = pair.server.take_output();
    if (!flight.empty()) timed([&] { pair.inner->deliver(flight); });
  }
  REQUIRE_FALSE(pair.error.has_value());
  REQUIRE(pair.info.resumed == is_resumed);
  return spent;
}

nanoseconds median(std::vector<nanoseconds> times) {
  std::nth_element(times.begin(), times.begin() + times.size() / 2, times.end());
  return times[times.size() / 2];
}

/// A connection in use, its peer's answers prepared by the test.
struct Conversation {
  Conversation() {
    static const auto context = context_trusting(test_ca().certificate);
    pair.start(context);
    pair.carry_until([this] { return pair.is_done() && pair.server.is_shaken; });
    pair.inner->written.clear();  // the server has it
    pair.inner->written.reserve(std::size_t{1024} * 1024);
    pair.stream->start_reading([this](Expected<std::span<const std::byte>> piece) {
      received += piece->size();
      ++pieces;
      return Flow::proceed;
    });
    pair.loop.spin();
  }

  void ask() {
    pair.stream->write(std::as_bytes(std::span(question)),
                       [this](Expected<void> result) { asked += result ? 1 : 0; });
    pair.inner->accept_all();
  }

  std::string prepare_answer(std::size_t size) {
    pair.server.receive(pair.inner->written);
    pair.inner->written.clear();
    pair.server.send(std::string(size, 'x'));
    return pair.server.take_output();
  }

  const std::string question = "GET / HTTP/1.1\r\nHost: api.example.com\r\n\r\n";
  TlsPair pair;
  std::size_t received = 0;
  std::size_t pieces = 0;
  int asked = 0;
};

}  // namespace

TEST_SUITE("bench/tls_costs") {
  TEST_CASE("a request and its answer over a kept TLS connection allocate nothing") {
    constexpr std::size_t kAnswer = 8000;
    Conversation talk;
    for (int round = 0; round < 2; ++round) {
      talk.ask();
      talk.pair.inner->deliver(talk.prepare_answer(kAnswer));
    }
    const std::size_t writes = talk.pair.inner->writes;
    CHECK(allocations_of([&talk] { talk.ask(); }) == 0);
    CHECK(talk.pair.inner->writes == writes + 1);  // one record, sent at once
    const std::string answer = talk.prepare_answer(kAnswer);
    const std::size_t pieces = talk.pieces;
    CHECK(allocations_of([&] { talk.pair.inner->deliver(answer); }) == 0);
    CHECK(talk.pieces == pieces + 1);
    CHECK(talk.received == 3 * kAnswer);
    CHECK(talk.asked == 3);
  }

  TEST_CASE("an idle TLS connection costs little more than the library's record buffers") {
    constexpr std::size_t kConnections = 50;
    const auto open = [] {
      auto talk = std::make_unique<Conversation>();
      talk->ask();
      talk->pair.inner->deliver(talk->prepare_answer(20'000));
      return talk;
    };
    std::vector<std::unique_ptr<Conversation>> talks;
    for (std::size_t i = 0; i < kConnections; ++i) talks.push_back(open());
    for (auto& talk : talks) std::string().swap(talk->pair.inner->written);
    // What closing our ends gives back, of what lies below them only the fakes.
    const std::size_t before = heap_bytes();
    for (auto& talk : talks) talk->pair.stream.reset();
    for (auto& talk : talks) talk->pair.loop.spin();
    const std::size_t each = (before - heap_bytes()) / kConnections;
    MESSAGE("an idle TLS connection: " << each << " bytes");
    CHECK(each > 2 * 16384);
    CHECK(each <= 38 * 1024);
  }

  TEST_CASE("a continued session costs the client less than half of a whole handshake") {
    constexpr int kRounds = 15;
    const auto context = context_trusting(test_ca().certificate);
    const auto memory = std::make_shared<TlsServerMemory>(TlsServerMemory::Names::tickets);
    std::vector<nanoseconds> whole;
    std::vector<nanoseconds> resumed;
    for (int round = 0; round < kRounds; ++round) {
      const auto fresh = context_trusting(test_ca().certificate);
      whole.push_back(client_time(fresh, memory, false));
      client_time(context, memory, round > 0);
      resumed.push_back(client_time(context, memory, true));
    }
    const auto times = std::pair(median(whole), median(resumed));
    MESSAGE("a whole handshake: " << times.first / microseconds(1) << " us of the client's");
    MESSAGE("a continued session: " << times.second / microseconds(1) << " us of the client's");
    CHECK(times.first >= 2 * times.second);
  }
}

}  // namespace xtrace::testing
