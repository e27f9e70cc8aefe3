#include "golden.h"

#include <doctest/doctest.h>

#include "cli/report.h"
#include "reports.h"

namespace xtrace::cli::golden_test {

namespace {

using namespace testing;

constexpr Style kPlain{};
constexpr Style kTerminal{.utf8 = true, .width = 100};
constexpr Style kColor{.color = true, .utf8 = true, .width = 100};

Style of_width(int width) {
  return {.width = width};
}
Style of_unit(Style::Unit unit) {
  return {.width = 100, .unit = unit};
}

void check_pretty(std::string_view name, const Report& report, const Style& style = kPlain) {
  check_golden(name, render_pretty(report, style));
}

}  // namespace

TEST_SUITE("cli/golden") {
  TEST_CASE("pretty draws a request from a cold start") {
    check_pretty("pretty-http.txt", plain_http());
    check_pretty("pretty-https.txt", plain_https());
    check_pretty("pretty-https-wide.txt", plain_https(), of_width(160));
    check_pretty("pretty-https-100.txt", plain_https(), of_width(100));
    check_pretty("pretty-https-narrow.txt", plain_https(), of_width(40));
  }

  TEST_CASE("pretty draws eighth blocks, rules and colours where the terminal has them") {
    check_pretty("pretty-https-utf8.txt", plain_https(), kTerminal);
    check_pretty("pretty-https-color.txt", plain_https(), kColor);
    check_pretty("pretty-timeout-utf8.txt", timed_out_response(), kTerminal);
    check_pretty("pretty-timeout-color.txt", timed_out_response(), kColor);
    check_pretty("pretty-404-color.txt", judged_not_found(), kColor);
  }

  TEST_CASE("pretty shows every dialled address and what became of it") {
    check_pretty("pretty-silent-ipv6.txt", silent_ipv6());
    check_pretty("pretty-silent-ipv6-wide.txt", silent_ipv6(), of_width(120));
    check_pretty("pretty-refused-ipv6.txt", refused_ipv6());
  }

  TEST_CASE("pretty leaves out the phases that a reused connection has not") {
    check_pretty("pretty-reused.txt", reused_connection());
  }

  TEST_CASE("pretty cuts the path of a Unix socket") {
    check_pretty("pretty-unix-socket.txt", unix_socket());
  }

  TEST_CASE("pretty shows the judgement of --fail") {
    check_pretty("pretty-404.txt", judged_not_found());
  }

  TEST_CASE("pretty draws a failure up to the moment it happened, in each phase") {
    check_pretty("pretty-failed-url.txt", failed_url());
    check_pretty("pretty-failed-dns.txt", failed_dns());
    check_pretty("pretty-failed-dial.txt", failed_dial());
    check_pretty("pretty-failed-family.txt", failed_family());
    check_pretty("pretty-timeout-dial.txt", timed_out_dial());
    check_pretty("pretty-failed-tls.txt", failed_tls());
    check_pretty("pretty-failed-request.txt", failed_request());
    check_pretty("pretty-failed-response.txt", failed_response());
    check_pretty("pretty-timeout.txt", timed_out_response(), of_width(100));
    check_pretty("pretty-timeout-80.txt", timed_out_response());
    check_pretty("pretty-timeout-narrow.txt", timed_out_response(), of_width(40));
    check_pretty("pretty-failed-body.txt", failed_body());
    check_pretty("pretty-interrupted.txt", interrupted());
  }

  TEST_CASE("pretty shows early responses, interim responses and answers without a body") {
    check_pretty("pretty-early-response.txt", early_response());
    check_pretty("pretty-early-hints.txt", early_hints());
    check_pretty("pretty-head.txt", head_request());
    check_pretty("pretty-204.txt", no_content());
  }

  TEST_CASE("pretty chooses unit and precision by the total, or takes the unit asked for") {
    check_pretty("pretty-tiny.txt", tiny());
    check_pretty("pretty-huge.txt", huge());
    check_pretty("pretty-unit-us.txt", plain_https(), of_unit(Style::Unit::microseconds));
    check_pretty("pretty-unit-ms.txt", huge(), of_unit(Style::Unit::milliseconds));
    check_pretty("pretty-unit-ms-tiny.txt", tiny(), of_unit(Style::Unit::milliseconds));
    check_pretty("pretty-unit-s.txt", plain_https(), of_unit(Style::Unit::seconds));
  }

  TEST_CASE("pretty says what strained a request") {
    check_pretty("pretty-strained.txt", strained());
    check_pretty("pretty-unsampled.txt", unsampled());
  }

  TEST_CASE("pretty draws redirects leg by leg on one axis, and their total") {
    check_pretty("pretty-redirected.txt", redirected());
    check_pretty("pretty-redirected-utf8.txt", redirected(), kTerminal);
    check_pretty("pretty-redirected-narrow.txt", redirected(), of_width(40));
    check_pretty("pretty-too-many-redirects.txt", too_many_redirects());
  }

  TEST_CASE("pretty shows a request that was sent again beside the one that was lost") {
    check_pretty("pretty-sent-again.txt", sent_again());
  }

  TEST_CASE("pretty shows the proxy, what it did and what it refused") {
    check_pretty("pretty-proxy.txt", through_proxy());
    check_pretty("pretty-proxy-wide.txt", through_proxy(), of_width(120));
    check_pretty("pretty-proxy-refused.txt", refused_by_proxy());
  }

  TEST_CASE("pretty quotes the server, and what it asks for") {
    check_pretty("pretty-server-says.txt", told_by_server());
    check_pretty("pretty-retry-after.txt", asked_to_come_back());
    check_pretty("pretty-continue.txt", waited_to_continue());
  }

  TEST_CASE("pretty and json tell which goals were kept") {
    check_pretty("pretty-slo.txt", missed_goal());
    check_golden("json-slo.txt", render_json(missed_goal()));
  }

  TEST_CASE("pretty with -i shows the headers, harmless") {
    Style style;
    style.show_headers = true;
    check_pretty("pretty-headers.txt", plain_http(), style);
    check_pretty("pretty-hostile.txt", hostile(), style);
    style.utf8 = true;
    check_pretty("pretty-hostile-utf8.txt", hostile(), style);
  }

  TEST_CASE("classic draws the art of 2016") {
    check_golden("classic-http.txt", render_classic(plain_http(), kPlain));
    check_golden("classic-https.txt", render_classic(plain_https(), kPlain));
    check_golden("classic-https-color.txt", render_classic(plain_https(), kColor));
    check_golden("classic-head.txt", render_classic(head_request(), kPlain));
    check_golden("classic-reused.txt", render_classic(reused_connection(), kPlain));
    check_golden("classic-redirected.txt", render_classic(redirected(), kPlain));
    check_golden("classic-timeout.txt", render_classic(timed_out_response(), kPlain));
  }

  TEST_CASE("compact is one line for each leg") {
    check_golden("compact-redirected.txt", render_compact(redirected(), kPlain));
    check_golden("compact-ok.txt", render_compact(plain_https(), kPlain));
    check_golden("compact-reused.txt", render_compact(reused_connection(), kPlain));
    check_golden("compact-failed.txt", render_compact(failed_tls(), kPlain));
    check_golden("compact-failed-url.txt", render_compact(failed_url(), kPlain));
    check_golden("compact-tiny.txt", render_compact(tiny(), kPlain));
  }

  TEST_CASE("json keeps its schema") {
    check_golden("json-ok.txt", render_json(plain_https()));
    check_golden("json-reused.txt", render_json(reused_connection()));
    check_golden("json-early-hints.txt", render_json(early_hints()));
    check_golden("json-redirected.txt", render_json(redirected()));
    check_golden("json-sent-again.txt", render_json(sent_again()));
    check_golden("json-proxy.txt", render_json(through_proxy()));
    check_golden("json-server-says.txt", render_json(told_by_server()));
    check_golden("json-failed.txt", render_json(timed_out_response()));
    check_golden("json-failed-url.txt", render_json(failed_url()));
  }

  TEST_CASE("xray prints the documents as JSON lines") {
    check_golden("xray.txt", render_xray(plain_https()));
  }
}

}  // namespace xtrace::cli::golden_test
