#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <xtrace/foreign_call.h>

namespace xtrace::foreign_call_test {

using std::chrono::milliseconds;

namespace {

/// A segment, and calls below it whose clock the test moves.
struct Story {
  TimePoint at{WallTime(std::chrono::seconds(1763685600)), Tick(std::chrono::seconds(5))};
  Clock clock = [this] { return at; };
  Segment segment = Segment::begin("shop", {.start = at.wall, .clock = clock});

  Request request(std::string_view url = "http://stock.example.com/v1?key=abc") const {
    return Request(Url::parse(url).value());
  }
  ForeignCallOptions options() const {
    return {.redact = true, .sends_traceparent = false, .clock = clock};
  }
  void pass(int length) {
    at.wall += milliseconds(length);
    at.tick += milliseconds(length);
  }
  std::string document() {
    segment.end(at.wall);
    return segment.documents().documents.at(0);
  }
};

/// The times of the first node of that name, in milliseconds since the story's start, or "".
std::string times(const std::string& document, const std::string& name) {
  const std::size_t node = document.find("\"name\":\"" + name + "\"");
  if (node == std::string::npos) return "";
  const auto read = [&](const std::string& key) {
    const std::size_t value = document.find("\"" + key + "\":", node) + key.size() + 3;
    const double seconds = std::stod(document.substr(value, 20)) - 1763685600.0;
    return std::to_string(static_cast<int>(seconds * 1000 + 0.5));
  };
  return read("start_time") + "-" + read("end_time");
}

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t found = 0;
  for (std::size_t at = 0; (at = text.find(part, at)) != std::string::npos; ++at) ++found;
  return found;
}

Address address(std::uint8_t last) {
  return Address::from_ipv4({10, 0, 0, last}, 80);
}

}  // namespace

TEST_SUITE("instrument/foreign_call") {
  TEST_CASE("a call through every phase becomes the tree of a call of ours") {
    Story story;
    {
      ForeignCall call{story.segment.context(), story.request(), story.options()};
      call.enter(Phase::dns);
      story.pass(10);
      call.timeline().dns = DnsFacts{
          .host = "stock.example.com", .addresses = {address(1), address(2)}, .resolver = "asio"};
      call.enter_dial(address(1));
      story.pass(5);
      call.fail_dial({Error::Code::connect_refused, Phase::dial, "connect 10.0.0.1:80: refused"});
      call.enter_dial(address(2));
      story.pass(20);
      call.enter(Phase::tls);
      story.pass(40);
      call.leave();
      story.pass(1);  // the caller's own, and nobody's
      call.enter(Phase::request);
      story.pass(2);
      call.enter(Phase::response);
      story.pass(100);
      call.enter(Phase::body);
      story.pass(7);
      call.finish(Response{.status = 429, .content_length = 12});
      CHECK(call.is_over());
    }
    story.pass(50);
    const std::string document = story.document();
    CHECK(times(document, "stock.example.com") == "0-185");
    CHECK(times(document, "connect") == "0-75");
    CHECK(times(document, "dns") == "0-10");
    CHECK(times(document, "dial") == "10-15");
    CHECK(times(document, "tls") == "35-75");
    CHECK(times(document, "request") == "76-78");
    CHECK(times(document, "response") == "78-178");
    CHECK(times(document, "body") == "178-185");
    CHECK(count(document, R"("name":"dial")") == 2);
    CHECK(count(document, "connect_refused") == 1);
    CHECK(count(document, R"("throttle":true)") == 1);
    CHECK(document.find(R"("content_length":12)") != std::string::npos);
    CHECK(document.find("key=abc") == std::string::npos);
  }

  TEST_CASE("a call without phases is a remote subsegment without children") {
    Story story;
    ForeignCall call{story.segment.context(), story.request(), story.options()};
    story.pass(30);
    call.timeline().response_body_bytes = 5;
    call.finish(Response{.status = 200});
    const std::string document = story.document();
    CHECK(times(document, "stock.example.com") == "0-30");
    CHECK(count(document, R"("subsegments")") == 1);
    CHECK(document.find(R"("content_length":5)") != std::string::npos);
    CHECK(document.find(R"("namespace":"remote")") != std::string::npos);
  }

  TEST_CASE("an answer whose length nobody told has none") {
    Story story;
    ForeignCall call{story.segment.context(), story.request(), story.options()};
    call.finish(Response{.status = 200});
    CHECK(story.document().find(R"("response":{"status":200})") != std::string::npos);
  }

  TEST_CASE("a dial whose address the client does not tell is a dial") {
    Story story;
    ForeignCall call{story.segment.context(), story.request(), story.options()};
    call.enter(Phase::dial);
    story.pass(3);
    call.enter(Phase::request);
    call.finish(Response{.status = 200});
    const std::string document = story.document();
    CHECK(times(document, "connect") == "0-3");
    CHECK(times(document, "dial") == "0-3");
  }

  TEST_CASE("a resolver that is given an address is no dns, and connect has begun") {
    Story story;
    ForeignCall call{story.segment.context(), story.request("http://10.0.0.1/"), story.options()};
    call.enter(Phase::dns);
    story.pass(2);
    call.enter_dial(address(1));
    story.pass(3);
    call.enter(Phase::request);
    call.finish(Response{.status = 200});
    const std::string document = story.document();
    CHECK(times(document, "connect") == "0-5");
    CHECK(times(document, "dial") == "2-5");
    CHECK(times(document, "dns").empty());
  }

  TEST_CASE("an error stands in the phase that was entered last and at the call") {
    Story story;
    ForeignCall call{story.segment.context(), story.request(), story.options()};
    call.enter_dial(address(1));
    story.pass(3);
    call.fail({Error::Code::connect_timeout, Phase::none, "connect 10.0.0.1:80: timed out"});
    call.finish(Response{.status = 200});  // over is over
    const std::string document = story.document();
    CHECK(times(document, "dial") == "0-3");
    CHECK(times(document, "connect") == "0-3");
    CHECK(count(document, R"("type":"connect_timeout")") == 2);
    CHECK(document.find("\"status\"") == std::string::npos);
  }

  TEST_CASE("a call that goes without an end was cancelled, where it was") {
    Story story;
    {
      ForeignCall call{story.segment.context(), story.request(), story.options()};
      call.enter(Phase::response);
      story.pass(4);
    }
    const std::string document = story.document();
    CHECK(times(document, "response") == "0-4");
    CHECK(count(document, R"("type":"cancelled")") == 2);
  }

  TEST_CASE("dials past those that are kept are counted, and connect lasts until the last of all") {
    Story story;
    ForeignCall call{story.segment.context(), story.request(), story.options()};
    for (std::uint8_t i = 0; i < Timeline::kMaxDials + 2; ++i) {
      call.enter_dial(address(i));
      story.pass(1);
      if (i <= Timeline::kMaxDials)
        call.fail_dial({Error::Code::connect_failed, Phase::dial, "no"});
    }
    call.enter(Phase::request);
    call.finish(Response{.status = 200});
    const std::string document = story.document();
    CHECK(times(document, "connect") == "0-18");
    CHECK(document.find(R"("dials_unrecorded":2)") != std::string::npos);
  }

  TEST_CASE("the headers name the call's subsegment as the parent, and nothing without a trace") {
    Story story;
    ForeignCallOptions options = story.options();
    options.sends_traceparent = true;
    ForeignCall call{story.segment.context(), story.request(), options};
    std::vector<std::string> headers;
    const auto keep = [&](std::string_view name, std::string_view value) {
      headers.push_back(std::string(name) + ": " + std::string(value));
    };
    call.write_headers(keep);
    REQUIRE(headers.size() == 2);
    const std::string id = call.context().id().to_string();
    CHECK(headers[0].find("X-Amzn-Trace-Id: Root=") == 0);
    CHECK(headers[0].find(";Parent=" + id + ";Sampled=1") != std::string::npos);
    CHECK(headers[1].find("-" + id + "-01") != std::string::npos);

    ForeignCall untraced{SegmentContext{}, story.request(), options};
    untraced.write_headers(keep);
    CHECK(headers.size() == 2);
    untraced.enter(Phase::request);
    untraced.finish(Response{.status = 200});
    call.finish(Response{.status = 200});
    CHECK(count(story.document(), "stock.example.com\"") == 1);
  }
}

}  // namespace xtrace::foreign_call_test
