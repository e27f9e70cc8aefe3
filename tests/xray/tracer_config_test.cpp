#include <map>
#include <string>

#include <doctest/doctest.h>

#include <xtrace/tracer.h>

namespace xtrace::tracer_config_test {

namespace {

using Variables = std::map<std::string, std::string>;

Expected<FinalizedTracerConfig> finalize(TracerConfig config, const Variables& variables) {
  return finalize_config(std::move(config), [&variables](const char* name) {
    const auto found = variables.find(name);
    return found == variables.end() ? nullptr : found->second.c_str();
  });
}

std::string refusal(TracerConfig config, const Variables& variables) {
  const auto finalized = finalize(std::move(config), variables);
  REQUIRE_FALSE(finalized.has_value());
  CHECK(finalized.error().code == Error::Code::invalid_config);
  return finalized.error().message;
}

}  // namespace

TEST_SUITE("xray/tracer_config") {
  TEST_CASE("without anything said the daemon is local and contexts are logged") {
    const FinalizedTracerConfig config = finalize({}, {}).value();
    CHECK(config.daemon() == DaemonAddress{});
    CHECK(config.values().name == "service");
    CHECK(config.values().context_missing == ContextMissing::log_error);
    CHECK_FALSE(config.values().is_disabled);
  }

  TEST_CASE("the environment wins over the code, as in every SDK") {
    TracerConfig config;
    config.name = "from code";
    config.daemon_address = "10.0.0.1:2001";
    config.context_missing = ContextMissing::ignore;
    const FinalizedTracerConfig finalized =
        finalize(config, {{"AWS_XRAY_TRACING_NAME", "from environment"},
                          {"AWS_XRAY_DAEMON_ADDRESS", "tcp:10.0.0.3:3 udp:10.0.0.2:2"},
                          {"AWS_XRAY_CONTEXT_MISSING", "runtime_error"},
                          {"AWS_XRAY_SDK_DISABLED", "TRUE"},
                          {"AWS_XRAY_NOOP_ID", "false"}})
            .value();
    CHECK(finalized.values().name == "from environment");
    CHECK(finalized.daemon().udp == DaemonEndpoint{.host = "10.0.0.2", .port = 2});
    CHECK(finalized.daemon().tcp == DaemonEndpoint{.host = "10.0.0.3", .port = 3});
    CHECK(finalized.values().context_missing == ContextMissing::runtime_error);
    CHECK(finalized.values().is_disabled);
    CHECK(finalized.values().has_real_unsampled_ids);
  }

  TEST_CASE("the code wins over the defaults, and blank variables say nothing") {
    TracerConfig config;
    config.daemon_address = "[::1]:2001";
    config.is_disabled = true;
    const FinalizedTracerConfig finalized =
        finalize(config, {{"AWS_XRAY_DAEMON_ADDRESS", " "}, {"AWS_XRAY_TRACING_NAME", ""}}).value();
    CHECK(finalized.daemon().udp == DaemonEndpoint{.host = "::1", .port = 2001});
    CHECK(finalized.values().name == "service");
    CHECK(finalized.values().is_disabled);
  }

  TEST_CASE("either SDK's switch turns tracing on where the code turned it off") {
    const TracerConfig off{.is_disabled = true};
    CHECK_FALSE(finalize(off, {{"AWS_XRAY_SDK_ENABLED", "true"}}).value().values().is_disabled);
    CHECK_FALSE(finalize(off, {{"AWS_XRAY_SDK_DISABLED", "false"}}).value().values().is_disabled);
  }

  TEST_CASE("either SDK's switch turns tracing off") {
    CHECK(finalize({}, {{"AWS_XRAY_SDK_ENABLED", "false"}}).value().values().is_disabled);
    CHECK_FALSE(finalize({}, {{"AWS_XRAY_SDK_ENABLED", "on"}}).value().values().is_disabled);
    CHECK_FALSE(finalize({}, {{"AWS_XRAY_SDK_DISABLED", "0"}}).value().values().is_disabled);
    CHECK(finalize({}, {{"AWS_XRAY_SDK_DISABLED", "1"}, {"AWS_XRAY_SDK_ENABLED", "true"}})
              .value()
              .values()
              .is_disabled);
  }

  TEST_CASE("what makes no sense is named with its reason") {
    CHECK(refusal({}, {{"AWS_XRAY_CONTEXT_MISSING", "PANIC"}}) ==
          "configure the tracer: AWS_XRAY_CONTEXT_MISSING is \"PANIC\": it must be LOG_ERROR, "
          "IGNORE_ERROR or RUNTIME_ERROR");
    CHECK(refusal({}, {{"AWS_XRAY_SDK_DISABLED", "perhaps"}}) ==
          "configure the tracer: AWS_XRAY_SDK_DISABLED is \"perhaps\": it must be true or false");
    CHECK(refusal({}, {{"AWS_XRAY_DAEMON_ADDRESS", "192.168.0.1"}})
              .starts_with("configure the tracer: AWS_XRAY_DAEMON_ADDRESS: read daemon address"));
    CHECK(refusal({.daemon_address = "nowhere"}, {})
              .starts_with("configure the tracer: daemon_address: read daemon address"));
    CHECK(refusal({.name = ""}, {}) == "configure the tracer: name: it is empty");
    TracerConfig tiny;
    tiny.limits.bytes = 100;
    CHECK(refusal(tiny, {}).starts_with("configure the tracer: limits.bytes: "));
    CHECK(refusal({.environment = {.aws = {{"ec2", "{"}}}}, {}) ==
          "configure the tracer: environment.aws \"ec2\": it is no JSON");
  }
}

}  // namespace xtrace::tracer_config_test
