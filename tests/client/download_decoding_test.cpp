#include <string>
#include <string_view>

#include <doctest/doctest.h>

#include "download_fixture.h"

namespace xtrace::download_decoding_test {

using testing::DownloadFixture;
using testing::FakeDecoder;

namespace {

struct DecodingFixture : DownloadFixture {
  void begin() { DownloadFixture::begin(std::make_unique<FakeDecoder>()); }
};

constexpr std::size_t kMany = FakeDecoder::kMany;

}  // namespace

TEST_SUITE("client/download_decoding") {
  TEST_CASE_FIXTURE(DecodingFixture, "a body is decoded, split anywhere") {
    begin();
    for (const char c : std::string_view("3a2b1c")) REQUIRE(take({&c, 1}));
    end();
    CHECK(received == "aaabbc");
    CHECK(download.delivered() == 6);
    REQUIRE(ended.has_value());
    CHECK(ended->has_value());
  }

  TEST_CASE_FIXTURE(DecodingFixture, "a large result comes in steps of 64 KiB") {
    begin();
    REQUIRE(take("0a1b"));
    REQUIRE(pieces.size() == 2);
    CHECK(pieces[0] == 64 * 1024);
    CHECK(received == std::string(kMany, 'a') + "b");
    CHECK_FALSE(download.is_paused());
  }

  TEST_CASE_FIXTURE(DecodingFixture, "a pause between two steps keeps the rest undecoded") {
    begin();
    answers = {Flow::pause};
    REQUIRE(take("0a1b"));
    CHECK(received.size() == 64 * 1024);
    CHECK(download.is_paused());
    end();
    CHECK_FALSE(ended.has_value());
    download.resume();
    loop.spin();
    CHECK(received == std::string(kMany, 'a') + "b");
    CHECK(ended.has_value());
  }

  TEST_CASE_FIXTURE(DecodingFixture, "a turn of the loop decodes about 1 MiB and no more") {
    limits.most_ratio = 0;
    begin();
    std::string bomb;
    for (int i = 0; i < 50; ++i) bomb += "0a";
    REQUIRE(take(bomb));
    CHECK(download.is_paused());
    CHECK(received.size() >= 1024 * 1024);
    CHECK(received.size() < 1024 * 1024 + 64 * 1024);
    std::size_t before = received.size();
    int turns = 0;
    while (writable == 0) {
      REQUIRE(++turns < 100);
      loop.spin(1);
      CHECK(received.size() - before < 1024 * 1024 + 64 * 1024);
      before = received.size();
    }
    CHECK(turns >= 4);
    CHECK(received.size() == 50 * kMany);
    CHECK_FALSE(download.is_paused());
  }

  TEST_CASE_FIXTURE(DecodingFixture, "bodies that are decoded at once share the turn") {
    Download other(loop.loop());
    other.begin([](std::span<const std::byte>) { return Flow::proceed; },
                std::make_unique<FakeDecoder>(), {}, {});
    begin();
    std::string bomb;
    for (int i = 0; i < 50; ++i) bomb += "0a";
    REQUIRE(take(bomb));
    CHECK(received.size() < 512 * 1024 + 64 * 1024);
  }

  TEST_CASE_FIXTURE(DecodingFixture, "more than most_bytes is refused, naming the number") {
    limits.most_bytes = 5;
    begin();
    REQUIRE(take("3a"));
    const Expected<void> taken = take("3b");
    REQUIRE_FALSE(taken);
    CHECK(taken.error().code == Error::Code::body_expands);
    CHECK(taken.error().phase == Phase::body);
    CHECK(taken.error().message == "the decoded body is larger than the 5 bytes that are allowed");
    CHECK(received == "aaa");
  }

  TEST_CASE_FIXTURE(DecodingFixture, "as many as most_bytes is fine") {
    limits.most_bytes = 5;
    begin();
    REQUIRE(take("3a2b"));
    end();
    CHECK(ended->has_value());
  }

  TEST_CASE_FIXTURE(DecodingFixture, "a bomb is refused once it passed the first MiB") {
    begin();
    std::string bomb;
    for (int i = 0; i < 10; ++i) bomb += "0a";
    REQUIRE(take(bomb));
    CHECK(received.size() == 10 * kMany);
    const Expected<void> taken = take("0a");
    REQUIRE_FALSE(taken);
    CHECK(taken.error().code == Error::Code::body_expands);
    CHECK(taken.error().message.find("1000 times") != std::string::npos);
    CHECK(taken.error().message.find("the first 22 bytes") != std::string::npos);
  }

  TEST_CASE_FIXTURE(DecodingFixture, "damage behind a pause fails on the turn that meets it") {
    begin();
    answers = {Flow::pause};
    REQUIRE(take("3a!"));
    CHECK(received == "aaa");
    download.resume();
    loop.spin();
    REQUIRE(failures.size() == 1);
    CHECK(failures[0].code == Error::Code::body_undecodable);
    CHECK(writable == 0);
  }

  TEST_CASE_FIXTURE(DecodingFixture, "damage is an error of the piece that has it") {
    begin();
    const Expected<void> taken = take("3a!");
    REQUIRE_FALSE(taken);
    CHECK(taken.error().code == Error::Code::body_undecodable);
    CHECK(received == "aaa");
  }

  TEST_CASE_FIXTURE(DecodingFixture, "a body that is cut fails at its end") {
    begin();
    REQUIRE(take("3a3"));
    end();
    REQUIRE(ended.has_value());
    REQUIRE_FALSE(ended->has_value());
    CHECK(ended->error().code == Error::Code::body_undecodable);
    CHECK(received == "aaa");
    CHECK(failures.empty());
  }

  TEST_CASE_FIXTURE(DecodingFixture, "an empty body needs no decoding") {
    begin();
    end();
    REQUIRE(ended.has_value());
    CHECK(ended->has_value());
  }
}

}  // namespace xtrace::download_decoding_test
