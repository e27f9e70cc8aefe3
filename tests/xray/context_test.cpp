#include <functional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <doctest/doctest.h>

#include <xtrace/tracer.h>
#include <xtrace/xtrace.h>

#include "xray/recording_emitter.h"

namespace xtrace::context_test {

namespace {

using testing::RecordingEmitter;

struct Setup {
  explicit Setup(ContextMissing missing) {
    TracerConfig config;
    config.context_missing = missing;
    config.emitter = sent;
    config.sampler = std::make_shared<RateSampler>(1);
    config.log = [this](std::string_view line) { log.emplace_back(line); };
    tracer.emplace(finalize_config(std::move(config), [](const char*) -> const char* {
                     return nullptr;
                   }).value());
  }

  std::shared_ptr<RecordingEmitter> sent = std::make_shared<RecordingEmitter>();
  std::vector<std::string> log;
  std::optional<Tracer> tracer;
};

}  // namespace

TEST_SUITE("xray/context") {
  TEST_CASE("scopes nest and give the outer context back") {
    Setup setup{ContextMissing::log_error};
    Segment segment = setup.tracer->begin_segment("job");
    CHECK_FALSE(current_context().has_trace());
    {
      const ContextScope outer{segment.context()};
      CHECK(current_context().id() == segment.id());
      Subsegment step = setup.tracer->begin_subsegment("step");
      {
        const ContextScope inner{step.context()};
        setup.tracer->begin_subsegment("inner").end();
        CHECK(current_context().id() == step.id());
      }
      CHECK(current_context().id() == segment.id());
    }
    CHECK_FALSE(current_context().has_trace());
    segment.end();
    const auto document = setup.sent->parsed(0);
    CHECK(document["subsegments"][0]["subsegments"][0]["name"] == "inner");
    CHECK(setup.log.empty());
  }

  TEST_CASE("a thread has a current segment of its own, and is handed one by value") {
    Setup setup{ContextMissing::ignore};
    Segment segment = setup.tracer->begin_segment("job");
    const ContextScope scope{segment.context()};
    const std::function<void()> callback = [context = segment.context(), &setup] {
      CHECK_FALSE(current_context().has_trace());
      const ContextScope inner{context};
      setup.tracer->begin_subsegment("elsewhere").end();
    };
    std::thread{callback}.join();
    segment.end();
    CHECK(setup.sent->parsed(0)["subsegments"][0]["name"] == "elsewhere");
  }

  TEST_CASE("a missing context is told once a second and counted each time") {
    Setup setup{ContextMissing::log_error};
    for (int i = 0; i < 5; ++i) CHECK_FALSE(setup.tracer->begin_subsegment("db").has_trace());
    CHECK(setup.tracer->stats().missing_contexts == 5);
    REQUIRE(setup.log.size() == 1);
    CHECK(setup.log[0] ==
          "begin subsegment \"db\": this thread has no current segment (ContextScope)");
  }

  TEST_CASE("a missing context is ignored, or thrown, where that is asked for") {
    Setup ignoring{ContextMissing::ignore};
    CHECK_FALSE(ignoring.tracer->current().has_trace());
    CHECK(ignoring.log.empty());
    Setup throwing{ContextMissing::runtime_error};
    CHECK_THROWS_AS(static_cast<void>(throwing.tracer->current()), MissingContext);
    CHECK(throwing.log.empty());
  }

  TEST_CASE("an unsampled segment is a context that records nothing") {
    Setup setup{ContextMissing::runtime_error};
    Segment segment = setup.tracer->begin_segment("job", parse_trace_header("Sampled=0"));
    const ContextScope scope{segment.context()};
    CHECK_FALSE(setup.tracer->begin_subsegment("db"));
    CHECK(setup.tracer->stats().missing_contexts == 0);
  }

  TEST_CASE("a handle that is moved into a context still ends its node") {
    Setup setup{ContextMissing::log_error};
    Segment segment = setup.tracer->begin_segment("job");
    SegmentContext context = segment.begin_subsegment("step");
    CHECK(context.is_ended());
    Subsegment step = segment.begin_subsegment("step");
    context = std::move(step);
    SegmentContext moved = std::move(context);
    moved.annotate("key", 1);
    CHECK_FALSE(moved.is_ended());
    step.end();
    CHECK(moved.is_ended());
    static_assert(!std::is_constructible_v<ContextScope, Segment>);
    static_assert(std::is_constructible_v<ContextScope, const Segment&>);
  }

  TEST_CASE("a context keeps the record alive, not open") {
    Setup setup{ContextMissing::ignore};
    SegmentContext context;
    {
      Segment segment = setup.tracer->begin_segment("job");
      context = segment.context();
    }
    CHECK(setup.sent->documents.size() == 1);
    CHECK(context.is_ended());
    context.begin_subsegment("late").end();
    CHECK(setup.sent->documents.size() == 2);
  }

  TEST_CASE("what C++ makes current is current in C, and the other way round") {
    Setup setup{ContextMissing::ignore};
    Segment segment = setup.tracer->begin_segment("job");
    const ContextScope scope{segment.context()};
    xtrace_annotate_integer(xtrace_current(), "from_c", 1);
    xtrace_segment* step = xtrace_begin_subsegment(xtrace_current(), "step", nullptr);
    xtrace_end(xtrace_current());
    CHECK_FALSE(segment.is_ended());
    xtrace_push_current(step);
    setup.tracer->current().annotate("from_cpp", 2);
    {
      const ContextScope hidden{SegmentContext{}};
      CHECK(xtrace_current() == nullptr);
    }
    CHECK(xtrace_is_recorded(xtrace_current()));
    xtrace_pop_current();
    xtrace_end(step);
    segment.end();
    const nlohmann::json document = setup.sent->parsed(0);
    CHECK(document["annotations"]["from_c"] == 1);
    CHECK(document["subsegments"][0]["annotations"]["from_cpp"] == 2);
  }
}

}  // namespace xtrace::context_test
