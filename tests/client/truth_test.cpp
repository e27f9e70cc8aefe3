#include <array>
#include <memory>
#include <string>

#include "client_fixture.h"

namespace xtrace {

using std::chrono::milliseconds;
using testing::ClientFixture;

namespace {

/// 64 requests that are made again and again on the loop under test, each answered after a
/// millisecond.
class OtherRequests {
 public:
  OtherRequests(testing::TestLoop& loop, testing::FakeResolver& resolver)
      : loop_(loop), resolver_(resolver), server_(loop) {
    server_.on_connection()
        .expect_head()
        .wait(milliseconds(1))
        .send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        .expect_end()
        .close();
  }

  void start_all() {
    for (std::size_t i = 0; i < attempts_.size(); ++i) start(i);
  }

  int finished() const { return finished_; }

 private:
  void start(std::size_t index) {
    attempts_[index] = std::make_unique<Attempt>(
        AttemptContext{.loop = loop_, .resolver = resolver_, .config = config_},
        Request(Url::parse(server_.url("/")).value()), CallOptions{},
        [this, index](Exchange exchange) {
          CHECK_FALSE(exchange.error.has_value());
          ++finished_;
          start(index);
        });
    attempts_[index]->start(std::shared_ptr<const TlsContext>());
  }

  testing::TestLoop& loop_;
  testing::FakeResolver& resolver_;
  testing::ScriptedServer server_;
  ClientConfig config_;
  std::array<std::unique_ptr<Attempt>, 64> attempts_;
  int finished_ = 0;
};

struct TruthFixture : ClientFixture {
  std::unique_ptr<OtherRequests> others;
  Tick delay_began{};
  Tick delay_ended{};

  std::function<void()> stamp(Tick& at) {
    return [&at] { at = std::chrono::steady_clock::now(); };
  }

  /// The delay as it really was: the server's timers are rounded up and late when the loop is.
  Duration delay() const { return delay_ended - delay_began; }

  bool explains(Duration measured, Duration expected, Duration loop_delay) const {
    const Duration off = measured > expected ? measured - expected : expected - measured;
    return off <= milliseconds(1) + expected / 100 + loop_delay;
  }

  void with_others_if(bool busy) {
    if (!busy) return;
    others = std::make_unique<OtherRequests>(loop, resolver);
    others->start_all();
    loop.run_until([this] { return others->finished() >= 64; });
  }
};

}  // namespace

TEST_SUITE("client/truth") {
  TEST_CASE_FIXTURE(TruthFixture,
                    "a known delay comes back in its phase and in no other, also on a busy loop") {
    for (const bool busy : {false, true}) {
      for (const milliseconds wanted :
           {milliseconds(0), milliseconds(1), milliseconds(20), milliseconds(200)}) {
        for (const Phase delayed : {Phase::response, Phase::body}) {
          CAPTURE(busy);
          CAPTURE(wanted.count());
          CAPTURE(to_string(delayed));
          with_others_if(busy);
          testing::Script& script = server.on_connection().expect_head();
          if (delayed == Phase::body) script.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\no");
          script.run(stamp(delay_began)).wait(wanted).run(stamp(delay_ended));
          if (delayed == Phase::response)
            script.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\no");
          script.send("k");
          result.reset();
          const Timeline timeline = get().timeline;
          REQUIRE_FALSE(timeline.error.has_value());
          others.reset();

          for (const Phase phase : {Phase::queue, Phase::request, Phase::response, Phase::body}) {
            CAPTURE(to_string(phase));
            const Duration expected = phase == delayed ? delay() : Duration::zero();
            CHECK(explains(timeline.find(phase)->length(), expected, timeline.loop_delay));
          }
          CHECK(explains(timeline.dials[0].span.length(), Duration::zero(), timeline.loop_delay));
          CHECK(explains(timeline.total, delay(), timeline.loop_delay * 6));
        }
      }
    }
  }

  TEST_CASE_FIXTURE(TruthFixture, "a slow lookup is the lookup's, also on a busy loop") {
    with_others_if(true);
    resolver.answers.emplace("named.test", Resolved{.addresses = {server.address()}});
    resolver.lookup_time = milliseconds(20);
    server.on_connection().expect_head().send("HTTP/1.1 204 No Content\r\n\r\n");
    const std::string url = "http://named.test:" + std::to_string(server.port()) + "/";
    const Timeline timeline = exchange(Request(Url::parse(url).value())).timeline;
    REQUIRE_FALSE(timeline.error.has_value());
    CHECK(timeline.find(Phase::dns)->length() >= milliseconds(20));
    CHECK(explains(timeline.find(Phase::dns)->length(), milliseconds(20), timeline.loop_delay));
    CHECK(
        explains(timeline.find(Phase::response)->length(), Duration::zero(), timeline.loop_delay));
  }

  TEST_CASE_FIXTURE(ClientFixture, "a loop that was busy elsewhere says so") {
    server.on_connection().expect_head().send("HTTP/1.1 204 No Content\r\n\r\n").run([] {
      const Tick until = std::chrono::steady_clock::now() + milliseconds(20);
      while (std::chrono::steady_clock::now() < until) {
      }
    });
    const Exchange& done = get();
    CHECK(done.timeline.loop_delay >= milliseconds(20));
    CHECK(done.timeline.loop_delay < milliseconds(200));
  }
}

}  // namespace xtrace
