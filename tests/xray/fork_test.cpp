#include <array>
#include <string>

#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <xtrace/tracer.h>

#include "xray/recording_emitter.h"

namespace xtrace::fork_test {

namespace {

using testing::RecordingEmitter;

/// What `tell` returns in a child of this process.
template <class Tell>
std::string told_by_child(Tell tell) {
  std::array<int, 2> ends{};
  REQUIRE(::pipe(ends.data()) == 0);
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    const std::string text = tell();
    const bool is_told = ::write(ends[1], text.data(), text.size()) >= 0;
    ::_exit(is_told ? 0 : 1);
  }
  ::close(ends[1]);
  std::string text;
  std::array<char, 256> buffer{};
  for (ssize_t got = 0; (got = ::read(ends[0], buffer.data(), buffer.size())) > 0;) {
    text.append(buffer.data(), static_cast<std::size_t>(got));
  }
  ::close(ends[0]);
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  CHECK(status == 0);
  return text;
}

struct Setup {
  Setup() {
    TracerConfig config;
    config.emitter = sent;
    config.sampler = std::make_shared<RateSampler>(1);
    tracer.emplace(finalize_config(std::move(config), [](const char*) -> const char* {
                     return nullptr;
                   }).value());
  }

  std::shared_ptr<RecordingEmitter> sent = std::make_shared<RecordingEmitter>();
  std::optional<Tracer> tracer;
};

}  // namespace

TEST_SUITE("xray/fork") {
  TEST_CASE("a segment that was open at a fork is the parent's to send") {
    Setup setup;
    Segment segment = setup.tracer->begin_segment("job");
    const std::string count = told_by_child([&setup, &segment] {
      segment.annotate("child", 1);
      segment.begin_subsegment("child").end();
      segment.announce();
      segment.end();
      return std::to_string(setup.sent->documents.size());
    });
    CHECK(count == "0");
    segment.end();
    REQUIRE(setup.sent->documents.size() == 1);
    CHECK_FALSE(setup.sent->parsed(0).contains("annotations"));
    CHECK_FALSE(setup.sent->parsed(0).contains("subsegments"));
  }

  TEST_CASE("a child goes on with the trace and begins segments with ids of its own") {
    Setup setup;
    Segment segment = setup.tracer->begin_segment("job");
    const std::string header = segment.trace_header().to_string();
    CHECK(told_by_child([&segment] { return segment.trace_header().to_string(); }) == header);
    const std::string childs_id = told_by_child([&setup] {
      Segment own = setup.tracer->begin_segment("child");
      const std::string id = own.id().to_string();
      own.end();
      return setup.sent->documents.size() == 1 ? id : "not sent";
    });
    CHECK(SegmentId::parse(childs_id).has_value());
    CHECK(childs_id != setup.tracer->begin_segment("parent").id().to_string());
  }
}

}  // namespace xtrace::fork_test
