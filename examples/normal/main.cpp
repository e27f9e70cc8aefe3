// One GET with retries, one attempt after the other, against a server that is in trouble. The same
// as examples/racing, without racing.
//
//     tools/run demo normal [--verbose]

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
    {.wave = 2, .is_reused = false, .end = End::answered, .status = 429},
    {.wave = 3, .is_reused = true, .end = End::timed_out, .status = 200},
    {.wave = 4, .is_reused = false, .end = End::answered, .status = 200},
}};

int fail(const xtrace::Error& error) {
  std::fprintf(stderr, "normal: %s\n", error.message.c_str());
  return 2;
}

}  // namespace

int main(int count, char** arguments) {
  const bool is_verbose = count > 1 && std::string_view(arguments[1]) == "--verbose";
  xtrace::Loop loop;
  const auto stage = Stage::set(loop, {.name = "normal", .is_verbose = is_verbose});
  if (const auto* error = stage.if_error()) return fail(*error);

  xtrace::Client client(loop, (*stage)->client_config());
  const auto introduced = (*stage)->introduce(client);
  if (const auto* error = introduced.if_error()) return fail(*error);
  xtrace::PlanClientConfig policies;  // retries as it does by default
  policies.timeout = xtrace::timeout_fixed(100ms);
  xtrace::PlanClient plans(client, std::move(policies));
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
