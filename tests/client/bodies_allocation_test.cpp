#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <doctest/doctest.h>
#include <sys/resource.h>
#include <unistd.h>

#include "client/download.h"
#include "counting_stream.h"
#include "download_fixture.h"
#include "http/message_writer.h"
#include "support/count_allocations.h"
#include "support/scratch.h"
#include "support/test_loop.h"

namespace xtrace::bodies_allocation_test {

using testing::allocations_of;
using testing::CountingStream;
using testing::FakeDecoder;
using testing::Scratch;
using testing::TestLoop;

namespace {

constexpr std::string_view kHead = "GET / HTTP/1.1\r\nHost: example.com\r\n\r\n";

struct AllocationFixture {
  TestLoop loop;
  std::string head;
  std::optional<MessageWriter> upload;
  std::unique_ptr<CountingStream> stream = std::make_unique<CountingStream>(loop.loop());
  std::optional<bool> is_sent;

  /// One request on a connection that is kept.
  void send(std::string_view body, std::unique_ptr<BodySource> source = nullptr) {
    head.assign(kHead);
    is_sent.reset();
    upload.emplace(
        loop.loop(), *stream, head, body, std::move(source),
        MessageWriter::Events{
            .on_head_sent = [] {},
            .on_sent = [this](const Expected<void>& sent) { is_sent = sent.has_value(); }});
    upload->start(MessageWriter::Body::follows);
    while (!is_sent) uv_run(loop.loop().handle(), UV_RUN_ONCE);
    REQUIRE(*is_sent);
    upload.reset();
  }
};

long peak_memory_kib() {
  rusage usage{};
  REQUIRE(getrusage(RUSAGE_SELF, &usage) == 0);
  return usage.ru_maxrss;
}

std::span<const std::byte> as_bytes(std::string_view text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

}  // namespace

TEST_SUITE("client/bodies_allocation") {
  TEST_CASE_FIXTURE(AllocationFixture,
                    "a request without a body or with a small one allocates nothing") {
    const std::string body(1'000, 'x');
    send(body);
    CHECK(allocations_of([this] { send(""); }) == 0);
    CHECK(allocations_of([this, &body] { send(body); }) == 0);
    CHECK(stream->taken == 3 * kHead.size() + 2 * body.size());
  }

  TEST_CASE_FIXTURE(AllocationFixture, "2 GiB of a file pass through two slices of memory") {
    constexpr std::uint64_t kSize = std::uint64_t{2} * 1024 * 1024 * 1024;
    const Scratch scratch;
    const std::string path = scratch.write("sparse", "");
    REQUIRE(truncate(path.c_str(), kSize) == 0);
    const BodySupply supply = file_body(path);
    send("");
    const std::uint64_t before = stream->taken;
    const long memory = peak_memory_kib();
    const std::size_t count = allocations_of([this, &supply] {
      Expected<std::unique_ptr<BodySource>> source = supply.open(loop.loop());
      REQUIRE(source.has_value());
      send("", std::move(source).value());
    });
    CHECK(stream->taken - before == kHead.size() + kSize);
    CHECK(count < 16);
    CHECK(peak_memory_kib() - memory < 16 * 1024);
  }

  TEST_CASE("a body that is not decoded passes without allocating") {
    TestLoop loop;
    std::uint64_t received = 0;
    const std::string piece(64 * 1024, 'x');
    CHECK(allocations_of([&loop, &received, &piece] {
            Download download(loop.loop());
            download.begin(
                [&received](std::span<const std::byte> bytes) {
                  received += bytes.size();
                  return Flow::proceed;
                },
                nullptr, {}, {});
            for (int i = 0; i < 100; ++i) {
              if (!download.take(as_bytes(piece))) FAIL("refused");
            }
            download.end([](const Expected<void>&) {});
          }) == 0);
    CHECK(received == 100 * piece.size());
  }

  TEST_CASE("pausing and decoding allocate once, and then no more") {
    TestLoop loop;
    Download download(loop.loop());
    Flow answer = Flow::proceed;
    std::size_t received = 0;
    std::size_t writable = 0;
    download.begin(
        [&received, &answer](std::span<const std::byte> bytes) {
          received += bytes.size();
          return std::exchange(answer, Flow::proceed);
        },
        std::make_unique<FakeDecoder>(), {.most_ratio = 0},
        {.on_writable = [&writable] { ++writable; }});
    const auto round = [&] {
      const std::size_t before = writable;
      answer = Flow::pause;
      if (!download.take(as_bytes("9a0b9c"))) FAIL("refused");
      if (!download.take(as_bytes("0d"))) FAIL("refused");
      download.resume();
      while (writable == before) uv_run(loop.loop().handle(), UV_RUN_ONCE);
    };
    round();
    CHECK(allocations_of([&round] {
            for (int i = 0; i < 20; ++i) round();
          }) == 0);
    CHECK(received == 21 * (18 + 2 * FakeDecoder::kMany));
  }
}

}  // namespace xtrace::bodies_allocation_test
