// One GET with racing attempts, against a server that is in trouble: while an attempt waits for its
// head, or its body, a rival starts.
//
//     tools/run demo racing [--verbose]

#include <array>
#include <cstdio>
#include <string_view>

#include <xtrace/traced_plan.h>

#include "stage/stage.h"

namespace {

using namespace std::chrono_literals;
using xtrace::examples::PromisedAttempt;
using xtrace::examples::Stage;
using End = PromisedAttempt::End;

constexpr std::array<PromisedAttempt, 5> kPromised = {{
    {.wave = 0, .is_reused = false, .end = End::answered, .status = 503},
    {.wave = 1, .is_reused = true, .end = End::timed_out, .status = 0},
    {.wave = 1, .is_reused = false, .end = End::answered, .status = 429},
    {.wave = 2, .is_reused = true, .end = End::redundant, .status = 200},
    {.wave = 2, .is_reused = false, .end = End::answered, .status = 200},
}};

xtrace::PlanClientConfig make_policies() {
  xtrace::PlanClientConfig config;  // retries as it does by default
  config.timeout = xtrace::timeout_fixed(100ms);
  config.race = {.schedule = xtrace::race_after({50ms, 99ms}), .start = xtrace::start_always()};
  return config;
}

int fail(const xtrace::Error& error) {
  std::fprintf(stderr, "racing: %s\n", error.message.c_str());
  return 2;
}

}  // namespace

int main(int count, char** arguments) {
  const bool is_verbose = count > 1 && std::string_view(arguments[1]) == "--verbose";
  xtrace::Loop loop;
  const auto stage = Stage::set(loop, {.name = "racing", .is_verbose = is_verbose});
  if (const auto* error = stage.if_error()) return fail(*error);

  xtrace::Client client(loop, (*stage)->client_config());
  const auto introduced = (*stage)->introduce(client);
  if (const auto* error = introduced.if_error()) return fail(*error);
  xtrace::PlanClient plans(client, make_policies());
  xtrace::TracedPlanClient traced(plans);

  xtrace::Segment segment = (*stage)->begin_segment();
  const auto plan = std::make_shared<const xtrace::Plan>(xtrace::Request((*stage)->url()));
  std::optional<xtrace::Execution> execution;
  const auto call = traced.execute(segment.context(), plan, [&execution](xtrace::Execution& done) {
    execution = std::move(done);
  });
  // Six attempts of 100 ms at most, and waits of a second at most between them.
  if (!loop.run_until([&execution] { return execution.has_value(); }, 10s)) {
    return fail({xtrace::Error::Code::plan_timeout, xtrace::Phase::none, "the plan has no end"});
  }
  return (*stage)->conclude(std::move(segment), *execution, kPromised);
}
