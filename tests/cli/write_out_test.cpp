#include "cli/write_out.h"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "reports.h"
#include "reports_plan.h"
#include "support/scratch.h"

namespace write_out_test {

using namespace xtrace;
using namespace xtrace::cli;
using namespace xtrace::testing;

namespace {

std::string written(std::string_view format, const Report& report) {
  return write_out(format, report).out;
}

}  // namespace

TEST_SUITE("cli/write_out") {
  TEST_CASE("text, escapes and percent signs are curl's") {
    const Report report = plain_https();
    CHECK(written(R"(a\n\t\r\x%%b%c)", report) == "a\n\t\r\\x%b%c");
    CHECK(written("100%", report) == "100%");
    CHECK(written("%{open", report) == "%{open");
    CHECK(written("\\", report) == "\\");
  }

  TEST_CASE("variables tell about the response") {
    const Report report = plain_https();
    CHECK(written("%{http_code} %{response_code} %{method} %{scheme} %{http_version}", report) ==
          "200 200 GET HTTPS 1.1");
    CHECK(written("%{content_type} %{num_headers} %{size_download}", report) ==
          "application/json 4 1856");
    CHECK(written("%{remote_ip}:%{remote_port} %{local_ip}:%{local_port}", report) ==
          "203.0.113.7:443 10.0.0.2:41000");
    CHECK(written("%header{content-TYPE} [%header{nothing}]", report) == "application/json []");
  }

  TEST_CASE("times are seconds from the start, and zero for what did not happen") {
    CHECK(written("%{time_namelookup} %{time_connect} %{time_appconnect} %{time_pretransfer} "
                  "%{time_starttransfer} %{time_total}",
                  plain_https()) == "0.011800 0.030200 0.069900 0.069900 0.212800 0.220000");
    CHECK(written("%{time_appconnect}", plain_http()) == "0.000000");
    CHECK(written("%{time_connect} %{http_code}", failed_dial()) == "0.000000 000");
  }

  TEST_CASE("over redirects the last leg counts, from the start of the first") {
    const Report report = redirected();
    CHECK(written("%{num_redirects} %{num_connects} %{http_code}", report) == "2 2 200");
    CHECK(written("%{url} %{url_effective}", report) ==
          "http://api.example.com/orders https://api.example.com/v1/orders");
    CHECK(written("%{time_redirect} %{time_starttransfer} %{time_total}", report) ==
          "0.183400 0.279500 0.281500");
  }

  TEST_CASE("of a plan the final attempt counts, from the start of the first") {
    CHECK(written("%{attempts} %{num_retries} %{waves}", plain_https()) == "1 0 1");
    CHECK(written("%{attempts} %{num_retries} %{waves} %{http_code}", raced()) == "3 1 2 200");
    CHECK(written("%{remote_ip} %{num_connects}", raced()) == "203.0.113.8 2");
    CHECK(written("%{time_starttransfer} %{time_total}", raced()) == "0.605200 0.612400");
    CHECK(written("%{num_redirects} %{time_redirect} %{url_effective}", redirected_in_attempts()) ==
          "1 0.030200 https://pay.example.com/v2/quote");
    CHECK(written("%{attempts} %{num_retries} %{http_code} %{exitcode}", refused_by_breaker()) ==
          "0 0 000 75");
    CHECK(written("%{time_total}", timed_out_between()) == "1.000000");
  }

  TEST_CASE("a failure has its code and message, and onerror shows what follows only then") {
    const std::string format = "%{exitcode}%{onerror}: %{errormsg}";
    CHECK(written(format, plain_https()) == "0");
    CHECK(written(format, timed_out_response()) == "28: no response within 2s");
  }

  TEST_CASE("stderr takes what stands behind it, until stdout") {
    const WrittenOut both = write_out("a%{stderr}b%{stdout}c", plain_https());
    CHECK(both.out == "ac");
    CHECK(both.err == "b");
  }

  TEST_CASE("an unknown variable prints nothing and is named") {
    const WrittenOut odd = write_out("<%{nothing}>", plain_https());
    CHECK(odd.out == "<>");
    CHECK(odd.unknown == std::vector<std::string>{"nothing"});
  }

  TEST_CASE("json holds every variable, in order, and nulls where there is nothing") {
    const auto json = nlohmann::ordered_json::parse(written("%{json}", redirected()));
    CHECK(json.at("http_code") == 200);
    CHECK(json.at("time_total") == 0.2815);
    CHECK(json.at("errormsg").is_null());
    CHECK(json.at("url_effective") == "https://api.example.com/v1/orders");
    std::string last;
    for (const auto& entry : json.items()) {
      CHECK(last < entry.key());
      last = entry.key();
    }
  }

  TEST_CASE("header_json lists the values of each field under its name in lower case") {
    Report report = plain_https();
    report.legs.front().attempts.front().response->headers.add("SERVER", "second");
    const auto json = nlohmann::json::parse(written("%{header_json}", report));
    CHECK(json.at("server") == nlohmann::json::array({"nginx", "second"}));
    CHECK(written("%{header_json}", failed_url()) == "{}");
  }

  TEST_CASE("a report without any attempt has nothing but its error") {
    CHECK(written("%{http_code} %{time_total} %{remote_ip} %{url}", failed_url())
              .starts_with("000 0.000000  "));
  }

  TEST_CASE("a format in a file is read without its line ends") {
    Scratch scratch;
    Process process;
    const auto format = read_write_out("@" + scratch.write("f", "a%{http_code}\r\nb\n"), process);
    REQUIRE(format);
    CHECK(*format == "a%{http_code}b");
    CHECK_FALSE(read_write_out("@/no/such/file", process));
    CHECK(*read_write_out("plain\n", process) == "plain\n");
    CHECK_FALSE((*read_write_out(std::nullopt, process)).has_value());
  }
}

}  // namespace write_out_test
