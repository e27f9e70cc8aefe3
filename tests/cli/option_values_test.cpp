#include "cli/option_values.h"

#include <doctest/doctest.h>

namespace option_values_test {

using namespace xtrace;
using namespace xtrace::cli;
using std::chrono::milliseconds;
using std::chrono::nanoseconds;

TEST_SUITE("cli/option_values") {
  TEST_CASE("a time has a unit or is in seconds") {
    CHECK(*parse_duration("2") == milliseconds(2000));
    CHECK(*parse_duration("0.25") == milliseconds(250));
    CHECK(*parse_duration("1.5s") == milliseconds(1500));
    CHECK(*parse_duration("200ms") == milliseconds(200));
    CHECK(*parse_duration("1m") == milliseconds(60'000));
    CHECK(*parse_duration("0") == Duration::zero());
    CHECK(*parse_duration("0.0000000001") == nanoseconds(1));
  }

  TEST_CASE("what is no time is refused") {
    for (const auto* text :
         {"", "s", "ms", "-1", "1h", "1 s", "abc", "nan", "inf", "1e300", "+1", "0x10"}) {
      CAPTURE(text);
      CHECK_FALSE(parse_duration(text));
    }
  }

  TEST_CASE("--resolve names a host, a port and addresses of both families") {
    const auto resolve = parse_resolve("Example.COM:8443:127.0.0.1,[::1],::2");
    REQUIRE(resolve);
    CHECK(resolve->host == "example.com");
    CHECK(resolve->port == 8443);
    REQUIRE(resolve->addresses.size() == 3);
    CHECK(resolve->addresses[0].to_string() == "127.0.0.1:8443");
    CHECK(resolve->addresses[1].to_string() == "[::1]:8443");
    CHECK(resolve->addresses[2].to_string() == "[::2]:8443");
    CHECK(parse_resolve("*:80:10.0.0.1")->host == "*");
  }

  TEST_CASE("an incomplete --resolve is refused") {
    for (const auto* text : {"", "h", "h:80", "h:80:", "h:80:name", ":80:1.2.3.4", "h:0:1.2.3.4",
                             "h:99999:1.2.3.4", "h:80:1.2.3.4,"}) {
      CAPTURE(text);
      CHECK_FALSE(parse_resolve(text));
    }
  }

  TEST_CASE("--connect-to leaves empty parts open") {
    const auto all = parse_connect_to("a:1:B:2");
    REQUIRE(all);
    CHECK(all->from_host == "a");
    CHECK(all->from_port == 1);
    CHECK(all->to_host == "b");
    CHECK(all->to_port == 2);

    const auto open = parse_connect_to("::[::1]:8080");
    REQUIRE(open);
    CHECK(open->from_host.empty());
    CHECK(open->from_port == 0);
    CHECK(open->to_host == "::1");
    CHECK(open->to_port == 8080);

    CHECK(parse_connect_to(":::"));
    for (const auto* text : {"", "a", "a:1:b", "a:1:b:2:c", "a:x:b:2", "[::1:1:b:2"}) {
      CAPTURE(text);
      CHECK_FALSE(parse_connect_to(text));
    }
  }

  TEST_CASE("a list of statuses holds numbers, classes and ranges") {
    const auto set = parse_status_set("200,3xx,404-406");
    REQUIRE(set);
    CHECK(set->contains(200));
    CHECK_FALSE(set->contains(201));
    CHECK(set->contains(300));
    CHECK(set->contains(399));
    CHECK(set->contains(405));
    CHECK_FALSE(set->contains(407));
    CHECK(StatusSet{}.contains(599));
    for (const auto* text : {"", "2x", "20", "200,", "300-200", "0xx", "abc", "200-2xx"}) {
      CAPTURE(text);
      CHECK_FALSE(parse_status_set(text));
    }
  }

  TEST_CASE("segments go to a daemon, a file, stdout or nowhere") {
    using Kind = EmitTarget::Kind;
    const auto daemon = parse_emit_target("udp://[::1]:2001");
    REQUIRE(daemon);
    CHECK(daemon->kind == Kind::udp);
    CHECK(daemon->endpoint.host == "::1");
    CHECK(daemon->endpoint.port == 2001);
    CHECK(parse_emit_target("file:/tmp/t")->path == "/tmp/t");
    CHECK(parse_emit_target("-")->kind == Kind::standard_output);
    CHECK(parse_emit_target("none")->kind == Kind::none);
    for (const auto* text : {"", "udp://", "udp://h:0", "file:", "http://h:1", "tcp://"}) {
      CAPTURE(text);
      CHECK_FALSE(parse_emit_target(text));
    }
    const auto acknowledged = parse_emit_target("tcp://h:1");
    REQUIRE(acknowledged);
    CHECK(acknowledged->kind == Kind::tcp);
    CHECK(acknowledged->endpoint == DaemonEndpoint{.host = "h", .port = 1});
  }

  TEST_CASE("an annotation keeps the type of its value") {
    CHECK(parse_annotation("a=17")->value == Scalar(std::int64_t{17}));
    CHECK(parse_annotation("a=-2.5")->value == Scalar(-2.5));
    CHECK(parse_annotation("a=true")->value == Scalar(true));
    CHECK(parse_annotation("a=false")->value == Scalar(false));
    CHECK(parse_annotation("a=nan")->value == Scalar("nan"));
    CHECK(parse_annotation("a=1.2.3")->value == Scalar("1.2.3"));
    CHECK(parse_annotation("a=")->value == Scalar(""));
    CHECK(parse_annotation("a=b=c")->value == Scalar("b=c"));
    for (const auto* text : {"", "a", "=1", "a-b=1"}) CHECK_FALSE(parse_annotation(text));
  }
}

}  // namespace option_values_test
