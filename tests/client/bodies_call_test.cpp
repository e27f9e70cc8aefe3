#include <string>

#include "client_fixture.h"
#include "http/coded_bodies.h"
#include "support/fake_source.h"
#include "support/scratch.h"

namespace xtrace::bodies_call_test {

using testing::ClientFixture;
using testing::FakeSource;
using testing::FakeSourceState;
using testing::Scratch;

namespace {

constexpr auto kDone = "HTTP/1.1 204 No Content\r\n\r\n";
constexpr std::size_t kLarge = 8 * 1024 * 1024;  // more than loopback's socket buffers hold

struct BodiesFixture : ClientFixture {
  Scratch scratch;
  FakeSourceState source;

  Request put(BodySupply supply) {
    Request what = request();
    what.method = "PUT";
    what.supply = std::move(supply);
    return what;
  }
  BodySupply fake_supply() {
    return {.open = [this](Loop&) -> Expected<std::unique_ptr<BodySource>> {
              return Expected<std::unique_ptr<BodySource>>(std::make_unique<FakeSource>(source));
            },
            .is_repeatable = false};
  }
};

}  // namespace

TEST_SUITE("client/bodies_call") {
  TEST_CASE_FIXTURE(BodiesFixture, "a file is sent with its length and counted") {
    std::string content(700'000, '\0');
    for (std::size_t i = 0; i < content.size(); ++i) content[i] = static_cast<char>(i % 251);
    server.on_connection().expect_head().expect_bytes(content.size()).send(kDone);
    const Exchange& done = exchange(put(file_body(scratch.write("file", content))));
    REQUIRE_FALSE(done.error.has_value());
    CHECK(server.received().find("Content-Length: 700000\r\n") != std::string::npos);
    CHECK(server.received().ends_with("\r\n\r\n" + content));
    CHECK(done.timeline.request_body_bytes == content.size());
    CHECK_FALSE(done.timeline.early_response);
  }

  TEST_CASE_FIXTURE(BodiesFixture, "an unsized source is sent in chunks, and the connection kept") {
    source.ready = {"hello", ""};
    source.trailers = Headers{{"Checksum", "5d41"}};
    server.on_connection().expect("0\r\nChecksum: 5d41\r\n\r\n").send(kDone);
    const Exchange& done = exchange(put(fake_supply()));
    REQUIRE_FALSE(done.error.has_value());
    CHECK(server.received().find("Transfer-Encoding: chunked\r\n") != std::string::npos);
    CHECK(server.received().ends_with("\r\n\r\n5\r\nhello\r\n0\r\nChecksum: 5d41\r\n\r\n"));
    CHECK(done.timeline.request_body_bytes == 5);
    CHECK(client().book.stats().total.idle == 1);
  }

  TEST_CASE_FIXTURE(BodiesFixture, "a source that breaks its word fails the request") {
    server.on_connection().expect_head();
    SUBCASE("with fewer bytes") {
      source.size = 10;
      source.ready = {"hello", ""};
    }
    SUBCASE("with more") {
      source.size = 4;
      source.ready = {"hello", ""};
    }
    SUBCASE("with an error") {
      source.ready = {std::string(FakeSource::kFailure)};
    }
    const Exchange& done = exchange(put(fake_supply()));
    CHECK(code() == Error::Code::body_source_failed);
    CHECK(done.error->phase == Phase::request);
    CHECK(done.timeline.find(Phase::request)->outcome == Outcome::error);
    CHECK(source.is_gone);
  }

  TEST_CASE_FIXTURE(BodiesFixture, "a file that is not there fails before anything is sent") {
    server.on_connection().expect_head();
    exchange(put(file_body(scratch.path("nowhere"))));
    CHECK(code() == Error::Code::body_source_failed);
    CHECK(server.received().empty());
  }

  TEST_CASE_FIXTURE(BodiesFixture, "a source with Expect is asked once the server said so") {
    source.size = 5;
    source.ready = {"hello", ""};
    Request what = put(fake_supply());
    what.headers.add("Expect", "100-continue");
    SUBCASE("and sent") {
      server.on_connection()
          .expect_head()
          .send("HTTP/1.1 100 Continue\r\n\r\n")
          .expect("hello")
          .send(kDone);
      const Exchange& done = exchange(std::move(what));
      REQUIRE_FALSE(done.error.has_value());
      CHECK(done.timeline.request_body_bytes == 5);
    }
    SUBCASE("and never, where it refused") {
      server.on_connection().expect_head().send(
          "HTTP/1.1 413 Content Too Large\r\nContent-Length: 0\r\n\r\n");
      const Exchange& done = exchange(std::move(what));
      REQUIRE_FALSE(done.error.has_value());
      CHECK(done.timeline.request_body_bytes == 0);
      CHECK(source.reads == 0);
    }
  }

  TEST_CASE_FIXTURE(BodiesFixture, "a source that fails upon 100 Continue ends the call, unhurt") {
    source.ready = {std::string(FakeSource::kFailure)};
    server.on_connection().expect_head().send("HTTP/1.1 100 Continue\r\n\r\n");
    Request what = put(fake_supply());
    what.headers.add("Expect", "100-continue");
    exchange(std::move(what));
    CHECK(code() == Error::Code::body_source_failed);
  }

  TEST_CASE_FIXTURE(BodiesFixture, "a consumer that pauses stops the peer until it resumes") {
    bool all_sent = false;
    server.on_connection()
        .expect_head()
        .send("HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(kLarge) + "\r\n\r\n" +
              std::string(kLarge, 'x'))
        .run([&all_sent] { all_sent = true; });
    std::size_t received = 0;
    bool is_pausing = true;
    options.on_body = [&received, &is_pausing](std::span<const std::byte> piece) {
      received += piece.size();
      return is_pausing ? Flow::pause : Flow::proceed;
    };
    start(request());
    loop.run_until([&received] { return received > 0; });
    const std::size_t first = received;
    CHECK(first <= 64 * 1024);
    loop.spin(50);
    CHECK(received == first);
    CHECK_FALSE(all_sent);
    is_pausing = false;
    call->resume();
    CHECK(received == first);
    loop.run_until([this] { return result.has_value(); });
    CHECK_FALSE(result->error.has_value());
    CHECK(received == kLarge);
    CHECK(all_sent);
  }

  TEST_CASE_FIXTURE(BodiesFixture, "a consumer that pauses on each piece gets them all, decoded") {
    config.decoding.is_on = true;
    answer("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n" + testing::from_hex(testing::kGzip));
    std::string received;
    options.on_body = [&received](std::span<const std::byte> piece) {
      received.append(reinterpret_cast<const char*>(piece.data()), piece.size());
      return Flow::pause;
    };
    start(request());
    loop.run_until([this] {
      call->resume();
      return result.has_value();
    });
    REQUIRE_FALSE(result->error.has_value());
    CHECK(received == testing::coded_text());
    CHECK(result->timeline.decoded_body_bytes == received.size());
    CHECK(result->timeline.content_encoding == "gzip");
  }

  TEST_CASE_FIXTURE(BodiesFixture, "a body whose coding is cut fails in phase body") {
    config.decoding.is_on = true;
    const std::string gzip = testing::from_hex(testing::kGzip);
    answer("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n" + gzip.substr(0, gzip.size() / 2));
    const Exchange& done = get();
    CHECK(code() == Error::Code::body_undecodable);
    CHECK(done.error->phase == Phase::body);
  }
}

}  // namespace xtrace::bodies_call_test
