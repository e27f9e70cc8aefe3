#include <string>
#include <string_view>

#include <doctest/doctest.h>

#include <xtrace/sampler.h>

#include "support/scratch.h"

namespace xtrace::sampling_manifest_test {

namespace {

/// The error's message; `no error` where there is none.
std::string complaint(std::string_view json) {
  const Expected<SamplingManifest> manifest = parse_sampling_manifest(json);
  if (manifest) return "no error";
  CHECK(manifest.error().code == Error::Code::invalid_config);
  return manifest.error().message;
}

/// A manifest of version 2 with these members in its second rule.
std::string with_rule(std::string_view members) {
  constexpr std::string_view kGood =
      R"({"host":"*","http_method":"*","url_path":"/a","fixed_target":0,"rate":0})";
  std::string json = R"({"version":2,"default":{"fixed_target":1,"rate":0.05},"rules":[)";
  json += kGood;
  json += ",{";
  json += members;
  return json + "}]}";
}

struct Refusal {
  std::string_view json;
  std::string_view message;
};

}  // namespace

TEST_SUITE("xray/sampling_manifest") {
  TEST_CASE("a manifest of version 2 is read whole, in its order") {
    const Expected<SamplingManifest> manifest = parse_sampling_manifest(R"({
      "version": 2,
      "default": {"fixed_target": 3, "rate": 0.25},
      "rules": [
        {"description": "carts", "host": "*.shop.example", "http_method": "PUT",
         "url_path": "/cart/*", "fixed_target": 10, "rate": 1},
        {"host": "*", "http_method": "*", "url_path": "/health", "fixed_target": 0.0, "rate": 0}
      ]})");
    REQUIRE(manifest.has_value());
    CHECK(*manifest == SamplingManifest{.default_rule = {.fixed_target = 3, .rate = 0.25},
                                        .rules = {{.description = "carts",
                                                   .host = "*.shop.example",
                                                   .http_method = "PUT",
                                                   .url_path = "/cart/*",
                                                   .fixed_target = 10,
                                                   .rate = 1},
                                                  {.url_path = "/health"}}});
  }

  TEST_CASE("version 1 calls the host service_name") {
    const Expected<SamplingManifest> manifest = parse_sampling_manifest(
        R"({"version":1,"default":{"fixed_target":1,"rate":0.05},"rules":[
        {"service_name":"shop","http_method":"*","url_path":"*","fixed_target":0,"rate":0.5}]})");
    REQUIRE(manifest.has_value());
    REQUIRE(manifest->rules.size() == 1);
    CHECK(manifest->rules[0].host == "shop");
    CHECK(manifest->rules[0].rate == 0.5);
  }

  TEST_CASE("the built-in manifest is what a default-constructed one holds") {
    const Expected<SamplingManifest> manifest =
        parse_sampling_manifest(R"({"version":2,"default":{"fixed_target":1,"rate":0.05}})");
    REQUIRE(manifest.has_value());
    CHECK(*manifest == SamplingManifest{});
  }

  TEST_CASE("a rule that makes no sense is refused with its number, the field and the reason") {
    constexpr std::string_view kRest = R"("http_method":"*","url_path":"*","fixed_target":1)";
    const auto rule = [&kRest](std::string_view members) {
      return complaint(with_rule(std::string{kRest} + "," + std::string{members}));
    };
    CHECK(rule(R"("host":"*","rate":1)") == "no error");
    CHECK(rule(R"("host":"*")") == "sampling manifest: rule 2: rate is missing");
    CHECK(rule(R"("host":"*","rate":null)") == "sampling manifest: rule 2: rate is missing");
    CHECK(rule(R"("rate":1)") == "sampling manifest: rule 2: host is missing");
    CHECK(rule(R"("host":"*","rate":1.5)") ==
          "sampling manifest: rule 2: rate is 1.5, not a number from 0 to 1");
    CHECK(rule(R"("host":"*","rate":-0.1)") ==
          "sampling manifest: rule 2: rate is -0.1, not a number from 0 to 1");
    CHECK(rule(R"("host":"*","rate":"1")") ==
          "sampling manifest: rule 2: rate is of type string, not a number from 0 to 1");
    CHECK(rule(R"("host":7,"rate":1)") == "sampling manifest: rule 2: host is not a string");
    CHECK(rule(R"("host":"","rate":1)") ==
          "sampling manifest: rule 2: host is empty; \"*\" matches everything");
    CHECK(rule(R"("host":"*","rate":1,"description":5)") ==
          "sampling manifest: rule 2: description is not a string");
    CHECK(rule(R"("host":"*","rate":1,"priority":5)") ==
          "sampling manifest: rule 2: unknown key \"priority\"");
    CHECK(rule(R"("service_name":"*","rate":1)") ==
          "sampling manifest: rule 2: unknown key \"service_name\"; version 2 calls it host");
    CHECK(rule(R"("host":"*","rate":1,"rate":0)") ==
          "sampling manifest: the key \"rate\" stands twice in one object");
    for (const std::string_view target : {"-1", "1.5", "4294967296", "1e300", "true"}) {
      const std::string json = R"("host":"*","http_method":"*","url_path":"*","rate":1,)"
                               R"("fixed_target":)";
      CAPTURE(target);
      const std::string message = complaint(with_rule(json + std::string{target}));
      CHECK(message.starts_with("sampling manifest: rule 2: fixed_target is "));
      CHECK(message.ends_with(", not a whole number from 0 on"));
    }
  }

  TEST_CASE("a manifest that makes no sense is refused with the reason") {
    constexpr Refusal kRefusals[] = {
        {R"([])", "it is not an object"},
        {R"({})", "version is missing; it is 1 or 2"},
        {R"({"version":3})", "version is neither 1 nor 2"},
        {R"({"version":"2"})", "version is neither 1 nor 2"},
        {R"({"version":2})", "the default rule is missing"},
        {R"({"version":2,"rule":[]})", "unknown key \"rule\""},
        {R"({"version":2,"default":[]})", "the default rule is not an object"},
        {R"({"version":2,"default":{"rate":1}})", "the default rule: fixed_target is missing"},
        {R"({"version":2,"default":{"fixed_target":1}})", "the default rule: rate is missing"},
        {R"({"version":2,"default":{"fixed_target":1,"rate":1,"host":"*"}})",
         "the default rule: unknown key \"host\""},
        {R"({"version":2,"default":{"fixed_target":1,"rate":1},"rules":{}})",
         "rules is not an array"},
        {R"({"version":2,"default":{"fixed_target":1,"rate":1},"rules":[5]})",
         "rule 1 is not an object"},
        {R"({"version":1,"default":{"fixed_target":1,"rate":1},"rules":[{"host":"*"}]})",
         "rule 1: unknown key \"host\"; version 1 calls it service_name"},
    };
    for (const Refusal& each : kRefusals) {
      CAPTURE(each.json);
      CHECK(complaint(each.json) == "sampling manifest: " + std::string{each.message});
    }
  }

  TEST_CASE("what is no JSON is refused with its line and column") {
    CHECK(complaint("") == "sampling manifest: there is nothing, where JSON should be");
    CHECK(complaint("{\n  \"é\" 5}").starts_with("sampling manifest: line 2, column 7: "));
    CHECK(complaint("{\"version\":2,}").starts_with("sampling manifest: line 1, column 14: "));
    CHECK(complaint("{\"version\":2").starts_with("sampling manifest: line 1, column 13: "));
    CHECK(
        complaint("{\"version\":\"\xFF\"}").starts_with("sampling manifest: line 1, column 13: "));
    CHECK(complaint("{\"version\":1e999}") == "sampling manifest: a number is too large to be one");
    CHECK(complaint(std::string(40, '[') + std::string(40, ']')) ==
          "sampling manifest: the nesting is deeper than 32 levels");
  }

  TEST_CASE("a manifest is read from a file, and the file is named where that fails") {
    const testing::Scratch scratch;
    const std::string good =
        scratch.write("good", R"({"version":2,"default":{"fixed_target":1,"rate":0.05}})");
    CHECK(*read_sampling_manifest(good) == SamplingManifest{});
    const std::string bad = scratch.write("bad", "{}");
    CHECK(read_sampling_manifest(bad).error().message ==
          "read sampling manifest " + bad + ": version is missing; it is 1 or 2");
    const std::string missing = scratch.path("missing");
    CHECK(read_sampling_manifest(missing).error().message ==
          "read sampling manifest " + missing + ": no such file or directory (ENOENT)");
    CHECK(read_sampling_manifest(scratch.path("")).error().message.ends_with("(EISDIR)"));
    const std::string large = scratch.write("large", std::string((1U << 20U) + 1, ' '));
    CHECK(read_sampling_manifest(large).error().message.ends_with("it is larger than 1 MiB"));
  }
}

}  // namespace xtrace::sampling_manifest_test
