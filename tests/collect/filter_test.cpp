#include "collect/filter.h"

#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "collect/digests.h"

namespace filter_test {

using namespace xtrace;
using namespace xtrace::collect;
using namespace xtrace::collect::testing;

namespace {

/// Expressions that are true of `trace`, and of no other value than they say.
void check_true(const TraceDigest& trace, const std::vector<std::string>& expressions) {
  for (const std::string& expression : expressions) {
    CAPTURE(expression);
    const Expected<Filter> filter = Filter::parse(expression);
    REQUIRE_MESSAGE(filter.has_value(), filter.if_error()->message);
    CHECK(filter->matches(trace));
    const Expected<Filter> opposite = Filter::parse("NOT (" + expression + ")");
    REQUIRE(opposite.has_value());
    CHECK_FALSE(opposite->matches(trace));
  }
}

void check_false(const TraceDigest& trace, const std::vector<std::string>& expressions) {
  for (const std::string& expression : expressions) {
    CAPTURE(expression);
    const Expected<Filter> filter = Filter::parse(expression);
    REQUIRE_MESSAGE(filter.has_value(), filter.if_error()->message);
    CHECK_FALSE(filter->matches(trace));
  }
}

std::string complaint_about(std::string_view expression) {
  const Expected<Filter> filter = Filter::parse(expression);
  return filter ? "none" : filter.error().message;
}

}  // namespace

TEST_SUITE("collect/filter") {
  TEST_CASE("an empty filter takes every trace") {
    CHECK(Filter{}.matches(checkout_digest()));
    for (const char* blank : {"", "  \t\n"}) {
      const Expected<Filter> filter = Filter::parse(blank);
      REQUIRE(filter.has_value());
      CHECK(filter->takes_all());
      CHECK(filter->matches(TraceDigest{}));
    }
    CHECK_FALSE(Filter::parse("ok")->takes_all());
  }

  TEST_CASE("booleans alone are what the root segment answered") {
    const TraceDigest trace = checkout_digest();
    check_true(trace, {"ok", "OK = true", "ok != FALSE", "ok = \"true\"", "!fault", "not error",
                       "fault = false", "throttle", "inferred", "!partial"});
    check_false(trace, {"fault", "error", "partial", "ok = false", "fault != false"});

    TraceDigest failed = trace;
    failed.visits[0].flags.fault = true;
    failed.is_in_progress = true;
    check_true(failed, {"fault", "!ok", "partial"});

    TraceDigest headless = trace;
    headless.visits[0].is_root = false;
    check_true(headless, {"fault", "error", "!ok"});
  }

  TEST_CASE("numbers are compared with numbers, times with units too") {
    check_true(checkout_digest(),
               {"responsetime > 0.5", "responseTime<=0.6", "duration >= 2.5", "duration = 2.5",
                "duration < 1e1", "duration != 2", "duration > -1", "responsetime > 599ms",
                "responsetime < 700000us", "duration < 3s", "http.status = 200", "http.status",
                "http.status < 300", "duration>.5"});
    check_false(checkout_digest(), {"responsetime > 0.6", "duration < 2.5", "http.status != 200"});
  }

  TEST_CASE("texts are compared whole and in part") {
    check_true(checkout_digest(),
               {"http.url BEGINSWITH \"http://shop.example/\"", "http.url contains '/v2/'",
                "http.url ENDSWITH \"checkout\"", "http.url", "http.method = \"POST\"",
                "http.method = POST", "http.method != \"GET\"", "http.useragent CONTAINS \"curl\"",
                "http.clientip = \"192.0.2.7\"", "availabilityzone = \"eu-west-1c\"",
                "instance.id = \"i-0abc\"", "resource.arn CONTAINS \":ecs:\"",
                "group.name = \"Default\"", "group.arn = \"arn:aws:xray:x:1:group/Default\""});
    check_false(checkout_digest(), {"http.method = \"post\"", "http.url = \"checkout\"",
                                    "http.url ENDSWITH \"http\"", "http.method != \"POST\""});
  }

  TEST_CASE("a comparison holds where some value satisfies it, and none without a value") {
    check_true(checkout_digest(), {"user = \"alice\"", "user = \"bob\"", "user != \"alice\"",
                                   "user CONTAINS \"\"", "!(user = \"carol\")"});
    check_false(checkout_digest(), {"user = \"Alice\"", "!(user = \"alice\")"});
    const TraceDigest bare;
    check_false(bare, {"user", "user CONTAINS \"\"", "user != \"a\"", "http.url",
                       "http.url != \"a\"", "http.status", "http.status != 200", "responsetime < 9",
                       "service()", "edge()", "annotation.a", "rootcause.fault.service"});
    check_true(bare, {"ok", "duration = 0", "!http.url"});
  }

  TEST_CASE("NOT binds closer than AND, AND closer than OR, and side by side means AND") {
    check_true(checkout_digest(),
               {"ok or fault and fault", "(ok or fault) and ok", "ok OR fault AND error",
                "not fault and ok", "!fault ok", "ok !partial duration <3", "!!ok", "NOT NOT ok",
                "((ok))", "fault or error or ok", "!(fault or error)", "ok(throttle)"});
    check_false(checkout_digest(), {"(ok or fault) and fault", "fault and fault or error",
                                    "!ok or fault", "ok fault", "!(ok and throttle)"});
  }

  TEST_CASE("an annotation is found by its key, and compared by the kind of its value") {
    check_true(checkout_digest(),
               {"annotation.tier", "annotation[tier]", "annotation[ \"tier\" ] = \"gold\"",
                "Annotation.tier BEGINSWITH \"go\"", "annotation.count > 29",
                "annotation.count = 30", "annotation.vip", "annotation.vip = true",
                "annotation.old = false", "annotation.old != true", "!annotation.old",
                "annotation[a.b] = \"x\"", "annotation.a.b ENDSWITH \"x\"", "!annotation.none"});
    check_false(checkout_digest(),
                {"annotation.Tier", "annotation.count = \"30\"", "annotation.tier = 1",
                 "annotation.tier = true", "annotation.vip = \"true\"", "annotation.none != 1",
                 "annotation.count != \"a\"", "annotation.old"});
  }

  TEST_CASE("the braces of a service are asked of one and the same of its segments") {
    check_true(
        checkout_digest(),
        {"service(\"pay\")", "service()", "SERVICE(\"pay\") { fault }", "service() { fault }",
         "service(\"pay\") { fault AND responsetime < 0.3 }", "service(\"pay\") { duration > 1 }",
         "service(\"pay\") { http.status = 503 }", "service(\"pay\") { !fault }",
         "!service(\"none\")", "!service(\"pay\") { error }", "service(\"checkout\") { root }",
         "service(id(name: \"pay\", type: \"AWS::EC2::Instance\")) { fault }",
         "service(id(type: \"AWS::DynamoDB::Table\")) { throttle inferred }",
         "service(id(account.id: \"111122223333\")) { ok }",
         "service() { name = \"Payments\" and type CONTAINS \"DynamoDB\" }",
         "service(\"pay\") { annotation[vip] }",
         "service(id(type: \"client\", name: \"checkout\"))",
         "service(id(type: \"client\")) { ok }"});
    check_false(checkout_digest(),
                {"service(\"Pay\")", "service(\"pay\") { fault AND responsetime > 1 }",
                 "service(\"pay\") { error }", "service(\"pay\") { annotation.count }",
                 "service(id(name: \"pay\", type: \"AWS::Lambda\"))",
                 "service(id(type: \"client\", name: \"pay\"))", "service() { partial }"});
  }

  TEST_CASE("the braces of an edge are asked of one and the same of its calls") {
    check_true(checkout_digest(),
               {"edge()", "edge(\"checkout\", \"pay\")", "edge(\"checkout\", \"pay\") { fault }",
                "edge(\"checkout\", \"pay\") { ok and responsetime > 1s }",
                "edge(id(type: \"AWS::EC2::Instance\"), \"Payments\") { throttle }",
                "edge(id(type: \"client\"), \"checkout\")",
                "edge(id(type: \"client\", account.id: \"111122223333\"), \"checkout\")",
                "!edge(\"pay\", \"checkout\")"});
    check_false(checkout_digest(), {"edge(\"checkout\", \"Payments\")",
                                    "edge(\"checkout\", \"pay\") { fault and duration > 1 }",
                                    "edge(id(type: \"client\"), \"pay\")"});
  }

  TEST_CASE("root causes are asked for their services, their end and its exception") {
    check_true(checkout_digest(),
               {"rootcause.fault.service", "rootcause.fault.service { name = \"pay\" and last }",
                "rootcause.fault.service { first and name = checkout }",
                "rootcause.fault.service { index = 1 }",
                "rootcause.error.service { inferred and type = \"AWS::DynamoDB::Table\" }",
                "rootcause.fault.entity { remote and name = \"charge card\" }",
                "rootcause.fault.entity { last }", "RootCause.Fault.Exception",
                "rootcause.fault.exception { last and message CONTAINS \"refused\" }",
                "rootcause.fault.exception { name = \"CardRefused\" and index = 0 and first }",
                "rootcause.error.entity { name = \"Payments\" and !remote }"});
    check_false(checkout_digest(),
                {"rootcause.fault.service { inferred }", "rootcause.fault.service { index > 1 }",
                 "rootcause.fault.service { first and last }", "rootcause.error.exception",
                 "rootcause.fault.entity { name = \"pay\" }"});
  }

  TEST_CASE("a trace id finds its trace, in X-Ray's and in W3C's form") {
    check_true(checkout_digest(),
               {std::string(kCheckoutId), "58406520a006649127e371903a2de979",
                " 1-58406520-A006649127E371903A2DE979 ", std::string(kCheckoutId) + " and ok",
                "1-58406520-000000000000000000000000 or " + std::string(kCheckoutId)});
    check_false(checkout_digest(), {"1-58406520-000000000000000000000000"});
  }

  TEST_CASE("what cannot be read is refused with its place and what is wanted") {
    struct Row {
      const char* expression;
      const char* complaint;
    };
    const Row rows[] = {
        {"ok and", "column 7: a keyword is wanted, not the end"},
        {"and ok", "column 1: a keyword is wanted, not \"and\""},
        {"latency > 5", "column 1: \"latency\" is no keyword"},
        {"ok ) ", "column 4: AND, OR or the end is wanted, not \")\""},
        {"(ok", "column 4: \")\" is wanted, not the end"},
        {"ok & ok", "column 4: \"&\" is no part of the language"},
        {"\"é\" ok", "column 1: a keyword is wanted, not a text"},
        {"http.url = \"é\" ; ok", "column 16: \";\" is no part of the language"},
        {"responsetime", "column 13: a comparison (=, !=, <, <=, >, >=) is wanted, not the end"},
        {"responsetime > fast", "column 16: a number is wanted, not \"fast\""},
        {"duration > 5m", "column 12: this is no number; those of time may end in s, ms or us"},
        {"duration > 1e999", "column 12: this number is out of range"},
        {"http.status = 5s", "column 15: a number without a unit is wanted, not \"5s\""},
        {"http.status CONTAINS 5",
         "column 22: a number is compared by =, !=, <, <=, > and >= alone"},
        {"fault > 1", "column 9: what is true or false is compared by = and != alone"},
        {"fault = 1", "column 9: true or false is wanted, not \"1\""},
        {"http.url = ", "column 12: a text in quotation marks is wanted, not the end"},
        {"http.url > \"a\"",
         "column 12: a text is compared by =, !=, CONTAINS, BEGINSWITH and ENDSWITH alone"},
        {"user = \"x", "column 8: the text that begins here has no closing quotation mark"},
        {"annotation", "column 11: the annotation's key in [ ] is wanted, not the end"},
        {"annotation[a = 1", "column 1: the annotation's key has no closing ]"},
        {"annotation. = 1", "column 1: the annotation has no key"},
        {"annotation.a = b",
         "column 16: a text in quotation marks, a number, true or false is wanted, not \"b\""},
        {"service(pay)",
         "column 9: the name of a service in quotation marks, or id() is wanted, not \"pay\""},
        {"service(\"a\"", "column 12: \")\" is wanted, not the end"},
        {"service { ok }", "column 9: \"(\" is wanted, not \"{\""},
        {"service() { ok", "column 15: \"}\" is wanted, not the end"},
        {"service() { service() }", "column 13: service() stands outside of all braces alone"},
        {"service() { user = \"a\" }",
         "column 13: \"user\" means nothing in the braces of service(); it stands outside of all "
         "braces"},
        {"service(id(kind: \"a\"))", "column 12: name, type or account.id is wanted, not \"kind\""},
        {"edge(\"a\")", "column 9: \",\" is wanted, not \")\""},
        {"edge() { annotation.a }", "column 10: annotations mean nothing in the braces of edge()"},
        {"id(name: \"a\")", "column 1: id() stands in the brackets of service() or edge() alone"},
        {"root",
         "column 1: \"root\" means nothing outside of all braces; it stands in the braces of "
         "service()"},
        {"rootcause.fault.x",
         "column 1: rootcause.fault or rootcause.error is wanted with .service, .entity or "
         ".exception behind it"},
        {"rootcause.responsetime.entity { last }",
         "column 1: \"rootcause.responsetime.entity\" asks for what is not worked out here"},
        {"rootcause.fault.entity { coverage > 0.5 }",
         "column 26: \"coverage\" asks for what is not worked out here"},
        {"group.name = \"mine\"", "column 14: there is no such group; the only one is Default"},
    };
    for (const Row& row : rows) {
      CAPTURE(row.expression);
      CHECK(complaint_about(row.expression) == row.complaint);
    }
    const Expected<Filter> filter = Filter::parse("ok and nothing");
    REQUIRE_FALSE(filter.has_value());
    CHECK(filter.if_error()->code == Error::Code::invalid_config);
    CHECK(filter_column(*filter.if_error()) == 8);
    CHECK(filter_column(Error{}) == 0);
  }

  TEST_CASE("texts know escapes of quotation marks and backslashes") {
    TraceDigest trace = checkout_digest();
    trace.users = {"a \"b\" \\ 'c' \\n"};
    check_true(trace, {R"(user = "a \"b\" \\ 'c' \n")", R"(user = 'a "b" \\ \'c\' \n')"});
  }

  TEST_CASE("depth and length have their bounds") {
    const std::string deep(Filter::kMaxDepth - 1, '(');
    CHECK(Filter::parse(deep + "ok" + std::string(deep.size(), ')')).has_value());
    CHECK(complaint_about("(" + deep + "ok") ==
          "column 65: brackets, braces and negations are too deep in one another");
    CHECK(complaint_about(std::string(Filter::kMaxLength, '!')).ends_with("in one another"));
    CHECK(complaint_about(std::string(Filter::kMaxLength + 1, '(')) ==
          "column 1: the expression is longer than 16384 bytes");
  }
}

}  // namespace filter_test
