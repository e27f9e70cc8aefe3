#include <limits>

#include <doctest/doctest.h>

#include <xtrace/segment.h>

#include "xray/documents.h"

namespace xtrace::segment_test {

namespace {

using nlohmann::json;
using testing::only_document;
using testing::wall_at;
using namespace std::chrono_literals;

constexpr auto kStart = 1'705'030'082'271ms;

SegmentOptions known() {
  return {.trace_id = TraceId::parse("1-65a0b1c2-0123456789abcdef01234567").value(),
          .id = SegmentId::parse("00c0ffee00c0ffee").value(),
          .start = wall_at(kStart)};
}

}  // namespace

TEST_SUITE("xray/segment") {
  TEST_CASE("a segment with a call inside is the document of the documentation") {
    Segment segment = Segment::begin("orders", known());
    Subsegment call = segment.begin_subsegment(
        "api.example.net",
        {.id = SegmentId::parse("0badcafe0badcafe").value(), .start = wall_at(kStart + 29ms)});
    call.set_namespace(Namespace::remote);
    call.set_http_request({.method = "GET", .url = "http://u:p@orders.local/v1?q=secret"});
    call.set_http_response({.status = 200, .content_length = 12});
    CHECK(call.id().text() == "0badcafe0badcafe");
    CHECK(call.trace_id() == segment.trace_id());
    call.end(wall_at(kStart + 129ms));
    segment.end(wall_at(kStart + 178ms));
    CHECK(segment.documents().documents[0] ==
          R"({"name":"orders","id":"00c0ffee00c0ffee",)"
          R"("trace_id":"1-65a0b1c2-0123456789abcdef01234567",)"
          R"("start_time":1705030082.271000,"end_time":1705030082.449000,)"
          R"("aws":{"xray":{"sdk":"X-Ray for C++","sdk_version":")" XTRACE_VERSION R"("}},)"
          R"("subsegments":[{"name":"api.example.net","id":"0badcafe0badcafe",)"
          R"("start_time":1705030082.300000,"end_time":1705030082.400000,"namespace":"remote",)"
          R"("http":{"request":{"method":"GET","url":"http://orders.local/v1"},)"
          R"("response":{"status":200,"content_length":12}}}]})");
  }

  TEST_CASE("every field reads back as it was set") {
    SegmentOptions options = known();
    options.parent_id = SegmentId::parse("1111111111111111").value();
    Segment segment = Segment::begin("orders", options);
    segment.set_user("ada");
    segment.set_origin("AWS::EC2::Instance");
    segment.set_service_version("1.2.3");
    segment.set_http_request({.method = "PUT",
                              .url = "/x?y",
                              .user_agent = "test/1",
                              .client_ip = "10.0.0.1",
                              .is_forwarded = true,
                              .is_traced = true,
                              .keep_secrets = true});
    segment.annotate("text", "value");
    segment.annotate("yes", true);
    segment.annotate("whole", -7);
    segment.annotate("large", std::numeric_limits<std::uint64_t>::max());
    segment.annotate("broken", 0.5);
    segment.annotate("text", "newer");
    segment.set_metadata("", "k", "v");
    segment.set_metadata("http", "dns", 3);
    segment.set_metadata_json("http", "list", "[1,\n{\"a\":null}]");
    segment.add_exception("io_error", "connect: refused", ExceptionOrigin::remote);
    const json document = only_document(segment);
    CHECK(document["parent_id"] == "1111111111111111");
    CHECK(document["user"] == "ada");
    CHECK(document["origin"] == "AWS::EC2::Instance");
    CHECK(document["service"] == json{{"version", "1.2.3"}});
    CHECK(document["http"] == json::parse(R"({"request":{"method":"PUT","url":"/x?y",
        "user_agent":"test/1","client_ip":"10.0.0.1","x_forwarded_for":true,"traced":true}})"));
    CHECK(document["annotations"] == json::parse(R"({"text":"newer","yes":true,"whole":-7,
        "large":18446744073709551615,"broken":0.5})"));
    CHECK(document["metadata"] ==
          json::parse(R"({"default":{"k":"v"},"http":{"dns":3,"list":[1,{"a":null}]}})"));
    CHECK(document["fault"] == true);
    const json& exception = document["cause"]["exceptions"][0];
    CHECK(exception["type"] == "io_error");
    CHECK(exception["message"] == "connect: refused");
    CHECK(exception["remote"] == true);
    CHECK(SegmentId::parse(exception["id"].get<std::string>()).has_value());
    CHECK(document["in_progress"] == true);
    CHECK_FALSE(document.contains("end_time"));
  }

  TEST_CASE("a status is recorded and stands for its flags") {
    Segment segment = Segment::begin("a");
    Subsegment call = segment.begin_subsegment("b");
    call.set_status(429);
    CHECK(call.flags() == Flags{.error = true, .throttle = true});
    call.set_status(503);
    CHECK(call.flags() == Flags{.error = true, .throttle = true, .fault = true});
    call.set_flags({});
    call.set_http_response({.status = 500});
    CHECK(call.flags() == Flags{});
    const json document = only_document(segment);
    CHECK(document["subsegments"][0]["http"]["response"]["status"] == 500);
    CHECK_FALSE(document["subsegments"][0].contains("fault"));
  }

  TEST_CASE("open children end with their parent and carry its error") {
    Segment segment = Segment::begin("a", known());
    Subsegment call = segment.begin_subsegment("call", {.start = wall_at(kStart)});
    Subsegment connect = call.begin_subsegment("connect", {.start = wall_at(kStart + 1ms)});
    Subsegment dns = connect.begin_subsegment("dns", {.start = wall_at(kStart + 2ms)});
    dns.end(wall_at(kStart + 3ms));
    Subsegment dial = connect.begin_subsegment("dial", {.start = wall_at(kStart + 3ms)});
    Subsegment sibling = segment.begin_subsegment("sibling");
    call.add_exception("timeout", "connect: no answer");
    call.end(wall_at(kStart + 9ms));
    CHECK(dial.is_ended());
    CHECK_FALSE(sibling.is_ended());
    dial.end(wall_at(kStart + 20ms));
    const json document = only_document(segment)["subsegments"][0]["subsegments"][0];
    CHECK(document["end_time"] == 1705030082.280);
    CHECK(document["fault"] == true);
    CHECK_FALSE(document["subsegments"][0].contains("fault"));
    CHECK(document["subsegments"][1]["end_time"] == 1705030082.280);
    CHECK(document["subsegments"][1]["fault"] == true);
    CHECK(document["subsegments"][1]["cause"]["exceptions"][0]["message"] == "connect: no answer");
  }

  TEST_CASE("a handle that goes out of scope ends its node at the time of the ticks") {
    TimePoint moment{wall_at(kStart), Tick{1h}};
    SegmentOptions options;
    options.clock = [&moment] { return moment; };
    Segment segment = Segment::begin("a", options);
    moment.tick += 5ms;
    moment.wall += 10h;  // somebody sets the clock
    {
      const Subsegment work = segment.begin_subsegment("work");
      moment.tick += 20ms;
    }
    const json work = only_document(segment)["subsegments"][0];
    CHECK(work["start_time"] == 1705030082.276);
    CHECK(work["end_time"] == 1705030082.296);
  }

  TEST_CASE("an end before the start is mended to the start and counted") {
    Segment segment = Segment::begin("a", known());
    segment.begin_subsegment("b", {.start = wall_at(kStart)}).end(wall_at(kStart - 1ms));
    const DocumentSet set = segment.documents();
    CHECK(set.counts.corrected == 1);
    const json document = testing::parse_document(set.documents[0])["subsegments"][0];
    CHECK(document["end_time"] == document["start_time"]);
  }

  TEST_CASE("values that would cost the document are mended or left out, and counted") {
    Segment segment = Segment::begin("a?b");                                      // 1
    segment.annotate("http.code", 1);                                             // 2
    segment.annotate("", 1);                                                      // 3
    segment.annotate("nan", std::numeric_limits<double>::quiet_NaN());            // 4
    segment.annotate("long", std::string(1'001, 'x'));                            // 5
    segment.set_user(std::string(251, 'u'));                                      // 6
    segment.set_metadata("AWS.x", "k", std::numeric_limits<double>::infinity());  // 7, 8
    segment.set_metadata("b", "broken", "\xFF");                                  // 9
    const DocumentSet set = segment.documents();
    CHECK(set.counts.corrected == 9);
    const json document = testing::parse_document(set.documents[0]);
    CHECK(document["name"] == "ab");
    CHECK(document["annotations"] == json{{"http_code", 1}, {"long", std::string(1'000, 'x')}});
    CHECK(document["user"] == std::string(250, 'u'));
    CHECK(document["metadata"]["x"]["k"].is_null());
    CHECK(document["metadata"]["b"]["broken"] == "\xEF\xBF\xBD");
    CHECK(segment.documents().counts.corrected == 9);
  }

  TEST_CASE("an empty handle ignores everything") {
    Subsegment empty;
    CHECK_FALSE(empty);
    empty.annotate("a", 1);
    empty.set_metadata("a", "b", 1);
    empty.set_metadata_json("a", "b", "1");
    empty.set_status(500);
    empty.add_exception("a", "b");
    CHECK_FALSE(empty.begin_subsegment("child"));
    empty.end();
    CHECK(empty.is_ended());
    CHECK(empty.id().is_noop());
    CHECK(Segment{}.documents().documents.empty());
    Segment segment = Segment::begin("a");
    const Segment moved = std::move(segment);
    segment.set_user("nobody");  // NOLINT(bugprone-use-after-move): that is the promise
    CHECK_FALSE(moved.is_ended());
    CHECK_FALSE(only_document(moved).contains("user"));
  }

  TEST_CASE("a handle outlives its segment's handle") {
    Subsegment child;
    {
      Segment segment = Segment::begin("a");
      child = segment.begin_subsegment("b");
    }
    CHECK(child.is_ended());
    child.annotate("late", true);
    CHECK(child);
  }

  TEST_CASE("a segment continues the trace of a header, as far as it names one") {
    const TraceHeader header = parse_trace_header(
        "Root=1-65a0b1c2-0123456789abcdef01234567;Parent=0BADCAFE0badcafe;Sampled=1");
    const json document = only_document(Segment::begin("a", continue_trace(header)));
    CHECK(document["trace_id"] == "1-65a0b1c2-0123456789abcdef01234567");
    CHECK(document["parent_id"] == "0badcafe0badcafe");
    const Segment fresh =
        Segment::begin("a", continue_trace(parse_trace_header("Root=x;Parent=y")));
    CHECK_FALSE(fresh.trace_id().is_noop());
    CHECK_FALSE(only_document(fresh).contains("parent_id"));
  }

  TEST_CASE("the 33rd exception of a node is counted and not kept") {
    Segment segment = Segment::begin("a");
    for (int i = 0; i < 33; ++i) segment.add_exception("t", std::to_string(i));
    const DocumentSet set = segment.documents();
    CHECK(set.counts.corrected == 1);
    CHECK(testing::parse_document(set.documents[0])["cause"]["exceptions"].size() == 32);
  }

  TEST_CASE("subsegments are counted at any depth, and an empty segment has none") {
    Segment segment = Segment::begin("a");
    CHECK(segment.subsegment_count() == 0);
    Subsegment child = segment.begin_subsegment("b");
    const Subsegment grandchild = child.begin_subsegment("c");
    CHECK(segment.subsegment_count() == 2);
    CHECK(Segment().subsegment_count() == 0);
  }
}

}  // namespace xtrace::segment_test
