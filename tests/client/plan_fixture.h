#pragma once

/// `PlanFixture` is what every test of a plan needs: a loop, a scripted server, a client of plans,
/// the events in their order, and the result.

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include <xtrace/plan_client.h>

#include "support/scripted_server.h"
#include "support/test_loop.h"

namespace xtrace::testing {

using namespace std::chrono_literals;

inline std::string answer_with(int status, std::string_view body = {},
                               std::string_view fields = {}) {
  return "HTTP/1.1 " + std::to_string(status) +
         " Status\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" +
         std::string(fields) + "\r\n" + std::string(body);
}

/// Writes every event down with the attempt it is about.
inline PlanHandlers write_events(std::vector<std::string>& events) {
  const auto write = [&events](const char* name) {
    return [&events, name](const Execution& execution) {
      events.push_back(name + (" " + std::to_string(execution.attempt)));
    };
  };
  PlanHandlers handlers;
  handlers.before_execution_start.emplace_back(write("before_execution_start"));
  handlers.before_attempt.emplace_back(write("before_attempt"));
  handlers.before_read_body.emplace_back(write("before_read_body"));
  handlers.after_attempt_timeout.emplace_back(write("after_attempt_timeout"));
  handlers.after_attempt.emplace_back(write("after_attempt"));
  handlers.after_plan_timeout.emplace_back(write("after_plan_timeout"));
  handlers.after_execution_end.emplace_back(write("after_execution_end"));
  handlers.attempt_redundant.emplace_back(write("attempt_redundant"));
  handlers.retry_decided.emplace_back([&events](Execution&, const RetryDecision& decision) {
    events.push_back("retry_decided " + std::to_string(decision.attempt) + " " +
                     std::string(to_string(decision.veto)));
  });
  handlers.wait_started.emplace_back([&events](Execution&, const WaitRecord& wait) {
    events.push_back("wait_started " + std::string(to_string(wait.reason)));
  });
  handlers.wait_ended.emplace_back(
      [&events](Execution&, const WaitRecord&) { events.emplace_back("wait_ended"); });
  handlers.race_decided.emplace_back([&events](Execution&, const RaceDecision& decision) {
    events.push_back("race_decided " + std::to_string(decision.rival) + " " +
                     std::string(to_string(decision.veto)));
  });
  return handlers;
}

struct PlanFixture {
  TestLoop loop;
  ScriptedServer server{loop};
  ClientConfig client_config{.decoding = {.is_on = false}, .proxy = ProxyConfig()};
  /// By default no wait is worth waiting for.
  PlanClientConfig config{.retry = {.wait = wait_fixed(1ms)}};
  std::vector<std::string> events;
  std::optional<Client> client;     ///< Made with `client_config` by the first plan.
  std::optional<PlanClient> plans;  ///< The same with `config`.
  PlanCall call;
  std::optional<Execution> result;
  ExecuteOptions options;

  Plan plan(std::string_view path = "/") const {
    return Plan(Request(Url::parse(server.url(path)).value()));
  }

  PlanClient& plan_client() {
    if (!plans) {
      client.emplace(loop, finalize_config(client_config).value());
      config.handlers.append(write_events(events));
      plans.emplace(*client, std::move(config));
    }
    return *plans;
  }

  /// Starts without waiting.
  void start(Plan what) {
    result.reset();
    call = plan_client().execute(std::make_shared<const Plan>(std::move(what)), std::move(options),
                                 [this](Execution& execution) { result = std::move(execution); });
  }

  /// Runs a plan to its end.
  const Execution& execute(Plan what) {
    start(std::move(what));
    loop.run_until([this] { return result.has_value(); });
    return *result;
  }

  /// The server gives these answers, one a request, on one connection after the other as the
  /// client comes.
  void answer(const std::vector<std::string>& answers) {
    Script& script = server.on_connection();
    for (const std::string& answer : answers) script.expect_head().send(answer);
  }

  Error::Code code() const {
    REQUIRE(result.has_value());
    REQUIRE(result->error() != nullptr);
    return result->error()->code;
  }
};

}  // namespace xtrace::testing
