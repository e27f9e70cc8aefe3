#include <algorithm>
#include <map>

#include "plan_document.h"

namespace xtrace::testing::execution_ids_test {
namespace {

PastAttempt past_of(PastAttempt::Reason reason, const char* url, Duration at) {
  const bool is_redirect = reason == PastAttempt::Reason::redirected;
  Tried tried{.at = at, .took = 10ms, .status = is_redirect ? 302 : 0};
  if (!is_redirect) tried.error = Error{Error::Code::empty_reply, Phase::response, "no answer"};
  Exchange exchange = exchange_of(tried);
  return {.reason = reason,
          .method = "GET",
          .url = Url::parse(url).value(),
          .response = exchange.response,
          .error = exchange.error,
          .timeline = exchange.timeline};
}

/// An execution whose second attempt was led from `/cart` to another host.
Execution led_on() {
  Execution execution = execution_of({
      {.status = 503},
      {.wave = 1, .at = 30ms, .status = 404},
  });
  AttemptRecord& attempt = execution.attempts[1];
  attempt.started = began_after(20ms);
  attempt.exchange.past = {
      past_of(PastAttempt::Reason::redirected, "http://u:secret@shop:8080/cart?secret", 20ms)};
  attempt.exchange.led_to.emplace("GET", Url::parse("https://other/new?token=secret").value());
  return execution;
}

using Parents = std::map<std::string, std::string>;

/// Adds the nodes below `node`, each with its parent.
void collect_parents(const json& node, Parents& parents) {
  for (const json& child : node.value("subsegments", json::array())) {
    parents[child.at("id")] = node.at("id");
    collect_parents(child, parents);
  }
}

}  // namespace

TEST_SUITE("instrument/execution_ids") {
  TEST_CASE("each attempt is recorded under the id that it sent, however they were mixed") {
    const std::vector<SentId> sent = {{.attempt = 0, .id = SegmentId::generate()},
                                      {.attempt = 2, .id = SegmentId::generate()},
                                      {.attempt = 1, .id = SegmentId::generate()}};
    const json host =
        host_of(execution_of({{.status = 503}, {.status = 503}, {.status = 200}}), {.sent = sent});
    CHECK(child_of(host, "Attempt:0").at("id") == sent[0].id.text());
    CHECK(child_of(host, "Attempt:1").at("id") == sent[2].id.text());
    CHECK(child_of(host, "Attempt:2").at("id") == sent[1].id.text());
  }

  TEST_CASE(
      "a redirected attempt holds its physical requests, and they have the ids that were sent") {
    const std::vector<SentId> sent = {{.attempt = 0, .id = SegmentId::generate()},
                                      {.attempt = 1, .id = SegmentId::generate()},
                                      {.attempt = 1, .id = SegmentId::generate()}};
    const json host = host_of(led_on(), {.sent = sent});
    const json attempt = child_of(host, "Attempt:1");
    CHECK(attempt.at("id") != sent[1].id.text());
    CHECK(attempt.at("http").at("request").at("url") == "http://shop:8080/cart");
    CHECK(attempt.at("http").at("response").at("status") == 404);
    CHECK(flags_of(attempt) == "error");
    CHECK(offset_of(attempt, "start_time") == doctest::Approx(20).epsilon(0.001));
    CHECK(names_below(attempt) == std::vector<std::string>{"shop:8080", "other"});

    const json first = child_of(attempt, "shop:8080");
    CHECK(first.at("namespace") == "remote");
    CHECK(first.at("id") == sent[1].id.text());
    CHECK(first.at("http").at("response").at("status") == 302);
    const json second = child_of(attempt, "other");
    CHECK(second.at("id") == sent[2].id.text());
    CHECK(second.at("http").at("request").at("url") == "https://other/new");
    CHECK(flags_of(second) == "error");
    CHECK(host.dump().find("secret") == std::string::npos);
  }

  TEST_CASE("a redirected attempt that lost is no fault, and neither is what it led to") {
    Execution execution = led_on();
    AttemptRecord& attempt = execution.attempts[1];
    attempt.is_redundant = true;
    const Tried cut{.at = 30ms,
                    .status = 500,
                    .error = Error{Error::Code::redundant, Phase::body, "not needed"}};
    const auto past = attempt.exchange.past;
    const auto led_to = attempt.exchange.led_to;
    attempt.exchange = exchange_of(cut);
    attempt.exchange.past = past;
    attempt.exchange.led_to = led_to;
    const json lost = child_of(host_of(execution), "Attempt:1");
    CHECK(flags_of(lost).empty());
    CHECK(flags_of(child_of(lost, "other")).empty());
    CHECK(lost.dump().find("\"cause\"") == std::string::npos);
  }

  TEST_CASE("a request that was sent again on a new connection has both ids below its attempt") {
    Execution execution = execution_of({{.at = 10ms, .status = 200}});
    AttemptRecord& attempt = execution.attempts[0];
    attempt.started = began_after(0ms);
    attempt.exchange.past = {
        past_of(PastAttempt::Reason::stale_connection, "http://shop:8080/cart", 0ms)};
    const std::vector<SentId> sent = {{.attempt = 0, .id = SegmentId::generate()},
                                      {.attempt = 0, .id = SegmentId::generate()}};
    const json first = child_of(host_of(execution, {.sent = sent}), "Attempt:0");
    CHECK(flags_of(first).empty());
    const json again = child_of(first, "shop:8080");
    CHECK(again.at("namespace") == "remote");
    REQUIRE(again.at("subsegments").size() == 2);
    CHECK(again.at("subsegments").at(0).at("id") == sent[0].id.text());
    CHECK(flags_of(again.at("subsegments").at(0)) == "fault");
    CHECK(again.at("subsegments").at(1).at("id") == sent[1].id.text());
    CHECK(flags_of(again.at("subsegments").at(1)).empty());
  }

  TEST_CASE("an attempt whose request a handler replaced tells what it asked for") {
    Execution execution = execution_of({{.status = 503}, {.wave = 1, .status = 200}});
    execution.attempts[1].asked.emplace("HEAD", Url::parse("http://u:secret@b/x?secret").value());
    const json host = host_of(execution);
    const json request = child_of(host, "Attempt:1").at("http").at("request");
    CHECK(request.at("method") == "HEAD");
    CHECK(request.at("url") == "http://b/x");
    CHECK(child_of(host, "Attempt:0").at("http").at("request").at("url") ==
          "http://shop:8080/cart");
  }

  // Facts B6: the SDK gives every embedded subsegment the root's id as its parent.
  TEST_CASE("a tree that is split keeps the true parent of every part") {
    const Execution execution = execution_of({
        {.status = 503},
        {.wave = 1, .at = 10ms, .status = 503},
        {.wave = 2, .at = 20ms, .status = 503},
        {.wave = 3, .at = 30ms, .status = 503},
        {.wave = 4, .at = 40ms, .status = 200},
    });
    Segment segment = Segment::begin("test", {.start = kBegan.wall});
    record_execution(segment.context(), execution);
    segment.end(kBegan.wall + 1s);

    Parents whole;
    collect_parents(json::parse(segment.documents().documents.at(0)), whole);
    const DocumentSet set = segment.documents({.max_subsegments = 20});
    REQUIRE(set.documents.size() > 1);
    Parents split;
    for (const std::string& text : set.documents) {
      const json document = json::parse(text);
      if (document.contains("type")) split[document.at("id")] = document.at("parent_id");
      collect_parents(document, split);
    }
    CHECK(split == whole);
    CHECK(whole.size() == 26);
  }

  TEST_CASE("below nothing that is recorded an execution leaves nothing") {
    record_execution(SegmentContext(), led_on());
    Segment segment = Segment::begin("test", {.start = kBegan.wall});
    segment.end(kBegan.wall);
    CHECK_FALSE(json::parse(segment.documents().documents.at(0)).contains("subsegments"));
  }
}

}  // namespace xtrace::testing::execution_ids_test
