#include "cli/trace_waterfall.h"

#include <string>
#include <string_view>

#include <doctest/doctest.h>

#include "cli/trace_hints.h"
#include "cli/trace_lines.h"
#include "collect/trace_store.h"
#include "golden.h"

namespace xtrace::cli::trace_waterfall_test {

namespace {

using testing::check_golden;

constexpr Style kPlain{};
constexpr Style kNarrow{.width = 40};
constexpr Style kWide{.width = 130};
constexpr Style kTerminal{.utf8 = true, .width = 100};
constexpr Style kColor{.color = true, .utf8 = true, .width = 100};

constexpr std::string_view kTrace = R"("trace_id":"1-6b00e8a0-77665544332211000ffeeddc")";

/// A segment or subsegment without its end; times are milliseconds after 1795282080.
std::string node(std::string_view name, std::string_view id, int begin, std::string_view more) {
  const auto time = [](int milliseconds) {
    const std::string digits = std::to_string(1000 + milliseconds % 1000).substr(1);
    return std::to_string(1795282080 + milliseconds / 1000) + "." + digits;
  };
  std::string text = R"({"name":")" + std::string(name) + R"(","id":"00000000000000)";
  text += std::string(id) + R"(","start_time":)" + time(begin);
  // `~N` in what follows is a time.
  std::string rest(more);
  for (auto at = rest.find('~'); at != std::string::npos; at = rest.find('~')) {
    const auto end = rest.find_first_not_of("0123456789", at + 1);
    rest.replace(at, end - at, time(std::stoi(rest.substr(at + 1))));
  }
  return text + "," + rest + "}";
}

std::string root(std::string_view name, std::string_view id, int begin, std::string_view more) {
  return node(name, id, begin, std::string(kTrace) + "," + std::string(more));
}

/// The trace of these documents, as long as the object lives.
class Trace {
 public:
  explicit Trace(std::initializer_list<std::string> documents) : store_(collect::StoreLimits{}) {
    for (const std::string& document : documents) {
      static_cast<void>(store_.add(document, collect::Door::udp, WallTime{}));
    }
    trace_ = store_.find(*TraceId::parse("1-6b00e8a0-77665544332211000ffeeddc"));
    REQUIRE(trace_ != nullptr);
    tree_ = collect::build_tree(*trace_);
  }

  TraceView view() const { return {*trace_, tree_, store_.digest(*trace_)}; }
  std::string draw(const Style& style = kPlain) const { return draw_trace(view(), style); }

 private:
  collect::TraceStore store_;
  const collect::StoredTrace* trace_ = nullptr;
  collect::TraceTree tree_;
};

/// A shop that pays: the payment fails at first and is tried again, a table is asked, time is lost.
Trace checkout() {
  const std::string first = node(
      "pay.example.com", "b1", 20,
      R"("end_time":~121,"namespace":"remote","fault":true,"http":{"request":{"method":"POST",)"
      R"("url":"https://user:secret@pay.example.com/charge?card=4111","traced":true},)"
      R"("response":{"status":503}},"subsegments":[)" +
          node("connect", "c1", 20,
               R"("end_time":~81,"subsegments":[)" + node("dns", "c2", 20, R"("end_time":~40)") +
                   "," + node("tls", "c3", 41, R"("end_time":~81)") + "]") +
          "," + node("response", "c4", 82, R"("end_time":~120)") + "]");
  const std::string second =
      node("pay.example.com", "b2", 221,
           R"("end_time":~612,"namespace":"remote","http":{"request":{"method":"POST",)"
           R"("url":"https://pay.example.com/charge","traced":true},"response":{"status":200}})");
  const std::string table = node(
      "orders", "b3", 2,
      R"("end_time":~15,"namespace":"aws","aws":{"operation":"PutItem","table_name":"orders"})");
  return Trace{
      root("checkout", "a1", 0,
           R"("end_time":~640,"http":{"request":{"method":"POST","url":"http://shop.test/checkout?)"
           R"(token=abc"},"response":{"status":200}},"subsegments":[)" +
               table + "," + first + "," + second + "]"),
      root("payments", "d1", 25,
           R"("parent_id":"00000000000000b1","end_time":~119,"fault":true,"http":{"response":{)"
           R"("status":503}},"cause":{"exceptions":[{"id":"00000000000000e1","type":)"
           R"("QuotaExceeded","message":"no more than 10 charges a second\u001b[31m"}]})"),
      root("payments", "d2", 230, R"("parent_id":"00000000000000b2","end_time":~600)")};
}

/// What has not come yet, and what does not fit.
Trace unfinished() {
  return Trace{
      root("web", "a1", 100,
           R"("in_progress":true,"http":{"request":{"method":"GET","url":"http://web/"}})"),
      root("early", "a2", 40,
           R"("parent_id":"00000000000000a1","end_time":~180,"error":true,)"
           R"("throttle":true,"http":{"response":{"status":429}})"),
      root("orphan", "a3", 150,
           R"("parent_id":"00000000000000ff","type":"subsegment",)"
           R"("end_time":~300)"),
      root("no-end", "a4", 160, R"("parent_id":"00000000000000fe","type":"subsegment")")};
}

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_SUITE("cli/trace_waterfall") {
  TEST_CASE("a trace is drawn as rows under their parents, with its failures and its lost time") {
    check_golden("trace-checkout.txt", checkout().draw());
    check_golden("trace-checkout-narrow.txt", checkout().draw(kNarrow));
    check_golden("trace-checkout-wide.txt", checkout().draw(kWide));
    check_golden("trace-checkout-utf8.txt", checkout().draw(kTerminal));
    check_golden("trace-checkout-color.txt", checkout().draw(kColor));
  }

  TEST_CASE("what is in progress is open-ended, and what waits stands in a group of its own") {
    check_golden("trace-unfinished.txt", unfinished().draw());
    check_golden("trace-unfinished-utf8.txt", unfinished().draw(kTerminal));
  }

  TEST_CASE("no line is wider than the screen, however narrow or deep") {
    std::string deep = node("leaf", "ff", 1, R"("end_time":~2)");
    for (int i = 0; i < 60; ++i) {
      deep = node("a level with a long name", std::to_string(10 + i), 1,
                  R"("end_time":~3,"subsegments":[)" + deep + "]");
    }
    const Trace tower{root("tower", "a0", 0, R"("end_time":~5,"subsegments":[)" + deep + "]")};
    for (const int width : {40, 59, 60, 80, 109, 110, 200}) {
      CAPTURE(width);
      const std::string text = tower.draw({.width = width}) + checkout().draw({.width = width}) +
                               unfinished().draw({.width = width});
      std::size_t begin = 0;
      for (auto end = text.find('\n'); end != std::string::npos; end = text.find('\n', begin)) {
        CAPTURE(text.substr(begin, end - begin));
        CHECK(end - begin <= static_cast<std::size_t>(width));
        begin = end + 1;
      }
    }
    CHECK(has(tower.draw(), "leaf"));
  }

  TEST_CASE("secrets of URLs and what could steer the terminal are not drawn") {
    for (const Style& style : {kPlain, kWide, kTerminal}) {
      const std::string text = checkout().draw(style);
      CHECK_FALSE(has(text, "secret"));
      CHECK_FALSE(has(text, "4111"));
      CHECK_FALSE(has(text, "abc"));
      CHECK_FALSE(has(text, "\x1b"));
    }
  }

  TEST_CASE("a trace of nodes without times is drawn without bars") {
    const Trace trace{R"({"name":"x","id":"00000000000000a1",)" + std::string(kTrace) + "}"};
    const std::string text = trace.draw();
    CHECK(has(text, "  x"));
    CHECK_FALSE(has(text, "#"));
    CHECK(has(text, "X-Ray would refuse a document: "));
  }

  TEST_CASE("what keeps a trace from being complete is said in a sentence") {
    CHECK(what_is_missing(unfinished().view()) == "\"web\" is in progress");
    const Trace orphan{root("orphan", "a3", 150,
                            R"("parent_id":"00000000000000ff","type":)"
                            R"("subsegment","end_time":~300)")};
    CHECK(what_is_missing(orphan.view()) == "\"orphan\" waits for its parent 00000000000000ff");
    CHECK(what_is_missing(checkout().view()).empty());
  }

  TEST_CASE("a line has the columns of all lines, whatever the trace, and fits the screen") {
    for (const int width : {40, 71, 72, 80, 119, 120, 200}) {
      CAPTURE(width);
      const Style style{.width = width};
      for (const Trace& trace : {checkout(), unfinished()}) {
        const TraceView view = trace.view();
        const std::string line = draw_trace_row(view.trace, view.digest, Telling::first, style);
        CAPTURE(line);
        CHECK(line.size() <= static_cast<std::size_t>(width) + 1);
        const std::string id = width < 120 ? " 77665544\n" : std::string(view.trace.id().text());
        CHECK(has(line, id));
        const std::string columns = draw_trace_columns(style);
        CHECK(columns.find("trace") == line.find(width < 120 ? "77665544" : "1-6b00e8a0"));
      }
    }
  }

  TEST_CASE("a line tells status, mark, service and request") {
    const Trace trace = checkout();
    const TraceView view = trace.view();
    const std::string line = draw_trace_row(view.digest, Telling::first, {.width = 140});
    CHECK(has(line, "200 F  checkout "));
    CHECK(has(line, " POST http://shop.test/checkout?*** "));
    CHECK(has(line, "640ms "));
    const std::string again = draw_trace_row(view.digest, Telling::again, kPlain);
    CHECK(has(again, " +3 77665544"));
    collect::TraceDigest large = view.digest;
    large.segments = 2001;
    CHECK(has(draw_trace_row(large, Telling::first, kPlain), "  2k 77665544"));
    large.segments = 123;
    CHECK(has(draw_trace_row(large, Telling::again, kPlain), "+123 77665544"));
    const Trace open = unfinished();
    CHECK(has(draw_trace_row(open.view().digest, Telling::first, kPlain), "T~"));
  }

  TEST_CASE("a trace as JSON is one line that names its schema") {
    const Trace trace = checkout();
    const std::string line = trace_json_line(trace.view().trace, trace.view().digest);
    CHECK(line.starts_with(R"({"schema":"xtrace.trace/1","id":"1-6b00e8a0-77665544332211000f)"));
    CHECK(line.find('\n') == line.size() - 1);
    CHECK(has(line, R"("fault":true)"));
  }
}

}  // namespace xtrace::cli::trace_waterfall_test
