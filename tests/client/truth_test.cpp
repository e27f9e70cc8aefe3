#include <array>
#include <memory>
#include <string>

#include "client_fixture.h"

namespace xtrace::truth_test {

using std::chrono::milliseconds;
using testing::ClientFixture;

namespace {

/// 64 requests that are made again and again on the loop under test, each answered after a
/// millisecond.
class OtherRequests {
 public:
  OtherRequests(testing::TestLoop& loop, testing::FakeResolver& resolver)
      : server_(loop),
        core_(loop, finalize_config({.proxy = ProxyConfig(), .keeps_alive = false}).value(),
              &resolver) {
    server_.on_connection()
        .expect_head()
        .wait(milliseconds(1))
        .send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        .expect_end()
        .close();
  }

  void start_all() {
    for (std::size_t i = 0; i < calls_.size(); ++i) start(i);
  }

  int finished() const { return finished_; }

 private:
  void start(std::size_t index) {
    calls_[index] =
        std::make_unique<CallState>(core_, Request(Url::parse(server_.url("/")).value()),
                                    CallOptions{}, [this, index](Exchange exchange) {
                                      CHECK_FALSE(exchange.error.has_value());
                                      ++finished_;
                                      start(index);
                                    });
    core_.begin_later(*calls_[index]);
  }

  testing::ScriptedServer server_;
  ClientCore core_;
  std::array<std::unique_ptr<CallState>, 64> calls_;
  int finished_ = 0;
};

struct TruthFixture : ClientFixture {
  TruthFixture() { config.keeps_alive = false; }

  std::unique_ptr<OtherRequests> others;
  Tick delay_began{};
  Tick delay_ended{};

  std::function<void()> stamp(Tick& at) {
    return [&at] { at = std::chrono::steady_clock::now(); };
  }

  /// The delay as it really was: the server's timers are rounded up and late when the loop is.
  Duration delay() const { return delay_ended - delay_began; }

  void with_others_if(bool busy) {
    if (!busy) return;
    others = std::make_unique<OtherRequests>(loop, resolver);
    others->start_all();
    loop.run_until([this] { return others->finished() >= 64; });
  }

  /// One request, delayed in one phase by `wanted`.
  Timeline measure(Phase delayed, milliseconds wanted) {
    constexpr auto kHead = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\no";
    testing::Script& script = server.on_connection().expect_head();
    if (delayed == Phase::body) script.send(kHead);
    script.run(stamp(delay_began)).wait(wanted).run(stamp(delay_ended));
    if (delayed == Phase::response) script.send(kHead);
    script.send("k");
    result.reset();
    return get().timeline;
  }

  /// The phases that do not say what happened, with what they say.
  std::string lies(const Timeline& timeline, Phase delayed) const {
    std::string text;
    for (const Phase phase : {Phase::queue, Phase::request, Phase::response, Phase::body}) {
      const Duration expected = phase == delayed ? delay() : Duration::zero();
      const Duration measured = timeline.find(phase)->length();
      if (is_told(measured, expected, timeline.loop_delay)) continue;
      text += std::string(to_string(phase)) + " says " + std::to_string(measured.count()) +
              " ns, not " + std::to_string(expected.count()) + "; ";
    }
    const Duration dialled = timeline.dials[0].span.length();
    if (!is_told(dialled, Duration::zero(), timeline.loop_delay)) text += "dial took time; ";
    return text;
  }

  static bool is_told(Duration measured, Duration expected, Duration loop_delay) {
    const Duration off = measured > expected ? measured - expected : expected - measured;
    return off <= milliseconds(1) + expected / 100 + loop_delay;
  }
};

}  // namespace

TEST_SUITE("client/truth") {
  TEST_CASE_FIXTURE(TruthFixture,
                    "a known delay comes back in its phase and in no other, also on a busy loop") {
    bool busy = false;
    SUBCASE("alone") {}
    SUBCASE("beside 64 other requests") {
      busy = true;
    }
    for (const auto wanted :
         {milliseconds(0), milliseconds(1), milliseconds(20), milliseconds(200)}) {
      for (const Phase delayed : {Phase::response, Phase::body}) {
        // A machine that stopped this process for a moment is not the instrument's lie; three such
        // moments in a row are.
        std::string lie = "not measured";
        for (int tries = 0; tries < 3 && !lie.empty(); ++tries) {
          with_others_if(busy);
          const Timeline timeline = measure(delayed, wanted);
          others.reset();
          REQUIRE_FALSE(timeline.error.has_value());
          lie = lies(timeline, delayed);
        }
        CHECK_MESSAGE(lie.empty(), wanted.count(), " ms in ", to_string(delayed), ": ", lie);
      }
    }
  }

  TEST_CASE_FIXTURE(TruthFixture, "a slow lookup is the lookup's, also on a busy loop") {
    resolver.answers.emplace("named.test", Resolved{.addresses = {server.address()}});
    resolver.lookup_time = milliseconds(20);
    const std::string url = "http://named.test:" + std::to_string(server.port()) + "/";
    bool is_true = false;
    for (int tries = 0; tries < 3 && !is_true; ++tries) {
      with_others_if(true);
      server.on_connection().expect_head().send("HTTP/1.1 204 No Content\r\n\r\n");
      result.reset();
      const Timeline timeline = exchange(Request(Url::parse(url).value())).timeline;
      others.reset();
      REQUIRE_FALSE(timeline.error.has_value());
      const Duration lookup = timeline.find(Phase::dns)->length();
      CHECK(lookup >= milliseconds(20));
      is_true = is_told(lookup, milliseconds(20), timeline.loop_delay) &&
                is_told(timeline.find(Phase::response)->length(), {}, timeline.loop_delay);
    }
    CHECK(is_true);
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

}  // namespace xtrace::truth_test
