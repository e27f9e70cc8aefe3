/// How long the client keeps its loop busy at a stretch: with large bodies, and with many
/// connections. The servers run on a thread of their own, and what is measured is processor time,
/// so a machine that is busy with other things does not matter.

#include <algorithm>
#include <ctime>
#include <future>
#include <optional>
#include <utility>

#include <sys/resource.h>

#include <xtrace/client.h>

#include "http/coded_bodies.h"
#include "loop/turn_end.h"
#include "support/scripted_server.h"
#include "support/test_loop.h"
#include "support/tls_host.h"

namespace xtrace::loop_lag_test {

using std::chrono::milliseconds;
using testing::ScriptedServer;
using testing::TlsHost;

namespace {

constexpr std::size_t kLarge = std::size_t{64} << 20U;

// What one turn may take; without optimisation, or under sanitizers, all is slower.
#if defined(__OPTIMIZE__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
constexpr Duration kMostAtAStretch = milliseconds(5);
#else
constexpr Duration kMostAtAStretch = milliseconds(50);
#endif

/// The longest work of a turn, in processor time of this thread.
class WorkProbe {
 public:
  explicit WorkProbe(Loop& loop) : before_(used()), turn_end_(loop, [this] { note(); }) {}
  Duration longest() const { return longest_; }

 private:
  static Duration used() {
    timespec time{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
  }
  // Called twice a turn.
  void note() {
    const Duration present = used();
    const Duration half = present - before_;
    before_ = present;
    longest_ = std::max(longest_, std::exchange(last_half_, half) + half);
  }

  Duration before_;
  Duration last_half_{};
  Duration longest_{};
  TurnEnd turn_end_;
};

/// A server that lives on a loop of its own.
template <class Server>
class Elsewhere {
 public:
  template <class Make>
  explicit Elsewhere(Make make) {
    on_its_thread([this, make = std::move(make)] { server_ = make(thread_.loop()); });
  }
  ~Elsewhere() {
    on_its_thread([this] { server_.reset(); });
  }
  Elsewhere(const Elsewhere&) = delete;
  Elsewhere& operator=(const Elsewhere&) = delete;

  const Address address() const { return server_->address(); }

 private:
  void on_its_thread(Callback<void()> task) {
    std::promise<void> done;
    thread_.loop().post([&task, &done] {
      task();
      done.set_value();
    });
    done.get_future().wait();
  }

  LoopThread thread_;
  std::unique_ptr<Server> server_;
};

struct LagFixture {
  testing::TestLoop loop;
  ClientConfig config{.proxy = ProxyConfig()};
  std::size_t received = 0;

  LagFixture() {
    config.tls.accept_any_certificate = true;
    config.decoding.most_ratio = 100'000;
  }

  static std::unique_ptr<ScriptedServer> script(Loop& on, std::size_t upload, std::string answer) {
    auto server = std::make_unique<ScriptedServer>(on);
    server->on_connection().expect_head().expect_bytes(upload).send(std::move(answer)).expect_end();
    return server;
  }

  Duration longest_work(const std::string& url, std::string upload = {}) {
    Client client(loop, finalize_config(config).value());
    Request what(Url::parse(url).value());
    if (!upload.empty()) what.method = "PUT";
    what.body = std::move(upload);
    CallOptions options;
    options.on_body = [this](std::span<const std::byte> piece) -> Expected<Flow> {
      received += piece.size();
      return Flow::proceed;
    };
    // A handshake's arithmetic is one piece of work, however large the body is.
    std::optional<WorkProbe> probe;
    options.trace.got_conn = [this, &probe](const GotConnInfo&) { probe.emplace(loop); };
    bool is_done = false;
    Call call = client.start(std::move(what), std::move(options), [&is_done](Exchange exchange) {
      CHECK_FALSE(exchange.error.has_value());
      is_done = true;
    });
    REQUIRE(loop.loop().run_until([&is_done] { return is_done; }, std::chrono::seconds(60)));
    return probe->longest();
  }

  static void check(Duration longest) {
    MESSAGE("longest work of a turn: "
            << std::chrono::duration_cast<std::chrono::microseconds>(longest).count() << " us");
    CHECK(longest < kMostAtAStretch);
  }
};

std::string answer_of(std::size_t size) {
  return "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(size) + "\r\n\r\n";
}

/// Twice, for our end and the server's, both of this process.
bool may_open(rlim_t descriptors) {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  if (limit.rlim_cur >= descriptors) return true;
  limit.rlim_cur = std::min(descriptors, limit.rlim_max);
  return setrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur >= descriptors;
}

}  // namespace

TEST_SUITE("client/loop_lag") {
  TEST_CASE_FIXTURE(LagFixture, "a large download never blocks the loop") {
    Elsewhere<ScriptedServer> server(
        [](Loop& on) { return script(on, 0, answer_of(kLarge) + std::string(kLarge, 'x')); });
    check(longest_work("http://" + server.address().to_string() + "/"));
    CHECK(received == kLarge);
  }

  TEST_CASE_FIXTURE(LagFixture, "a large upload never blocks the loop") {
    Elsewhere<ScriptedServer> server([](Loop& on) { return script(on, kLarge, answer_of(0)); });
    check(longest_work("http://" + server.address().to_string() + "/", std::string(kLarge, 'x')));
  }

  TEST_CASE_FIXTURE(LagFixture, "a body that decodes to a large one never blocks the loop") {
    std::string coded;
    while (coded.size() < std::size_t{64} << 10U) coded += testing::from_hex(testing::kGzip);
    const std::size_t members = coded.size() / (testing::kGzip.size() / 2);
    Elsewhere<ScriptedServer> server([&coded](Loop& on) {
      return script(on, 0,
                    "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: " +
                        std::to_string(coded.size()) + "\r\n\r\n" + coded);
    });
    check(longest_work("http://" + server.address().to_string() + "/"));
    CHECK(received == members * testing::coded_text().size());
  }

  TEST_CASE_FIXTURE(LagFixture, "large bodies over TLS never block the loop") {
    const testing::TlsServerOptions options{
        .identity = testing::self_sign({.common_name = "a test", .addresses = {"127.0.0.1"}})};
    std::string upload;
    std::size_t download = 0;
    SUBCASE("down") {
      download = kLarge;
    }
    SUBCASE("up") {
      upload.resize(kLarge);
    }
    Elsewhere<TlsHost> host([&](Loop& on) {
      auto made = std::make_unique<TlsHost>(on, options);
      made->wait_for(upload.size());
      made->answer(answer_of(download) + std::string(download, 'x'), TlsHost::End::open);
      return made;
    });
    check(longest_work("https://" + host.address().to_string() + "/", std::move(upload)));
    CHECK(received == download);
  }

  TEST_CASE_FIXTURE(LagFixture, "a thousand connections at once never block the loop") {
    constexpr int kCalls = 1000;
    if (!may_open(2 * kCalls + 100)) {
      MESSAGE("skipped: too few descriptors are allowed here");
      return;
    }
    Elsewhere<ScriptedServer> server([](Loop& on) {
      auto made = std::make_unique<ScriptedServer>(on);
      // Late enough for all of them to be there by then.
      made->on_connection().expect_head().wait(milliseconds(500)).send(answer_of(2) + "ok");
      return made;
    });
    Client client(loop, finalize_config(config).value());
    WorkProbe probe(loop);
    int ended = 0;
    std::vector<Call> calls(kCalls);
    for (Call& call : calls) {
      call =
          client.start(Request(Url::parse("http://" + server.address().to_string() + "/").value()),
                       {}, [&ended](Exchange exchange) {
                         if (exchange.error) FAIL_CHECK(exchange.error->message);
                         ++ended;
                       });
    }
    REQUIRE(loop.loop().run_until([&ended] { return ended == kCalls; }, std::chrono::seconds(30)));
    check(probe.longest());
    CHECK(client.pool_stats().total.opened == kCalls);
  }
}

}  // namespace xtrace::loop_lag_test
