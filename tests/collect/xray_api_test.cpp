#include "collect/xray_api.h"

#include <chrono>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <xtrace/central_sampler.h>

#include "collect/api_body.h"
#include "collect/api_documents.h"
#include "collect/api_queries.h"
#include "http/server_fixture.h"
#include "xray/json_accept.h"

namespace xray_api_test {

using namespace xtrace;
using namespace xtrace::collect;

namespace {

constexpr double kStart = 1'800'000'000;

std::string hex_of(int number, std::size_t digits) {
  const std::string text = std::to_string(number);
  return std::string(digits - text.size(), '0') + text;
}

std::string trace_id(int number) {
  return "1-6b49d200-" + hex_of(number, 24);
}

/// A segment of a trace of its own that began `number` seconds in.
std::string segment(int number, const std::string& more = "") {
  const std::string second = std::to_string(static_cast<int>(kStart) + number);
  return R"({"name":"shop","id":")" + hex_of(number + 1, 16) + R"(","trace_id":")" +
         trace_id(number) + R"(","start_time":)" + second + R"(.25,"end_time":)" + second + ".75" +
         more + "}";
}

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

/// What stands behind each `"<key>":"`, up to the quote.
std::vector<std::string> values_of(const std::string& json, const std::string& key) {
  std::vector<std::string> values;
  const std::string mark = "\"" + key + "\":\"";
  for (std::size_t at = json.find(mark); at != std::string::npos; at = json.find(mark, at + 1)) {
    const std::size_t begin = at + mark.size();
    values.push_back(json.substr(begin, json.find('"', begin) - begin));
  }
  return values;
}

struct Api {
  void add(const std::string& document, double received = kStart) {
    const std::chrono::microseconds time(static_cast<std::int64_t>(received * 1e6));
    store.add(document, Door::udp, WallTime{time});
  }
  template <class Call>
  std::string ask(Call call, const std::string& json, int status = 200) {
    ApiBody body(json);
    const ApiReply reply = call(body, store);
    CHECK_MESSAGE(reply.status == status, reply.body);
    CHECK(reply.error_type == (status == 200 ? "" : "InvalidRequestException"));
    CHECK(is_json(reply.body));
    return reply.body;
  }
  std::string summaries(const std::string& more = "", int status = 200) {
    return ask(get_trace_summaries,
               R"({"StartTime":1800000000,"EndTime":"2027-01-16T00:00:00Z")" + more + "}", status);
  }
  TraceStore store{StoreLimits{}};
};

/// The API on a server, whose documents are only counted.
struct Served : xtrace::testing::ServerFixture {
  Served() {
    auto made = XrayApi::make({}, store, [this](std::string_view document) {
      ++taken;
      return store.add(document, Door::tcp, WallTime{});
    });
    REQUIRE(made.has_value());
    api = std::move(*made);
    handler = [this](ServerCall call) {
      CHECK(XrayApi::is_mine(call.request()) == !has(std::string(call.request().path), "none"));
      api->handle(std::move(call));
    };
  }
  std::string ask(const std::string& line, const std::string& body) {
    return answer_to(line + " HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: " +
                     std::to_string(body.size()) + "\r\n\r\n" + body);
  }
  TraceStore store{StoreLimits{}};
  std::unique_ptr<XrayApi> api;
  int taken = 0;
};

}  // namespace

TEST_SUITE("collect/xray_api") {
  TEST_CASE("pages of summaries begin with the latest, whatever arrives or grows meanwhile") {
    Api api;
    for (int number = 0; number < 250; ++number) api.add(segment(number));
    std::vector<std::string> seen;
    std::string token;
    for (int page = 0; page < 3; ++page) {
      const std::string reply =
          api.summaries(token.empty() ? "" : R"(,"NextToken":")" + token + "\"");
      CHECK(has(reply, page == 0 ? "\"TracesProcessedCount\":250" : "\"TracesProcessedCount\":25"));
      for (const std::string& id : values_of(reply, "Id")) seen.push_back(id);
      const auto tokens = values_of(reply, "NextToken");
      REQUIRE(tokens.size() == (page < 2 ? 1 : 0));
      if (page == 2) break;
      token = tokens.front();
      api.add(segment(1000 + page));
      api.add(R"({"name":"late","id":"00000000000000ff","type":"subsegment","parent_id":")" +
              hex_of(11, 16) + R"(","trace_id":")" + trace_id(10) +
              R"(","start_time":1800000010.3,"end_time":1800000010.4})");
    }
    REQUIRE(seen.size() == 250);
    CHECK(seen.front() == trace_id(249));
    CHECK(seen.back() == trace_id(0));
    CHECK(std::set<std::string>(seen.begin(), seen.end()).size() == 250);
  }

  TEST_CASE("summaries are of the time frame, by what was asked of it") {
    Api api;
    api.add(segment(0), kStart + 50);
    api.add(segment(10), kStart + 5);
    const auto found = [&api](const std::string& frame, const std::string& range = "") {
      return values_of(api.ask(get_trace_summaries, "{" + frame + range + "}"), "Id");
    };
    const std::string first = R"("StartTime":1800000000,"EndTime":1800000000)";
    CHECK(found(first) == std::vector<std::string>{trace_id(0)});
    CHECK(found(R"("StartTime":1800000000.5,"EndTime":1800000009.9)").empty());
    CHECK(found(R"("StartTime":1800000000.5,"EndTime":1800000009.9)",
                R"(,"TimeRangeType":"Service")") == std::vector<std::string>{trace_id(0)});
    CHECK(found(R"("StartTime":1800000001,"EndTime":1800000006)", R"(,"TimeRangeType":"Event")") ==
          std::vector<std::string>{trace_id(10)});
    CHECK(found(first, R"(,"TimeRangeType":"Event")").empty());
    CHECK(has(api.ask(get_trace_summaries, "{" + first + "}"), "\"NextToken\":null"));
  }

  TEST_CASE("a filter chooses, and one that cannot be read is told with its place") {
    Api api;
    api.add(segment(0, R"(,"fault":true)"));
    api.add(segment(1));
    const std::string reply = api.summaries(R"(,"FilterExpression":"fault","Sampling":false)");
    CHECK(values_of(reply, "Id") == std::vector<std::string>{trace_id(0)});
    CHECK(has(reply, "\"TracesProcessedCount\":2"));
    CHECK(has(api.summaries(R"(,"FilterExpression":"fault AND")", 400), "column"));
  }

  TEST_CASE("what makes no sense in a question is one sentence") {
    Api api;
    CHECK(api.ask(get_trace_summaries, R"({"EndTime":1})", 400) ==
          R"({"message":"StartTime is missing."})");
    CHECK(has(api.ask(get_service_graph, R"({"StartTime":2,"EndTime":1})", 400),
              "StartTime is later than EndTime."));
    CHECK(has(api.summaries(R"(,"TimeRangeType":"Never")", 400), "TimeRangeType is none of"));
    for (const char* token : {"x", "1", "1/", "1/1-2-3", "1800000000"}) {
      CHECK(has(api.summaries(R"(,"NextToken":")" + std::string(token) + "\"", 400),
                "NextToken is none"));
    }
    CHECK(has(api.ask(get_service_graph, R"({"StartTime":1,"EndTime":2,"GroupName":"x"})", 400),
              "the only one is Default"));
    CHECK(has(api.ask(batch_get_traces, R"({"TraceIds":[1]})", 400), "TraceIds holds"));
    CHECK(has(api.ask(batch_get_traces, R"({"TraceIds":["a"],"NextToken":"1"})", 400),
              "NextToken is none"));
  }

  TEST_CASE("a trace is given back with its documents, which every reader can read") {
    Api api;
    api.add(segment(1, R"(,"metadata":{"default":{"a":NaN,"b":"NaN","c":[-Infinity]}})"));
    const std::string reply = api.ask(batch_get_traces, R"({"TraceIds":[")" + trace_id(1) +
                                                            R"(",")" + trace_id(2) + R"(","?"]})");
    CHECK(has(reply, R"({"Traces":[{"Id":")" + trace_id(1) +
                         R"(","Duration":0.5,"LimitExceeded":false,"Segments":[{"Id":")" +
                         hex_of(2, 16) + R"(","Document":"{\"name\":\"shop\")"));
    CHECK(has(reply, R"({\"a\":null,\"b\":\"NaN\",\"c\":[null]}})"));
    CHECK(has(reply, R"("UnprocessedTraceIds":[")" + trace_id(2) + R"(","?"],"NextToken":null})"));
  }

  TEST_CASE("more than a few megabytes of traces come in pages") {
    Api api;
    std::string ids;
    for (int number = 0; number < 4; ++number) {
      const std::string payload(std::size_t{3} << 20U, 'x');
      api.add(segment(number, R"(,"metadata":{"default":{"a":")" + payload + "\"}}"));
      ids += (number > 0 ? ",\"" : "\"") + trace_id(number) + "\"";
    }
    const std::string first = api.ask(batch_get_traces, R"({"TraceIds":[)" + ids + "]}");
    CHECK(values_of(first, "NextToken") == std::vector<std::string>{"3"});
    const std::string second =
        api.ask(batch_get_traces, R"({"TraceIds":[)" + ids + R"(],"NextToken":"3"})");
    CHECK(has(second, trace_id(3)));
    CHECK_FALSE(has(second, trace_id(2)));
    CHECK(has(second, "\"NextToken\":null"));
  }

  TEST_CASE("graphs are of the time frame, or of the traces named") {
    Api api;
    api.add(segment(0));
    api.add(segment(10, R"(,"origin":"AWS::ECS::Container")"));
    const std::string early =
        api.ask(get_service_graph, R"({"StartTime":1800000000,"EndTime":1800000001})");
    CHECK(
        has(early, "\"StartTime\":1800000000.000000,\"EndTime\":1800000001.000000,\"Services\":["));
    CHECK(has(early, "\"shop\""));
    CHECK_FALSE(has(early, "ECS"));
    const std::string ids = trace_id(10) + R"(",")" + trace_id(3) + R"(",")" + trace_id(10);
    const std::string named = api.ask(get_trace_graph, R"({"TraceIds":[")" + ids + "\"]}");
    CHECK(has(named, R"("TotalCount":1,"TotalResponseTime")"));
    CHECK(api.ask(get_trace_graph, R"({"TraceIds":[]})") == R"({"Services":[],"NextToken":null})");
  }

  TEST_CASE("documents that are put are kept, and the refused named with code and reason") {
    Served served;
    const std::string answer = served.ask(
        "POST /TraceSegments",
        R"({"TraceSegmentDocuments":["x","{\"id\":\"00000000000000aa\",\"name\":\"n\",)"
        R"(\"trace_id\":\"1-6b49d200-000000000000000000000001\",\"start_time\":1}",)"
        R"("{\"id\":\"00000000000000ab\",\"name\":\"n\",\"start_time\":1,\"end_time\":2,)"
        R"(\"trace_id\":\"1-6b49d200-000000000000000000000001\"}"]})");
    CHECK(answer.starts_with("HTTP/1.1 200 OK\r\n"));
    CHECK(has(answer, "Content-Type: application/json\r\n"));
    CHECK(has(answer, R"({"Id":null,"ErrorCode":"ParseError","Message":")"));
    CHECK(has(answer, R"({"Id":"00000000000000aa","ErrorCode":"MissingEndTime","Message":")"));
    CHECK_FALSE(has(answer, "00000000000000ab"));
    CHECK(served.taken == 3);
    CHECK(served.store.stats().documents == 2);
    CHECK(served.api->stats().requests.at("/TraceSegments") == 1);
  }

  TEST_CASE("errors are worded as AWS's clients read them") {
    Served served;
    const std::string wrong = served.ask("POST /Traces", "{");
    CHECK(wrong.starts_with("HTTP/1.1 400 Bad Request\r\n"));
    CHECK(has(wrong, "x-amzn-ErrorType: InvalidRequestException\r\n"));
    CHECK(has(wrong, R"({"message":"The request's body is no JSON from byte 1 on)"));
    const std::string method = served.ask("GET /TraceSummaries?x=1", "");
    CHECK(method.starts_with("HTTP/1.1 405 "));
    CHECK(has(method, "Allow: POST\r\n"));
    for (const char* line : {"POST /CreateGroup", "POST /UpdateSamplingRule", "POST /none"}) {
      const std::string unknown = served.ask(line, "{}");
      CHECK(unknown.starts_with("HTTP/1.1 404 Not Found\r\n"));
      CHECK(has(unknown, "x-amzn-ErrorType: UnknownOperationException\r\n"));
    }
    const std::string large = served.answer_to(
        "POST /TraceSegments HTTP/1.1\r\nHost: h\r\nContent-Length: 16777217\r\n\r\n");
    CHECK(large.starts_with("HTTP/1.1 413 "));
    CHECK(served.api->stats().refused == 6);
  }

  TEST_CASE("telemetry is counted and groups are the one there is") {
    Served served;
    CHECK(xtrace::testing::body_of(
              served.ask("POST /TelemetryRecords",
                         R"({"TelemetryRecords":[{"Timestamp":1},{}],"Hostname":"h"})")) == "{}");
    CHECK(served.api->stats().telemetry_records == 2);
    CHECK(has(served.ask("POST /Groups", ""), "\"Groups\":[{\"GroupName\":\"Default\""));
    CHECK(has(served.ask("POST /GetGroup", R"({"GroupName":"Default"})"), "\"Group\":{"));
    CHECK(has(served.ask("POST /GetSamplingRules", R"({"NextToken": null})"), "\"Default\""));
  }

  TEST_CASE("our own sampler takes its rules and then its quota from it") {
    Served served;
    served.listen();
    TimePoint time = now();
    const auto sampler = make_central_sampler(
        served.loop, {.daemon = {.host = "127.0.0.1", .port = served.server->address().port()},
                      .targets_interval = std::chrono::milliseconds(1),
                      .targets_jitter = {},
                      .clock = [&time] { return time; }});
    served.until([&sampler] { return sampler->stats().is_fresh; });
    CHECK(sampler->decide({}).reason == SamplingReason::borrowed);
    time.tick += std::chrono::seconds(11);  // statistics are due
    served.until([&sampler] { return sampler->decide({}).reason == SamplingReason::quota; });
    CHECK_FALSE(sampler->stats().last_error.has_value());
    CHECK(served.api->stats().sampling_clients == 1);
  }

  TEST_CASE("a call whose body comes when the API is gone is not answered for it") {
    Served served;
    auto client = served.connect();
    client.send("POST /Groups HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\n{");
    served.until([&served] { return !served.api->stats().requests.empty(); });
    served.api.reset();
    client.send("}");
    served.until_received(client, "HTTP/1.1 500 ");
  }
}

}  // namespace xray_api_test
