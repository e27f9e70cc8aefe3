#include <string>
#include <vector>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <xtrace/traced_exchange.h>

namespace xtrace::call_recorder_test {

using nlohmann::json;
using std::chrono::milliseconds;

namespace {

const WallTime kStart{std::chrono::seconds(1763685600)};

/// A physical request that began `at` after the first and took 10 ms.
Timeline timeline_at(Duration at) {
  Timeline timeline;
  timeline.started.wall = kStart + std::chrono::duration_cast<WallTime::duration>(at);
  timeline.set(Phase::request, {Duration::zero(), milliseconds(1), Outcome::ok});
  timeline.set(Phase::response, {milliseconds(1), milliseconds(9), Outcome::ok});
  timeline.total = milliseconds(10);
  return timeline;
}

Response response_of(int status) {
  return {.status = status, .content_length = 7};
}

PastAttempt redirected_from(const char* url, Duration at) {
  return {.reason = PastAttempt::Reason::redirected,
          .method = "POST",
          .url = Url::parse(url).value(),
          .response = response_of(302),
          .error = std::nullopt,
          .timeline = timeline_at(at)};
}

PastAttempt stale(const char* url, Duration at) {
  const Error error{Error::Code::empty_reply, Phase::response, "no answer"};
  Timeline timeline = timeline_at(at);
  timeline.reused = true;
  timeline.idle_time = milliseconds(30);
  timeline.connection = 4;
  timeline.error = error;
  return {.reason = PastAttempt::Reason::stale_connection,
          .method = "GET",
          .url = Url::parse(url).value(),
          .response = std::nullopt,
          .error = error,
          .timeline = timeline};
}

Exchange ending(Duration at, std::vector<PastAttempt> past) {
  Exchange exchange{.response = response_of(200), .timeline = timeline_at(at)};
  exchange.past = std::move(past);
  return exchange;
}

/// The subsegments that a call leaves in its segment.
json record(const char* url, const Exchange& exchange, const RecordOptions& options = {}) {
  Segment segment = Segment::begin("test", {.start = kStart});
  record_call(segment, Request(Url::parse(url).value()), exchange, options);
  segment.end(kStart + milliseconds(100));
  return json::parse(segment.documents().documents.at(0)).at("subsegments");
}

double second(int offset) {
  return 1763685600.0 + offset / 1000.0;
}

}  // namespace

TEST_SUITE("instrument/call_recorder") {
  TEST_CASE("a call of one request is one remote subsegment under the id that was sent") {
    const SegmentId sent[] = {SegmentId::generate()};
    const json all = record("http://a/x?token=1", ending({}, {}), {.sent = sent});
    REQUIRE(all.size() == 1);
    CHECK(all.at(0).at("name") == "a");
    CHECK(all.at(0).at("namespace") == "remote");
    CHECK(all.at(0).at("id") == sent[0].text());
    CHECK(all.at(0).at("http").at("request").at("url") == "http://a/x");
    CHECK(all.at(0).at("subsegments").size() == 2);
    CHECK(all.at(0).at("start_time").get<double>() == doctest::Approx(second(0)).epsilon(1e-12));
    CHECK(all.at(0).at("end_time").get<double>() == doctest::Approx(second(10)).epsilon(1e-12));
  }

  TEST_CASE("each leg of a redirect is a subsegment of its own, with its id, place and times") {
    const SegmentId sent[] = {SegmentId::generate(), SegmentId::generate()};
    Exchange exchange = ending(milliseconds(20), {});
    exchange.past.push_back(redirected_from("http://a/old", {}));
    exchange.led_to.emplace("GET", Url::parse("https://b:8443/new?q").value());
    const json all = record("http://a/old", exchange, {.sent = sent});
    REQUIRE(all.size() == 2);
    CHECK(all.at(0).at("id") == sent[0].text());
    CHECK(all.at(0).at("http").at("request").at("method") == "POST");
    CHECK(all.at(0).at("http").at("response").at("status") == 302);
    CHECK(all.at(1).at("name") == "b:8443");
    CHECK(all.at(1).at("id") == sent[1].text());
    CHECK(all.at(1).at("http").at("request").at("method") == "GET");
    CHECK(all.at(1).at("http").at("request").at("url") == "https://b:8443/new");
    CHECK(all.at(1).at("http").at("response").at("status") == 200);
    CHECK(all.at(1).at("start_time").get<double>() == doctest::Approx(second(20)).epsilon(1e-12));
  }

  TEST_CASE("a request that was sent again holds its attempts, each with its id and phases") {
    const SegmentId sent[] = {SegmentId::generate(), SegmentId::generate()};
    Exchange exchange = ending(milliseconds(15), {});
    exchange.past.push_back(stale("http://a/", {}));
    const json all = record("http://a/", exchange, {.sent = sent});
    REQUIRE(all.size() == 1);
    const json& host = all.at(0);
    CHECK(host.at("id") != sent[0].text());
    CHECK_FALSE(host.contains("fault"));
    CHECK(host.at("http").at("response").at("status") == 200);
    CHECK(host.at("metadata").at("httpx").at("attempts") == 2);
    CHECK(host.at("end_time").get<double>() == doctest::Approx(second(25)).epsilon(1e-12));

    const json& attempts = host.at("subsegments");
    REQUIRE(attempts.size() == 2);
    const json& first = attempts.at(0);
    CHECK(first.at("name") == "Attempt:0");
    CHECK(first.at("id") == sent[0].text());
    CHECK(first.at("fault") == true);
    CHECK(first.at("cause").at("exceptions").at(0).at("type") == "empty_reply");
    CHECK(first.at("metadata").at("http").at("connection").at("idle_ms") == 30.0);
    CHECK(first.at("metadata").at("http").at("connection").at("number") == 4);
    CHECK_FALSE(first.contains("namespace"));
    const json& second_attempt = attempts.at(1);
    CHECK(second_attempt.at("name") == "Attempt:1");
    CHECK(second_attempt.at("id") == sent[1].text());
    CHECK(second_attempt.at("metadata").at("httpx").at("attempt") == 1);
    CHECK_FALSE(second_attempt.contains("fault"));
    CHECK(second_attempt.at("subsegments").size() == 2);
  }

  TEST_CASE("attempts belong to the leg that they were sent for") {
    Exchange exchange = ending(milliseconds(40), {});
    exchange.past.push_back(redirected_from("http://a/old", {}));
    exchange.past.push_back(stale("http://b/new", milliseconds(20)));
    exchange.led_to.emplace("GET", Url::parse("http://b/new").value());
    const json all = record("http://a/old", exchange);
    REQUIRE(all.size() == 2);
    CHECK(all.at(0).at("subsegments").at(0).at("name") == "request");
    CHECK(all.at(1).at("subsegments").at(0).at("name") == "Attempt:0");
    CHECK(all.at(1).at("subsegments").at(1).at("name") == "Attempt:1");
  }

  TEST_CASE("what was begun beforehand holds every physical request as an attempt") {
    Exchange exchange = ending(milliseconds(20), {});
    exchange.past.push_back(redirected_from("http://a/old", {}));
    exchange.led_to.emplace("GET", Url::parse("http://b/new").value());
    Segment segment = Segment::begin("test", {.start = kStart});
    Subsegment remote = segment.begin_subsegment("a", {.start = kStart});
    record_exchange(remote, Request(Url::parse("http://a/old").value()), exchange);
    segment.end(kStart + milliseconds(100));
    const json all = json::parse(segment.documents().documents.at(0)).at("subsegments");
    REQUIRE(all.size() == 1);
    CHECK(all.at(0).at("http").at("request").at("url") == "http://a/old");
    CHECK(all.at(0).at("subsegments").at(0).at("http").at("response").at("status") == 302);
    CHECK(all.at(0).at("subsegments").at(1).at("http").at("request").at("url") == "http://b/new");
    CHECK(all.at(0).at("end_time").get<double>() == doctest::Approx(second(30)).epsilon(1e-12));
  }

  TEST_CASE("a call below nothing that is recorded leaves nothing") {
    record_call(SegmentContext(), Request(Url::parse("http://a/").value()), ending({}, {}));
    Segment segment = Segment::begin("test", {.start = kStart});
    segment.end(kStart);
    CHECK_FALSE(json::parse(segment.documents().documents.at(0)).contains("subsegments"));
  }

  TEST_CASE("a tunnel, a wait for 100 and a decoded body are told where they happened") {
    Exchange exchange = ending({}, {});
    Timeline& timeline = exchange.timeline;
    timeline.set(Phase::queue, {Duration::zero(), milliseconds(2), Outcome::ok});
    timeline.set(Phase::connect, {Duration::zero(), milliseconds(4), Outcome::ok});
    timeline.set(Phase::proxy, {milliseconds(1), milliseconds(2), Outcome::ok});
    timeline.set(Phase::tls, {milliseconds(2), milliseconds(4), Outcome::ok});
    timeline.set(Phase::body, {milliseconds(9), milliseconds(10), Outcome::ok});
    timeline.proxy = "http://proxy:3128";
    timeline.continue_wait = Span{milliseconds(5), milliseconds(8), Outcome::ok};
    timeline.content_encoding = "br";
    timeline.response_body_bytes = 70;
    timeline.decoded_body_bytes = 700;
    timeline.remote = Address::from_ipv4({192, 0, 2, 1}, 3128);
    const json host = record("https://a/", exchange).at(0);
    CHECK(host.at("metadata").at("http").at("queue_ms") == 2.0);
    const json& connect = host.at("subsegments").at(0);
    CHECK(connect.at("metadata").at("http").at("connection").at("proxy") == "http://proxy:3128");
    CHECK(connect.at("subsegments").at(0).at("name") == "proxy");
    CHECK(connect.at("subsegments").at(0).at("metadata").at("http").at("proxy") ==
          "http://proxy:3128");
    CHECK(connect.at("subsegments").at(1).at("name") == "tls");
    CHECK(host.at("subsegments").at(1).at("metadata").at("http").at("continue_wait_ms") == 3.0);
    const json& decoding = host.at("subsegments").at(3).at("metadata").at("http").at("decoding");
    CHECK(decoding.at("content_encoding") == "br");
    CHECK(decoding.at("received_bytes") == 70);
    CHECK(decoding.at("decoded_bytes") == 700);
  }

  TEST_CASE("a request that another connection overtook tells that it left a dial") {
    Exchange exchange = ending({}, {});
    exchange.timeline.reused = true;
    exchange.timeline.left_dial = true;
    const json host = record("http://a/", exchange).at(0);
    CHECK(host.at("metadata").at("http").at("connection").at("left_dial") == true);
    CHECK_FALSE(host.at("metadata").at("http").at("connection").contains("idle_ms"));
  }
}

}  // namespace xtrace::call_recorder_test
