#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <xtrace/reliable_emitter.h>

#include "daemon_host.h"
#include "reliable_fixture.h"

namespace xtrace::reliable_emitter_test {

using namespace std::chrono_literals;
using testing::answer;
using testing::documents_in;
using testing::ReliableFixture;

TEST_SUITE_BEGIN("instrument/reliable_emitter");

TEST_CASE_FIXTURE(ReliableFixture, "an acknowledged document is counted as sent") {
  answer(server, R"({"UnprocessedTraceSegments":[]})");
  make();
  emit({R"({"id":"1"})"});
  run_until_settled();
  const EmitterStats stats = emitter->stats();
  CHECK(stats.sent == 1);
  CHECK(stats.bytes == 10);
  CHECK(stats.flushes == 1);
  CHECK(testing::request_line(server.received()) == "POST /TraceSegments HTTP/1.1");
  CHECK(documents_in(server.received()) == std::vector<std::string>{R"({"id":"1"})"});
  CHECK_FALSE(emitter->last_error().has_value());
  CHECK(emitter->drain(0s));
}

TEST_CASE_FIXTURE(ReliableFixture, "documents leave in order, at most 50 in a request") {
  answer(server, "{}");
  make();
  std::vector<std::string> documents;
  for (int i = 0; i < 120; ++i) documents.push_back("{\"n\":" + std::to_string(i) + "}");
  emit(documents);
  run_until_settled();
  CHECK(emitter->stats().sent == 120);
  REQUIRE(server.connections() == 3);
  std::vector<std::string> arrived;
  for (std::size_t i = 0; i < 3; ++i) {
    const auto some = documents_in(server.received(i));
    CHECK(some.size() == (i < 2 ? 50 : 20));
    arrived.insert(arrived.end(), some.begin(), some.end());
  }
  CHECK(arrived == documents);
}

TEST_CASE_FIXTURE(ReliableFixture, "a request holds no more bytes than it may") {
  answer(server, "{}");
  options.batch_bytes = 100;
  make();
  emit({std::string(60, 'a'), std::string(60, 'b'), std::string(300, 'c'), std::string(10, 'd')});
  run_until_settled();
  CHECK(emitter->stats().sent == 4);
  REQUIRE(server.connections() == 4);
  CHECK(documents_in(server.received(2)).front().size() == 300);
}

TEST_CASE_FIXTURE(ReliableFixture, "what the service does not accept is counted and told") {
  answer(server, R"({"UnprocessedTraceSegments":[
      {"Id":"b","ErrorCode":"InvalidTraceId","Message":"bad id"}]})");
  std::vector<DocumentVerdict> told;
  options.on_rejected = [&told](const DocumentVerdict& verdict) { told.push_back(verdict); };
  make();
  emit({R"({"id":"a"})", R"({"id":"b"})", R"({"id":"c"})"});
  run_until_settled();
  const EmitterStats stats = emitter->stats();
  CHECK(stats.sent == 2);
  CHECK(stats.rejected == 1);
  const DocumentVerdict expected{.id = "b", .code = "InvalidTraceId", .message = "bad id"};
  CHECK(emitter->verdicts() == std::vector{expected});
  CHECK(told == std::vector{expected});
}

TEST_CASE_FIXTURE(ReliableFixture, "only the latest verdicts are kept, and all are counted") {
  answer(server, R"({"UnprocessedTraceSegments":[{"Id":"a"},{"Id":"b"},{"Id":"c"}]})");
  options.kept_verdicts = 2;
  make();
  emit({"{}", "{}", "{}", "{}"});
  run_until_settled();
  CHECK(emitter->stats().rejected == 3);
  CHECK(emitter->stats().sent == 1);
  CHECK(emitter->verdicts() == std::vector<DocumentVerdict>{{.id = "b"}, {.id = "c"}});
}

TEST_CASE_FIXTURE(ReliableFixture, "more verdicts than documents reject each document once") {
  answer(server, R"({"UnprocessedTraceSegments":[{"Id":"a"},{"Id":"b"}]})");
  make();
  emit({"{}"});
  run_until_settled();
  CHECK(emitter->stats().rejected == 1);
  CHECK(emitter->stats().sent == 0);
}

TEST_CASE_FIXTURE(ReliableFixture, "whoever is told of a verdict may emit") {
  answer(server, R"({"UnprocessedTraceSegments":[{"Id":"a"}]})");
  answer(server, "{}");
  options.on_rejected = [this](const DocumentVerdict&) { emit({R"({"mended":true})"}); };
  make();
  emit({"{}"});
  run_until_settled();
  CHECK(emitter->stats().documents == 2);
  CHECK(emitter->stats().sent == 1);
  CHECK(documents_in(server.received(1)).front() == R"({"mended":true})");
}

TEST_CASE_FIXTURE(ReliableFixture,
                  "a request that is refused whole is halved to find the culprit") {
  const auto refuse = [this] { answer(server, "{}", "400 Bad Request"); };
  refuse();              // abcd
  answer(server, "{}");  // ab
  refuse();              // cd, which the next request holds again in full
  refuse();              // c
  answer(server, "{}");  // d
  make();
  emit({R"({"id":"a"})", R"({"id":"b"})", R"({"id":"c"})", R"({"id":"d"})"});
  run_until_settled();
  CHECK(emitter->stats().sent == 3);
  CHECK(emitter->stats().rejected == 1);
  REQUIRE(emitter->verdicts().size() == 1);
  CHECK(emitter->verdicts().front().id == "c");
  CHECK(emitter->verdicts().front().message.find("status 400") != std::string::npos);
}

TEST_CASE_FIXTURE(ReliableFixture, "a document above 64 KiB is counted and not sent") {
  answer(server, "{}");
  make();
  emit({std::string((64U << 10U) + 1, 'x'), std::string(64U << 10U, 'y')});
  run_until_settled();
  CHECK(emitter->stats().dropped_too_large == 1);
  CHECK(emitter->stats().sent == 1);
  CHECK(emitter->last_error()->code == Error::Code::document_too_large);
}

TEST_CASE_FIXTURE(ReliableFixture, "emitting does not wait for a daemon that never answers") {
  server.on_connection().silent();
  options.queue_bytes = 1000;
  options.close_limit = 0s;
  make();
  for (int i = 0; i < 100; ++i) emit({std::string(100, 'x')});
  const EmitterStats stats = emitter->stats();
  CHECK(stats.queued == 10);
  CHECK(stats.dropped_queue_full == 90);
  CHECK_FALSE(emitter->drain(1ms));
}

TEST_CASE_FIXTURE(ReliableFixture, "a full queue loses the oldest documents first") {
  answer(server, "{}");
  options.queue_bytes = 30;
  make();
  emit({"0123456789", "1123456789", "2123456789", "3123456789", std::string(31, 'z')});
  run_until_settled();
  CHECK(emitter->stats().dropped_queue_full == 5);
  emit({"0123456789", "1123456789", "2123456789", "3123456789"});
  run_until_settled();
  CHECK(documents_in(server.received()) ==
        std::vector<std::string>{"1123456789", "2123456789", "3123456789"});
}

TEST_SUITE_END();

}  // namespace xtrace::reliable_emitter_test
