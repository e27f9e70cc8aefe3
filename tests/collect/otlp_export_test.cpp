#include "collect/otlp_export.h"

#include <chrono>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "collect/csv_export.h"
#include "collect/otlp_import.h"
#include "tree_text.h"

namespace otlp_export_test {

using namespace xtrace;
using namespace xtrace::collect;
using xtrace::collect::testing::alone_below;
using xtrace::collect::testing::below;
using xtrace::collect::testing::nested;
using xtrace::collect::testing::node;
using xtrace::collect::testing::sdk_document;
using xtrace::collect::testing::tree_of;

namespace {

constexpr std::string_view kTrace = "1-58406520-a006649127e371903a2de979";

bool has(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

std::string otlp_of(const std::vector<std::string>& documents, std::string_view id = kTrace) {
  const auto tree = tree_of(documents);
  const ExportTrace trace{*TraceId::parse(id), tree};
  std::string text;
  {
    JsonWriter json(text);
    write_otlp(json, std::span(&trace, 1));
  }
  return text;
}

/// The documents that come of it; what is refused stands among them, with its line.
std::vector<std::string> read(std::string_view text) {
  std::vector<std::string> documents;
  OtlpReader reader({.document = [&](std::string_view document,
                                     std::uint64_t) { documents.emplace_back(document); },
                     .refusal =
                         [&](std::uint64_t line, const std::string& reason) {
                           documents.push_back(std::to_string(line) + ": " + reason);
                         }});
  reader.read(text);
  return documents;
}

std::string read_one(std::string_view text) {
  const std::vector<std::string> documents = read(text);
  REQUIRE(documents.size() == 1);
  return documents.front();
}

/// One span with these members besides its ids and times, of a service `shop`.
std::string span(std::string_view members, std::string_view resource = "") {
  return R"({"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":)"
         R"("58406520a006649127e371903a2de979","spanId":"00000000000000aa","startTimeUnixNano":)"
         R"("1700000000250000000","endTimeUnixNano":"1700000001000000100",)" +
         std::string(members) +
         R"(}]}],"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"shop"}})" +
         std::string(resource) + "]}}]}";
}

std::string text_attribute(std::string_view key, std::string_view value) {
  return R"({"key":")" + std::string(key) + R"(","value":{"stringValue":")" + std::string(value) +
         R"("}})";
}

/// What a table says of a trace: ids, names, times, marks, requests.
std::string table(const std::vector<std::string>& documents, std::string_view id = kTrace) {
  const auto tree = tree_of(documents);
  return trace_csv_rows({*TraceId::parse(id), tree});
}

}  // namespace

TEST_SUITE("collect/otlp_export") {
  TEST_CASE("a segment is a server's span, a call a client's, everything else internal") {
    const std::string text =
        otlp_of({node("1", "shop", 0, 2,
                      nested({node("2", "pay", 0.5, 1, R"("namespace":"remote")"),
                              node("3", "DynamoDB", 1, 1.25, R"("namespace":"aws")"),
                              node("4", "render", 1.5, 2)}))});
    CHECK(has(text, R"("traceId":"58406520a006649127e371903a2de979","spanId":"0000000000000001",)"
                    R"("name":"shop","kind":2,"startTimeUnixNano":"1700000000000000000",)"
                    R"("endTimeUnixNano":"1700000002000000000")"));
    CHECK(has(text, R"("parentSpanId":"0000000000000001","name":"pay","kind":3)"));
    CHECK(has(text, R"("name":"DynamoDB","kind":3)"));
    CHECK(has(text, R"({"key":"aws.service","value":{"stringValue":"DynamoDB"}})"));
    CHECK(has(text, R"("name":"render","kind":1)"));
    CHECK(has(text, R"({"key":"service.name","value":{"stringValue":"shop"}})"));
  }

  TEST_CASE("what an SDK recorded is told in OpenTelemetry's words") {
    const std::string text = otlp_of({sdk_document("node")}, "1-6b00ee2f-49c785f06d89af1b10a148fd");
    CHECK(has(text, R"({"key":"telemetry.sdk.name","value":{"stringValue":"X-Ray for Node.js"}})"));
    CHECK(has(text, R"({"key":"telemetry.sdk.language","value":{"stringValue":"nodejs"}})"));
    CHECK(has(text, R"({"key":"http.method","value":{"stringValue":"GET"}})"));
    CHECK(has(text, R"({"key":"http.status_code","value":{"intValue":"200"}})"));
    CHECK(has(text, R"({"key":"http.response_content_length","value":{"intValue":"1234"}})"));
  }

  TEST_CASE("a failure has a status, its exception is an event with a stack") {
    const std::string text = otlp_of({node(
        "1", "shop", 0, 1,
        R"("fault":true,"cause":{"exceptions":[{"id":"00000000000000ee","type":"Oops",)"
        R"("message":"it broke","remote":true,"stack":[{"path":"a.py","line":7,"label":"f"}]}]})")});
    CHECK(has(text, R"("status":{"message":"it broke","code":2})"));
    CHECK(has(text, R"("name":"exception")"));
    CHECK(has(text, R"({"stringValue":"Oops: it broke\n\tat f(a.py: 7)\n"})"));
  }

  TEST_CASE("a subsegment alone keeps its parent, and its service is unknown") {
    const std::string text = otlp_of({node("2", "late", 0, 1, alone_below("1"))});
    CHECK(has(text, R"("parentSpanId":"0000000000000001","name":"late","kind":1)"));
    CHECK(has(text, R"({"key":"service.name","value":{"stringValue":"unknown_service"}})"));
    // Without an id there is no span.
    CHECK(has(otlp_of({R"({"name":"x","start_time":1,"end_time":2})"}), R"("resourceSpans":[])"));
  }
}

TEST_SUITE("collect/otlp_import") {
  TEST_CASE("documents come back from OTLP as they were") {
    const std::vector<std::string> documents = {
        node("1", "shop", 0.000001, 2,
             R"("origin":"AWS::EC2::Instance","user":"bob","aws":{"account_id":"111122223333",)"
             R"("ec2":{"instance_id":"i-0abc","availability_zone":"eu-west-1c"},"xray":{"sdk":)"
             R"("X-Ray for Go","sdk_version":"2.0.3"}},"service":{"version":"1.2"},"http":)"
             R"({"request":{"method":"POST","url":"http://shop/x","client_ip":"192.0.2.7",)"
             R"("user_agent":"curl","x_forwarded_for":true},"response":{"status":502,)"
             R"("content_length":7}},"fault":true,"annotations":{"tier":"gold","count":30,)"
             R"("ratio":0.5,"vip":false,"none":""},"metadata":{"default":{"a":[1,null]},)"
             R"("http":{"b":{"c":"d"}}},"links":[{"trace_id":)"
             R"("1-58406520-a006649127e371903a2de970","id":"00000000000000bb"}],)" +
                 nested({node("2", "pay", 0.5, 1,
                              R"("namespace":"remote","error":true,"http":{"request":{"method":)"
                              R"("GET","url":"http://pay/","traced":true}})"),
                         node("3", "orders@db", 1, 1.25,
                              R"("namespace":"remote","sql":{"url":)"
                              R"("postgresql://other.example:5432/orders","database_type":)"
                              R"("PostgreSQL","sanitized_query":"SELECT ?","user":"u"})"),
                         node("4", "DynamoDB", 1, 1.25,
                              R"("namespace":"aws","aws":{"operation":"GetItem","retries":2,)"
                              R"("table_name":"t","region":"eu-west-1","request_id":"R"}, )"
                              R"("throttle":true,"error":true,"http":{"response":)"
                              R"({"status":429}})"),
                         node("5", "open", 1.5, collect::testing::kOpen)})),
        node("6", "pay", 0.6, 0.9, below("2"))};
    const std::vector<std::string> back = read(otlp_of(documents));
    CHECK(back.size() == 6);
    CHECK(table(back) == table(documents));
    // Again: nothing more is lost, and nothing is added.
    const std::vector<std::string> again = read(otlp_of(back));
    REQUIRE(again.size() == back.size());
    for (std::size_t i = 0; i < back.size(); ++i) CHECK(again[i] == back[i]);
    CHECK(has(back[0],
              R"("annotations":{"tier":"gold","count":30,"ratio":0.5,"vip":false,)"
              R"("none":""},"metadata":{"http":{"b":{"c":"d"}},"default":{"a":[1,null]}})"));
    CHECK(has(back[0], R"("ec2":{"availability_zone":"eu-west-1c","instance_id":"i-0abc"})"));
    CHECK(has(back[0], R"("xray":{"sdk":"X-Ray for Go","sdk_version":"2.0.3"})"));
    CHECK(has(back[0], R"("origin":"AWS::EC2::Instance","service":{"version":"1.2"})"));
    CHECK(has(back[0], R"("id":"00000000000000bb")"));
    CHECK(has(back[1], R"("request":{"method":"GET","url":"http://pay/","traced":true})"));
    CHECK(has(back[2], R"("sql":{"database_type":"PostgreSQL","sanitized_query":"SELECT ?",)"
                       R"("user":"u","url":"postgresql://other.example:5432/orders"})"));
    CHECK(has(back[3], R"("operation":"GetItem","region":"eu-west-1","request_id":"R",)"
                       R"("table_name":"t","retries":2)"));
    CHECK(has(back[4], R"("in_progress":true)"));
  }

  TEST_CASE("a span of OpenTelemetry's own is read in the words of either convention") {
    const std::string document = read_one(span(
        R"("name":"GET /x","kind":"SPAN_KIND_SERVER","status":{"code":"STATUS_CODE_ERROR"},)"
        R"("attributes":[)" +
            text_attribute("http.request.method", "GET") + "," +
            text_attribute("url.scheme", "https") + "," + text_attribute("url.path", "/x") + "," +
            text_attribute("url.query", "q=1") + "," +
            text_attribute("server.address", "h.example") + "," +
            text_attribute("client.address", "192.0.2.1") +
            R"(,{"key":"server.port","value":{"intValue":443}},)"
            R"({"key":"http.response.status_code","value":{"intValue":"404"}},)"
            R"({"key":"custom","value":{"arrayValue":{"values":[{"intValue":"1"},{"kvlistValue":)"
            R"({"values":[{"key":"k","value":{"boolValue":true}}]}}]}}}])",
        "," + text_attribute("telemetry.sdk.name", "opentelemetry") + "," +
            text_attribute("telemetry.sdk.language", "go") + "," +
            text_attribute("host.name", "box")));
    CHECK(document ==
          R"({"name":"shop","id":"00000000000000aa","trace_id":"1-58406520-)"
          R"(a006649127e371903a2de979","start_time":1700000000.250000,"end_time":)"
          R"(1700000001.0000001,"http":{"request":{"method":"GET","url":)"
          R"("https://h.example/x?q=1","client_ip":"192.0.2.1"},"response":{"status":404}},)"
          R"("error":true,"aws":{"xray":{"sdk":"opentelemetry for go"}},"metadata":{"default":)"
          R"({"custom":[1,{"k":true}],"otel.resource.host.name":"box"}}})");
  }

  TEST_CASE("what spans are called follows what they are") {
    const std::string parent = R"("parentSpanId":"00000000000000bb","name":"GET",)";
    const std::string peer = read_one(span(parent + R"("kind":3,"attributes":[)" +
                                           text_attribute("peer.service", "pay?<b>") + "]"));
    CHECK(has(peer, R"("name":"payb")"));  // with what X-Ray takes
    CHECK(has(peer, R"("type":"subsegment","namespace":"remote")"));
    const std::string database =
        read_one(span(parent + R"("kind":3,"attributes":[)" + text_attribute("db.system", "mysql") +
                      "," + text_attribute("db.name", "orders") + "," +
                      text_attribute("db.connection_string", "mysql://u@db.example:3306") + "]"));
    CHECK(has(database, R"("name":"orders@db.example")"));
    CHECK(has(database, R"("url":"mysql://u@db.example:3306/orders")"));
    const std::string call = read_one(span(parent + R"("kind":3,"attributes":[)" +
                                           text_attribute("rpc.system", "aws-api") + "," +
                                           text_attribute("rpc.service", "S3") + "," +
                                           text_attribute("rpc.method", "PutObject") + "]"));
    CHECK(has(call, R"("name":"S3")"));
    CHECK(has(call, R"("namespace":"aws","aws":{"operation":"PutObject"})"));
    CHECK(has(read_one(span(parent + R"("kind":1)")), R"("name":"GET")"));
  }

  TEST_CASE("an exception's stack is read from what Java, Node.js and Python print") {
    const auto stack_of = [](const std::string& stack) {
      return read_one(span(R"("name":"x","kind":2,"status":{"code":2},"events":[{"name":"log"},)"
                           R"({"name":"exception","attributes":[)" +
                           text_attribute("exception.type", "Oops") + "," +
                           text_attribute("exception.stacktrace", stack) + "]}]"));
    };
    CHECK(has(stack_of(R"(Oops: no\n\tat a.B.run(B.java:12)\n)"),
              R"("stack":[{"path":"B.java","line":12,"label":"a.B.run"}])"));
    CHECK(has(
        stack_of(R"(Oops\n    at run (/app/x.js:10:5)\n    at /app/y.js:3:1)"),
        R"("stack":[{"path":"/app/x.js","line":10,"label":"run"},{"path":"/app/y.js","line":3}])"));
    const std::string python = stack_of(R"(Traceback:\n  File \"/a.py\", line 4, in main\n)");
    CHECK(has(python, R"("stack":[{"path":"/a.py","line":4,"label":"main"}])"));
    CHECK(has(python, R"("fault":true)"));
  }

  TEST_CASE("what is no span is told with its line, and the rest is read") {
    const std::string good = span(R"("name":"a","kind":2)");
    const std::string bad_id = R"({"resourceSpans":[{"scopeSpans":[{"spans":[
{"traceId":"zz","spanId":"00000000000000aa","startTimeUnixNano":"1"}]}]}]})";
    const std::vector<std::string> said =
        read("[]\n" + good + "\n" + bad_id + "\n{\"resourceSpans\":[{]\n" + good + "\n{}\n{\"re");
    REQUIRE(said.size() == 7);
    CHECK(said[0] == "1: it is no object of OTLP");
    CHECK(has(said[1], R"("name":"shop")"));
    CHECK(said[2] == "4: the span's traceId is not 32 hex digits");
    CHECK(has(said[3], "5: "));
    CHECK(has(said[4], R"("name":"shop")"));
    CHECK(said[5] == "7: it has no \"resourceSpans\", as traces in OTLP have");
    CHECK(said[6] == "8: the input ends inside of it");
  }

  TEST_CASE("lines are told in a file of many, in time that grows with its size") {
    std::string lines;
    for (int i = 0; i < 10000; ++i) lines += span(R"("name":"a")") + "\n";
    const Tick begun = now().tick;
    std::uint64_t last = 0;
    OtlpReader reader({.document = [&](std::string_view, std::uint64_t line) { last = line; },
                       .refusal = [&](std::uint64_t, const std::string&) { last = 0; }});
    reader.read(lines);
    CHECK(last == 10000);
    CHECK(now().tick - begun < std::chrono::seconds(15));
    // Where a text breaks off late, what is read next is behind that place.
    const auto told = read("{\"a\":[\n{\"b\":\n{},\n]}\n{\"c\":1}");
    REQUIRE(told.size() == 5);
    CHECK(told[1].starts_with("4: "));
    CHECK(told[2].starts_with("3: "));
    CHECK(told[4].starts_with("5: "));
  }
}

}  // namespace otlp_export_test
