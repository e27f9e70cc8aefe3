#include <memory>
#include <string>

#include <doctest/doctest.h>

#include "net/socket_fixture.h"
#include "net/stream.h"
#include "support/scripted_server.h"
#include "support/test_loop.h"

namespace xtrace::socket_lifetime_test {

namespace {

using namespace testing;

TEST_SUITE("net/socket_lifetime") {
  TEST_CASE("a socket destroyed with a write in flight, told or not, calls nobody back") {
    TestLoop loop;
    ScriptedServer server(loop, {.receive_buffer = 4096});
    server.on_connection().stop_reading();
    auto stream = connected(loop, server.address());
    const std::string body(std::size_t{64} << 20, 'x');
    Writer writer;
    Reader reader;
    reader.read(*stream);
    SUBCASE("the kernel has all of it") {
      writer.write(*stream, "small");
    }
    SUBCASE("the kernel has a part of it") {
      writer.write(*stream, body);
    }
    stream.reset();
    loop.run_until([&server] { return server.connections() == 1; });
    loop.spin();
    CHECK_FALSE(writer.is_done());
    CHECK_FALSE(reader.ended);
  }

  TEST_CASE("a callback may destroy the socket it came from") {
    TestLoop loop;
    ScriptedServer server(loop);
    server.on_connection().send("hello").expect_end();
    auto stream = connected(loop, server.address());
    const std::string body(std::size_t{4} << 20, 'x');
    int calls = 0;
    const auto destroy_in_reader = [&](Expected<std::span<const std::byte>>) {
      ++calls;
      stream.reset();
      return Flow::proceed;
    };
    const auto destroy_in_writer = [&](Expected<void>) {
      ++calls;
      stream.reset();
    };
    const auto ignore = [&calls](Expected<std::span<const std::byte>>) {
      ++calls;
      return Flow::pause;
    };
    SUBCASE("in the reader") {
      stream->start_reading(destroy_in_reader);
    }
    SUBCASE("in the writer, told a turn later") {
      stream->write(bytes_of("x"), destroy_in_writer);
    }
    SUBCASE("in the writer, told when the socket is writable again") {
      stream->write(bytes_of(body), destroy_in_writer);
    }
    SUBCASE("in the reader while a write waits") {
      stream->write(bytes_of(body), [&calls](Expected<void>) { calls += 10; });
      stream->start_reading(destroy_in_reader);
    }
    SUBCASE("in the writer while data waits") {
      loop.run_until([&server] { return server.connections() == 1; });
      loop.spin();
      stream->start_reading(ignore);
      stream->write(bytes_of("x"), destroy_in_writer);
    }
    loop.run_until([&server] { return server.is_done(); });
    CHECK(calls == 1);
    CHECK(stream == nullptr);
  }
}

}  // namespace

}  // namespace xtrace::socket_lifetime_test
