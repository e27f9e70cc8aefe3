/// Hundreds of requests whose servers, limits and owners do whatever a seed says; the pool's
/// promises are looked at after every turn of the loop.

#include <algorithm>
#include <array>
#include <deque>
#include <random>

#include <uv.h>

#include "many_calls.h"

namespace xtrace::pool_storm_test {

using std::chrono::milliseconds;
using testing::ManyCalls;
using testing::Script;
using testing::ScriptedServer;

namespace {

constexpr int kRequests = 150;
constexpr int kMostAtOnce = 24;

/// The path of a request, answered: whoever gets another's answer is found out.
std::string echo(std::string_view head) {
  const std::size_t begin = head.find(' ') + 1;
  const std::string path(head.substr(begin, head.find(' ', begin) - begin));
  return "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(path.size()) + "\r\n\r\n" + path;
}

std::string slow_half(std::string_view head) {
  const std::string whole = echo(head);
  return whole.substr(0, whole.size() - 1);
}

class Storm : public ManyCalls {
 public:
  explicit Storm(unsigned seed) : random_(seed) {
    config.pool = {.connections = pick<std::size_t>({0, 3, 6}),
                   .connections_per_host = pick<std::size_t>({0, 1, 3}),
                   .idle = pick<std::size_t>({0, 2, 100}),
                   .idle_per_host = pick<std::size_t>({0, 1, 4}),
                   .waiting = pick<std::size_t>({0, 6}),
                   .lifetime = pick<Duration>({Duration::zero(), milliseconds(15)})};
    config.timeouts = {.total = milliseconds(60),
                       .wait = pick<Duration>({Duration::zero(), milliseconds(8)}),
                       .response = milliseconds(10)};
    for (ScriptedServer* origin : origins()) write_scripts(*origin);
  }

  void run() {
    while (started_ < kRequests || ended_ + cancelled_ < started_) {
      if (started_ < kRequests) act();
      uv_run(loop.loop().handle(), started_ < kRequests ? UV_RUN_NOWAIT : UV_RUN_ONCE);
      check_turn();
    }
    loop.run_until([this] { return counts().active == 0 && counts().connecting == 0; });
    loop.spin();
    check_turn();
    CHECK(counts().waiting == 0);
    CHECK(answered_ > 0);
    bool is_closed = false;
    client().close([&is_closed] { is_closed = true; });
    loop.run_until([&is_closed] { return is_closed; });
    CHECK(counts().total() == 0);
    check_sums();
  }

  int answered() const { return answered_; }

 private:
  int chance(int most) { return std::uniform_int_distribution<int>(0, most - 1)(random_); }
  template <class Value>
  Value pick(std::initializer_list<Value> values) {
    return *(values.begin() + chance(static_cast<int>(values.size())));
  }
  std::array<ScriptedServer*, 3> origins() { return {&server, &second_, &third_}; }

  void write_scripts(ScriptedServer& origin) {
    for (int connection = 0; connection < 40; ++connection) {
      Script& script = origin.on_connection();
      for (int exchange = 0; exchange < 12; ++exchange) {
        script.expect_head();
        if (!behave(script)) break;
      }
    }
    Script& last = origin.on_connection();
    for (int exchange = 0; exchange < kRequests; ++exchange) last.expect_head().reply(echo);
  }

  /// One exchange; false where it is the connection's last.
  bool behave(Script& script) {
    switch (chance(16)) {
      case 0:
        script.close();
        return false;
      case 1:
        script.reset();
        return false;
      case 2:
        script.silent();
        return false;
      case 3:
        script.reply(slow_half).silent();
        return false;
      case 4:
        script.reply(slow_half).turn().reset();
        return false;
      case 5:
        script.reply(echo).close();
        return false;
      case 6:
        script.reply(echo).turn().turn().send("HTTP/1.1 408 Request Timeout\r\n\r\n");
        return false;
      case 7:
      case 8:
        script.reply([this](std::string_view head) { return redirect(head); });
        return true;
      case 9:
        script.wait(milliseconds(2)).reply(echo);
        return true;
      case 10:
        script.send("HTTP/1.1 103 Early Hints\r\n\r\n").turn().reply(echo);
        return true;
      default:
        script.reply(echo);
        return true;
    }
  }

  /// To the same path of the next origin.
  std::string redirect(std::string_view head) {
    const std::size_t begin = head.find(' ') + 1;
    const auto& next = *origins()[static_cast<std::size_t>(++redirected_ % 3)];
    return "HTTP/1.1 307 Temporary Redirect\r\nLocation: " +
           next.url(head.substr(begin, head.find(' ', begin) - begin)) +
           "\r\nContent-Length: 0\r\n\r\n";
  }

  void act() {
    for (int i = chance(4); i > 0 && calls.size() < kMostAtOnce && started_ < kRequests; --i)
      launch_one();
    const int what = chance(40);
    if (what < 4) cancel_one();
    if (what == 4) client().pool.close_idle();
    graveyard_.clear();
  }

  void launch_one() {
    const int id = started_++;
    const auto& origin = *origins()[static_cast<std::size_t>(chance(3))];
    Request what = request_to(origin, "/" + std::to_string(id));
    if (chance(4) == 0) what.method = "POST";
    if (chance(12) == 0) what.headers.add("Expect", "100-continue");
    const bool cancels_another = chance(8) == 0;
    launch(id, std::move(what), {}, [this, id, cancels_another](Exchange exchange) {
      note_end(id, exchange);
      if (cancels_another) cancel_one();
    });
  }

  void note_end(int id, const Exchange& exchange) {
    REQUIRE(calls.contains(id));  // neither cancelled nor told before
    ++ended_;
    if (exchange.error) {
      CHECK(exchange.error->phase != Phase::none);
      CHECK(exchange.timeline.error == exchange.error);
    } else {
      ++answered_;
      CHECK(exchange.response->body == "/" + std::to_string(id));
    }
    graveyard_.push_back(std::move(calls.at(id)));
    calls.erase(id);
  }

  void cancel_one() {
    if (calls.empty()) return;
    const auto victim = std::next(calls.begin(), chance(static_cast<int>(calls.size())));
    ++cancelled_;
    calls.erase(victim);
  }

  void check_turn() {
    check_sums();
    const PoolStats stats = client().book.stats();
    const PoolLimits& limits = config.pool;
    if (limits.connections > 0) CHECK(stats.total.total() <= limits.connections);
    bool is_over = limits.idle > 0 && stats.total.idle > limits.idle;
    for (const AddressStats& address : stats.addresses) {
      const PoolCounts& counts = address.counts;
      if (limits.connections_per_host > 0) CHECK(counts.total() <= limits.connections_per_host);
      is_over = is_over || (limits.idle_per_host > 0 && counts.idle > limits.idle_per_host);
    }
    // What was kept for somebody who then left is closed on the next turn.
    turns_over_ = is_over && stats.total.waiting == 0 ? turns_over_ + 1 : 0;
    CHECK(turns_over_ <= 1);
    CHECK(client().pool.is_empty() == (stats.total.total() == 0));
  }

  std::minstd_rand random_;
  ScriptedServer second_{loop};
  ScriptedServer third_{loop};
  std::vector<std::unique_ptr<CallState>> graveyard_;  // ended, destroyed outside their on_done
  int started_ = 0;
  int ended_ = 0;
  int cancelled_ = 0;
  int answered_ = 0;
  int redirected_ = 0;
  int turns_over_ = 0;
};

}  // namespace

TEST_SUITE("client/pool_storm") {
  TEST_CASE("a pool keeps its promises whatever servers and callers do") {
    int answered = 0;
    for (unsigned seed = 1; seed <= 20; ++seed) {
      CAPTURE(seed);
      Storm storm(seed);
      storm.run();
      answered += storm.answered();
    }
    CHECK(answered > 20 * kRequests / 4);
  }
}

}  // namespace xtrace::pool_storm_test
