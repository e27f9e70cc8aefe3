#include "stage/promises.h"

#include <array>
#include <memory>

#include <doctest/doctest.h>

#include <xtrace/plan.h>

namespace xtrace::examples::promises_test {

namespace {

using End = PromisedAttempt::End;
using Sentences = std::vector<std::string>;

constexpr std::string_view kRoot = "1-5759e988-bd862e3fe1be46a994272793";
constexpr std::array<PromisedAttempt, 2> kPromised = {
    {{.wave = 0, .is_reused = false, .end = End::timed_out, .status = 0},
     {.wave = 1, .is_reused = true, .end = End::answered, .status = 200}}};

/// What keeps every promise.
struct Kept {
  Execution execution;
  std::vector<ReceivedRequest> received;

  Kept() {
    AttemptRecord first;
    first.exchange.error = Error{Error::Code::attempt_timeout, Phase::response, "too late"};
    AttemptRecord second{.index = 1, .wave = 1};
    second.exchange.timeline.reused = true;
    second.exchange.response = Response{.status = 200, .body = std::string(kFinalBody)};
    execution.attempts = {first, second};
    execution.attempt = 1;
    for (const char* parent : {"53995c3f42cd8ad8", "53995c3f42cd8ad9"}) {
      received.push_back({.trace_header = "Root=" + std::string(kRoot) + ";Parent=" + parent});
    }
  }

  Sentences broken() const {
    return find_broken_promises(kPromised, execution, received, TraceId::parse(kRoot).value());
  }
};

}  // namespace

TEST_SUITE("examples/stage/promises") {
  TEST_CASE("promises that are kept need no words") {
    CHECK(Kept().broken().empty());
  }

  TEST_CASE("each promise that is broken is told in a sentence of its own") {
    Kept story;
    SUBCASE("a wave") {
      story.execution.attempts[1].wave = 0;
      CHECK(story.broken() == Sentences{"attempt 1 should be of wave 1, and is of wave 0"});
    }
    SUBCASE("a connection") {
      story.execution.attempts[0].exchange.timeline.reused = true;
      CHECK(story.broken() ==
            Sentences{"attempt 0 should be on a new connection, and is on a reused connection"});
    }
    SUBCASE("an end") {
      story.execution.attempts[0].is_redundant = true;
      CHECK(story.broken() == Sentences{"attempt 0 should be a timeout, and is redundant"});
    }
    SUBCASE("an error of another kind") {
      story.execution.attempts[0].exchange.error->code = Error::Code::connect_refused;
      CHECK(story.broken() == Sentences{"attempt 0 should be a timeout, and is too late"});
    }
    SUBCASE("a status") {
      story.execution.attempts[1].exchange.response->status = 204;
      CHECK(story.broken() == Sentences{"attempt 1 should be of status 200, and is of status 204"});
    }
    SUBCASE("the answer") {
      story.execution.attempts[1].exchange.response->body = "Hm.";
      CHECK(story.broken() == Sentences{"the answer should be 'Success!', and is 'Hm.'"});
    }
    SUBCASE("a request that never arrived") {
      story.received.pop_back();
      CHECK(story.broken() == Sentences{"there should be 2 attempts, and there were 2, of which "
                                        "the server saw 1"});
    }
    SUBCASE("a parent that two requests share") {
      story.received[1] = story.received[0];
      CHECK(story.broken() == Sentences{"each request should name a parent of its own, and two "
                                        "named 53995c3f42cd8ad8"});
    }
    SUBCASE("another trace") {
      story.received[0].trace_header.clear();
      CHECK(story.broken() == Sentences{"a request should be of trace " + std::string(kRoot) +
                                        ", and came with the header ''"});
    }
  }

  TEST_CASE("what is not sampled promises no parents") {
    Kept story;
    story.received[0].trace_header.clear();
    CHECK(find_broken_promises(kPromised, story.execution, story.received, TraceId()).empty());
  }
}

}  // namespace xtrace::examples::promises_test
