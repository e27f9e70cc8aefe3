#include "cli/plan_picture.h"

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "cli/lane_bar.h"
#include "cli/text.h"
#include "random_plan.h"
#include "reports_plan.h"
#include "support/lines.h"

namespace xtrace::cli::plan_picture_test {

namespace {

using namespace testing;
using Json = nlohmann::json;

void check_widths(const Report& report, const Style& style) {
  for (const std::string& line : lines_of(render_pretty(report, style))) {
    REQUIRE_MESSAGE(display_width(line) <= static_cast<std::size_t>(style.width), line);
  }
}

int count(const std::string& text, std::string_view part) {
  int found = 0;
  for (std::size_t at = 0; (at = text.find(part, at)) != std::string::npos; at += part.size()) {
    ++found;
  }
  return found;
}

}  // namespace

TEST_SUITE("cli/plan_picture") {
  TEST_CASE("no line is wider than the screen, from 40 to 200 columns") {
    for (const Report& report : all_planned()) {
      for (int width = 40; width <= 200; width += 2) {
        check_widths(report, {.utf8 = width % 4 == 0, .width = width});
      }
    }
  }

  TEST_CASE("random plans are drawn within the screen, each attempt in a lane of its own") {
    std::mt19937 random(51);
    int several = 0;
    for (int i = 0; i < 600; ++i) {
      const Report report = random_plan(random);
      check_widths(report, {.utf8 = i % 2 == 0, .width = 40 + i % 120});
      const std::string text = draw_plan(report, {.width = 100});
      const bool has_lanes = report.plan->attempts > 1 || !report.plan->waits.empty();
      if (!has_lanes) continue;
      ++several;
      for (int attempt = 0; attempt < report.plan->attempts; ++attempt) {
        REQUIRE(count(text, "\n  attempt " + std::to_string(attempt) + "  wave ") == 1);
      }
    }
    CHECK(several > 400);
  }

  TEST_CASE("every bar lies within the axis and ends with the sign of its end") {
    std::mt19937 random(52);
    for (int i = 0; i < 600; ++i) {
      const Report report = random_plan(random);
      const Scale scale = make_scale(report.total(), Style::Unit::automatic);
      const BarScale bars{std::max<Quanta>(scale.round(report.total()), 1),
                          static_cast<std::size_t>(4 + i % 70)};
      for (const AttemptView& attempt : view_attempts(report)) {
        const LaneEnd end = end_of(attempt, report);
        const LaneBar bar = bar_of(attempt, end, report, scale);
        const Style style;
        Line line(style);
        draw_lane_bar(line, bar, bars, style);
        REQUIRE(line.column() <= bars.cells);
        const std::string drawn = line.finish();
        const LaneSign sign = end == LaneEnd::answered    ? LaneSign::answered
                              : end == LaneEnd::cancelled ? LaneSign::cancelled
                                                          : LaneSign::failed;
        REQUIRE(drawn.substr(drawn.size() - 2, 1) == glyph_of(sign, style));
        REQUIRE(shows(bar, sign, bars));
      }
    }
  }

  TEST_CASE("the key explains the signs that are there and no others") {
    const std::string text = render_pretty(retried(), {});
    CHECK(text.find(". pause   : connecting   = waiting   X failed   > answered\n") !=
          std::string::npos);
  }

  TEST_CASE("a retry before the server's Retry-After is over hints at the flag") {
    constexpr std::string_view kHint =
        "hint  attempt 1 came sooner than in the 2s that the server asked for (Retry-After): "
        "--retry-after waits\n";
    Report report = retried();
    Headers& headers = report.legs.front().attempts.front().response->headers;
    CHECK(count(render_pretty(report, {.width = 200}), "--retry-after") == 0);
    headers.set("Retry-After", "2");
    CHECK(count(render_pretty(report, {.width = 200}), kHint) == 1);
    report.plan->waits.front().reason = WaitRecord::Reason::retry_after;
    CHECK(count(render_pretty(report, {.width = 200}), "--retry-after") == 0);
    report.plan->waits.front().reason = WaitRecord::Reason::backoff;
    headers.set("Retry-After", "0");
    CHECK(count(render_pretty(report, {.width = 200}), "--retry-after") == 0);
  }

  TEST_CASE("that every attempt ended with the status it was tried again for is a hint") {
    constexpr std::string_view kHint =
        "hint  every attempt ended the same way (404): trying again did not help\n";
    Report report = lasting();
    CHECK(count(render_pretty(report, {.width = 200}), kHint) == 1);
    report.legs.front().attempts.back().response->status = 200;
    CHECK(count(render_pretty(report, {.width = 200}), "ended the same way") == 0);
  }

  TEST_CASE("without UTF-8 and colour every format is printable ASCII") {
    for (const Report& report : all_planned()) {
      for (const std::string& text :
           {render_pretty(report, {}), render_classic(report, {}), render_compact(report, {})}) {
        for (const char byte : text) REQUIRE((byte == '\n' || (byte >= 0x20 && byte < 0x7f)));
      }
    }
  }

  TEST_CASE("without colour the picture says as much as with it") {
    const std::string plain = render_pretty(raced(), {.width = 100});
    std::string stripped = render_pretty(raced(), {.color = true, .width = 100});
    for (std::size_t at = 0; (at = stripped.find('\x1b', at)) != std::string::npos;) {
      stripped.erase(at, stripped.find('m', at) - at + 1);
    }
    CHECK(stripped == plain);
  }

  TEST_CASE("json of random plans holds every attempt, within the total") {
    std::mt19937 random(53);
    for (int i = 0; i < 300; ++i) {
      const Report report = random_plan(random);
      const Json json = Json::parse(render_json(report), nullptr, false);
      REQUIRE(json.is_object());
      int last_requests = 0;
      for (const Json& leg : json["legs"]) {
        for (const Json& attempt : leg["attempts"]) {
          last_requests += attempt["superseded"].is_null() ? 1 : 0;
          const auto end = attempt["start_us"].get<long>() + attempt["dur_us"].get<long>();
          REQUIRE(end <= json["total_us"].get<long>());
        }
      }
      REQUIRE(last_requests == json["plan"]["attempts"].get<int>());
      for (const Json& wait : json["plan"]["backoff"]) {
        const auto end = wait["start_us"].get<long>() + wait["dur_us"].get<long>();
        REQUIRE(end <= json["total_us"].get<long>());
      }
    }
  }
}

}  // namespace xtrace::cli::plan_picture_test
