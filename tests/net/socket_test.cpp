#include <chrono>
#include <csignal>
#include <memory>
#include <span>
#include <string>

#include <doctest/doctest.h>

#include "loop/timer.h"
#include "net/next_turn.h"
#include "net/socket_fixture.h"
#include "net/stream.h"
#include "support/scripted_server.h"
#include "support/test_loop.h"

namespace xtrace::socket_test {

namespace {

using namespace std::chrono_literals;
using namespace testing;

TEST_SUITE("net/socket") {
  TEST_CASE("a socket sends, receives and hears the end") {
    TestLoop loop;
    ScriptedServer server(loop);
    server.on_connection().expect("ping").send("pong").close();
    const auto stream = connected(loop, server.address());
    CHECK(stream->remote_address() == server.address());
    CHECK(stream->local_address().host() == "127.0.0.1");
    CHECK(stream->local_address().port() != 0);

    Reader reader;
    reader.read(*stream);
    Writer writer;
    const Tick before = std::chrono::steady_clock::now();
    writer.write(*stream, "ping");
    const Tick after = std::chrono::steady_clock::now();
    CHECK_FALSE(writer.is_done());
    CHECK(stream->bytes_accepted() == 4);
    CHECK(stream->accepted_at() >= before);
    CHECK(stream->accepted_at() <= after);
    loop.run_until([&reader] { return reader.ended; });
    CHECK(writer.result->has_value());
    CHECK(reader.text == "pong");
    CHECK(server.received() == "ping");
  }

  TEST_CASE("the writer is told before the reader, also where the answer is there already") {
    TestLoop loop;
    ScriptedServer server(loop);
    server.on_connection().send("answer");
    const auto stream = connected(loop, server.address());
    loop.run_until([&server] { return server.is_done(); });
    std::string order;
    NextTurn turn(loop);
    turn.call([&stream, &order] {
      stream->start_reading([&order](const Expected<std::span<const std::byte>>& piece) {
        order += piece && !piece->empty() ? "read " : "end ";
        return Flow::proceed;
      });
      stream->write(bytes_of("request"), [&order](const Expected<void>&) { order += "written "; });
    });
    loop.run_until([&order] { return order.find("read") != std::string::npos; });
    CHECK(order == "written read ");
  }

  TEST_CASE("a written answer is told on a later turn, once, and an empty write too") {
    TestLoop loop;
    ScriptedServer server(loop);
    const auto stream = connected(loop, server.address());
    Writer writer;
    writer.write(*stream, "");
    CHECK_FALSE(writer.is_done());
    loop.run_until([&writer] { return writer.is_done(); });
    CHECK(writer.result->has_value());

    int calls = 0;
    stream->write(bytes_of("a"), [&](Expected<void>) {
      ++calls;
      stream->write(bytes_of("b"), [&calls](Expected<void>) { ++calls; });
      CHECK(calls == 1);
    });
    loop.run_until([&] { return server.received() == "ab"; });
    loop.spin();
    CHECK(calls == 2);
  }

  TEST_CASE("a peer that sends byte by byte is heard byte by byte") {
    TestLoop loop;
    ScriptedServer server(loop);
    server.on_connection().send_split("slowly").close();
    const auto stream = connected(loop, server.address());
    Reader reader;
    reader.read(*stream);
    loop.run_until([&reader] { return reader.ended; });
    CHECK(reader.text == "slowly");
    CHECK(reader.pieces >= 3);
  }

  TEST_CASE("a paused reader hears nothing until it resumes, and then everything") {
    TestLoop loop;
    ScriptedServer server(loop);
    server.on_connection().send("one").expect("more").send("two").close();
    const auto stream = connected(loop, server.address());
    Reader reader;
    reader.answer = Flow::pause;
    reader.read(*stream);
    loop.run_until([&reader] { return reader.pieces == 1; });
    Writer writer;
    writer.write(*stream, "more");
    loop.run_until([&server] { return server.is_done(); });
    loop.spin();
    CHECK(reader.text == "one");
    reader.answer = Flow::proceed;
    stream->resume();
    CHECK(reader.text == "one");
    loop.run_until([&reader] { return reader.ended; });
    CHECK(reader.text == "onetwo");
  }

  TEST_CASE("a reader that resumes before it returns pause goes on") {
    TestLoop loop;
    ScriptedServer server(loop);
    server.on_connection().send_split("abc").close();
    const auto stream = connected(loop, server.address());
    std::string text;
    bool ended = false;
    stream->start_reading([&](Expected<std::span<const std::byte>> piece) {
      ended = piece->empty();
      text.append(reinterpret_cast<const char*>(piece->data()), piece->size());
      stream->resume();
      return Flow::pause;
    });
    loop.run_until([&ended] { return ended; });
    CHECK(text == "abc");
  }

  TEST_CASE("a reset is a receive error that names the peer, after the data before it") {
    TestLoop loop;
    ScriptedServer server(loop);
    server.on_connection().send("last words").expect("heard").reset();
    const auto stream = connected(loop, server.address());
    Reader reader;
    reader.read(*stream);
    loop.run_until([&reader] { return reader.pieces == 1; });
    Writer writer;
    writer.write(*stream, "heard");
    loop.run_until([&reader] { return reader.error.has_value(); });
    CHECK(reader.text == "last words");
    CHECK(*reader.error == Error{Error::Code::receive_failed, Phase::response,
                                 "read from " + server.address().to_string() +
                                     ": connection reset by peer (ECONNRESET)"});
  }

  TEST_CASE("writing to a peer that went away is a broken pipe and no signal") {
    std::signal(SIGPIPE, SIG_DFL);  // whoever runs the tests may ignore it
    TestLoop loop;
    ScriptedServer server(loop);
    server.on_connection().reset();
    const auto stream = connected(loop, server.address());
    loop.run_until([&server] { return server.is_done(); });
    Writer first;
    first.write(*stream, "anyone?");
    loop.run_until([&first] { return first.is_done(); });
    REQUIRE_FALSE(first.result->has_value());
    CHECK(first.result->error().code == Error::Code::send_failed);
    CHECK(first.result->error().phase == Phase::request);

    Writer second;
    second.write(*stream, "anyone?");
    CHECK_FALSE(second.is_done());
    loop.run_until([&second] { return second.is_done(); });
    CHECK(second.result->error().message ==
          "write to " + server.address().to_string() + ": broken pipe (EPIPE)");
  }

  TEST_CASE("an upload that is not read stalls, and what the kernel took is counted") {
    TestLoop loop;
    ScriptedServer server(loop, {.receive_buffer = 4096});
    server.on_connection().stop_reading();
    const auto stream = connected(loop, server.address());
    const std::string body(std::size_t{64} << 20, 'x');
    Writer writer;
    Reader reader;
    reader.read(*stream);
    writer.write(*stream, body);
    std::size_t last = 0;
    int quiet_ticks = 0;
    Timer tick(loop);
    tick.arm_every(10ms, [&] {
      quiet_ticks = stream->bytes_accepted() == last ? quiet_ticks + 1 : 0;
      last = stream->bytes_accepted();
    });
    loop.run_until([&quiet_ticks] { return quiet_ticks > 5; });
    CHECK(last > 0);
    CHECK(last < body.size());
    CHECK_FALSE(writer.is_done());

    const Tick stalled_at = stream->accepted_at();
    CHECK(stalled_at != Tick{});
    server.reset();
    loop.run_until([&writer] { return writer.is_done(); });
    CHECK(writer.result->error().code == Error::Code::send_failed);
    CHECK(stream->bytes_accepted() >= last);
    CHECK(stream->accepted_at() >= stalled_at);
  }

  TEST_CASE("a large body arrives whole while an answer comes back") {
    TestLoop loop;
    ScriptedServer server(loop);
    std::string body(std::size_t{8} << 20, '\0');
    for (std::size_t i = 0; i < body.size(); ++i) body[i] = static_cast<char>(i * 31 >> 8);
    server.on_connection().expect_bytes(1000).send(body).expect_bytes(body.size() - 1000).close();
    const auto stream = connected(loop, server.address());
    Reader reader;
    reader.read(*stream);
    Writer writer;
    writer.write(*stream, body);
    loop.run_until([&reader] { return reader.ended; });
    CHECK(writer.result->has_value());
    CHECK(stream->bytes_accepted() == body.size());
    CHECK(reader.text == body);
    CHECK(server.received() == body);
  }
}

}  // namespace

}  // namespace xtrace::socket_test
