#include "client/download.h"

#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>

#include "download_fixture.h"

namespace xtrace::download_test {

using testing::DownloadFixture;
using testing::FakeDecoder;

TEST_SUITE("client/download") {
  TEST_CASE_FIXTURE(DownloadFixture, "a piece passes through as it lies, without a copy") {
    begin();
    const std::string piece = "hello";
    REQUIRE(take(piece));
    CHECK(last_data == piece.data());
    CHECK_FALSE(download.is_paused());
    end();
    CHECK(ended.has_value());
    CHECK(received == "hello");
    CHECK(download.delivered() == 5);
  }

  TEST_CASE_FIXTURE(DownloadFixture, "a consumer that pauses gets nothing until it resumes") {
    begin();
    answers = {Flow::pause};
    REQUIRE(take("one "));
    CHECK(download.is_paused());
    REQUIRE(take("two "));
    REQUIRE(take("three"));
    CHECK(received == "one ");
    download.resume();
    CHECK(received == "one ");
    loop.run_until([this] { return writable == 1; });
    CHECK(received == "one two three");
    CHECK_FALSE(download.is_paused());
  }

  TEST_CASE_FIXTURE(DownloadFixture, "a consumer that pauses again keeps the peer waiting") {
    begin();
    answers = {Flow::pause, Flow::pause};
    REQUIRE(take("one "));
    REQUIRE(take("two"));
    download.resume();
    loop.spin();
    CHECK(received == "one two");
    CHECK(writable == 0);
    CHECK(download.is_paused());
    download.resume();
    loop.spin();
    CHECK(writable == 1);
  }

  TEST_CASE_FIXTURE(DownloadFixture, "resuming from inside the consumer undoes its pause") {
    begin();
    answers = {Flow::pause};
    on_piece = [this] { download.resume(); };
    REQUIRE(take("one"));
    CHECK_FALSE(download.is_paused());
    loop.spin();
    CHECK(writable == 0);
  }

  TEST_CASE_FIXTURE(DownloadFixture, "resuming what is not paused does nothing") {
    begin();
    download.resume();
    loop.spin();
    CHECK(writable == 0);
  }

  TEST_CASE_FIXTURE(DownloadFixture, "the end waits until everything was delivered") {
    begin();
    answers = {Flow::pause, Flow::pause};
    REQUIRE(take("one "));
    REQUIRE(take("two"));
    end();
    loop.spin();
    CHECK_FALSE(ended.has_value());
    download.resume();
    loop.spin();
    CHECK(received == "one two");
    CHECK_FALSE(ended.has_value());
    download.resume();
    loop.spin();
    REQUIRE(ended.has_value());
    CHECK(ended->has_value());
    CHECK(writable == 0);
  }

  TEST_CASE_FIXTURE(DownloadFixture, "a consumer's error ends the body, in phase body") {
    begin();
    refusal = Error{Error::Code::body_refused, Phase::none, "the disk is full"};
    const Expected<void> taken = take("one");
    REQUIRE_FALSE(taken);
    CHECK(taken.error().code == Error::Code::body_refused);
    CHECK(taken.error().phase == Phase::body);
    refusal.reset();
    REQUIRE(take("two"));
    CHECK(received.empty());
    CHECK(failures.empty());
  }

  TEST_CASE_FIXTURE(DownloadFixture, "an error on a later turn is told once") {
    begin();
    answers = {Flow::pause};
    REQUIRE(take("one"));
    REQUIRE(take("two"));
    refusal = Error{Error::Code::body_refused, Phase::body, "the disk is full"};
    download.resume();
    SUBCASE("to on_failed, while more is to come") {
      loop.spin();
      REQUIRE(failures.size() == 1);
      CHECK(failures[0].message == "the disk is full");
    }
    SUBCASE("to the end, once the body is complete") {
      end();
      loop.spin();
      CHECK(failures.empty());
      REQUIRE(ended.has_value());
      CHECK(ended->error().code == Error::Code::body_refused);
    }
    CHECK(writable == 0);
  }

  TEST_CASE_FIXTURE(DownloadFixture, "an abandoned body is silent") {
    begin(std::make_unique<FakeDecoder>());
    answers = {Flow::pause};
    REQUIRE(take("1a1b"));
    SUBCASE("while it goes on") {
      download.resume();
      download.abandon();
    }
    SUBCASE("while it waits") {
      REQUIRE(take("1d"));
      download.abandon();
      download.resume();
    }
    REQUIRE(take("1c"));
    CHECK_FALSE(download.is_paused());
    loop.spin();
    CHECK(received == "ab");
    CHECK(writable == 0);
  }

  TEST_CASE_FIXTURE(DownloadFixture, "its end may destroy it") {
    auto dying = std::make_unique<Download>(loop.loop());
    dying->begin([](std::span<const std::byte>) { return Flow::pause; }, nullptr, {}, {});
    REQUIRE(dying->take(as_bytes("x")));
    dying->end([&dying](const Expected<void>&) { dying.reset(); });
    dying->resume();
    loop.spin();
    CHECK(dying == nullptr);
  }
}

}  // namespace xtrace::download_test
