#include <string>
#include <utility>

#include <doctest/doctest.h>

#include "xray/json_check.h"

namespace json_check_strict_test {

using namespace xtrace;

namespace {

std::string with(std::string_view members) {
  return R"({"name":"orders","id":"00c0ffee00c0ffee",)"
         R"("trace_id":"1-65a0b1c2-0123456789abcdef01234567",)"
         R"("start_time":1705030082.271,"end_time":1705030082.449)" +
         std::string(members.empty() ? "" : ",") + std::string(members) + "}";
}

/// What only `documented` finds; the service's rules take all of it.
std::string complaint(const std::string& document) {
  CHECK(check_document(document).kind == CheckVerdict::Kind::valid);
  const CheckVerdict verdict = check_document(document, {.rules = CheckRules::documented});
  CHECK(verdict.length == document.size());
  return verdict.kind == CheckVerdict::Kind::valid ? "" : verdict.fault.message();
}

}  // namespace

TEST_SUITE("xray/json_check") {
  TEST_CASE("strict rules refuse what the documentation forbids, by its path") {
    const std::string child = R"({"name":"a","id":"00c0ffee00c0ffe1","start_time":1,"end_time":2)";
    const std::string long_text = "\"" + std::string(251, 'x') + "\"";
    const std::pair<std::string, std::string> cases[] = {
        {R"("end_time":1)", R"(field "end_time": it is there twice)"},
        {R"("start_time":1705030082271,"end_time":1705030082449)",
         R"(field "start_time": it is there twice)"},
        {R"("in_progress":true)",
         R"(field "in_progress": it is true although there is an end_time)"},
        {R"("type":"segment")", R"(field "type": the only type is "subsegment")"},
        {R"("namespace":"local")", R"(field "namespace": it is neither "aws" nor "remote")"},
        {R"("annotations":{"a.b":1})",
         R"(field "annotations.a.b": a key is made of letters, digits and underscores)"},
        {R"("annotations":{"a":{}})",
         R"(field "annotations.a": a text, a number or a boolean is wanted, not an object)"},
        {R"("annotations":{"a":")" + std::string(1001, 'x') + R"("})",
         R"(field "annotations.a": 1001 characters, and 1000 are allowed)"},
        {R"("annotations":[])", R"(field "annotations": an object is wanted, not an array)"},
        {R"("metadata":{"AWS.a":{}})",
         R"(field "metadata.AWS.a": names that begin with AWS. are reserved)"},
        {R"("metadata":{"a":1})", R"(field "metadata.a": an object is wanted, not a number)"},
        {R"("user":)" + long_text, R"(field "user": 251 characters, and 250 are allowed)"},
        {R"("error":1)", R"(field "error": true or false is wanted, not a number)"},
        {R"("http":{"request":{"url":)" + long_text + "}}",
         R"(field "http.request.url": 251 characters, and 250 are allowed)"},
        {R"("http":{"response":{"status":"200"}})",
         R"(field "http.response.status": an integer is wanted, not a text)"},
        {R"("http":{"response":{"content_length":1.5}})",
         R"(field "http.response.content_length": an integer is wanted, not 1.5)"},
        {R"("sql":{"preparation":"none"})",
         R"(field "sql.preparation": it is neither "call" nor "statement")"},
        {R"("cause":"00c0")", R"(field "cause": "00c0": 4 hex digits instead of 16)"},
        {R"("cause":7)", R"(field "cause": an id or an object is wanted, not a number)"},
        {R"("cause":{"exceptions":[{"id":"00c0ffee00c0ffe1","stack":[{"line":"3"}]}]})",
         R"(field "cause.exceptions[0].stack[0].line": an integer is wanted, not a text)"},
        {R"("precursor_ids":["00c0ffee00c0ffe1",1])",
         R"(field "precursor_ids[1]": a text is wanted, not a number)"},
        {R"("links":[{"trace_id":"1-2-3"}])",
         R"(field "links[0].trace_id": "1-2-3": it is not 1-, 8 hex digits, -, 24 hex digits)"},
        {R"("subsegments":[)" + child + R"(,"parent_id":"x"}])",
         R"(field "subsegments[0].parent_id": "x": "x" is no hex digit (InvalidSegment))"},
        {R"("subsegments":[)" + child + "}," + child + "}]",
         R"(field "id": "00c0ffee00c0ffe1" is there twice)"},
        {R"("subsegments":[)" + child + R"(,"trace_id":"1-65a0b1c2-0123456789abcdef01234568"}])",
         R"(field "trace_id": its subsegments are of another trace)"},
    };
    for (const auto& sample : cases) {
      CAPTURE(sample.first);
      CHECK(complaint(with(sample.first)) == sample.second);
    }
  }

  TEST_CASE("strict rules compare a document's times") {
    std::string document = with("");
    const std::size_t end = document.find("1705030082.449");
    CHECK(complaint(document.replace(end, 14, "1705030082.270")) ==
          R"(field "end_time": it is before start_time)");
    CHECK(complaint(document.replace(end, 14, "1705030082449")) ==
          R"(field "end_time": it is in milliseconds; seconds are wanted)");
  }

  TEST_CASE("strict rules take everything that is documented") {
    CHECK(complaint(
              with(R"("origin":"AWS::EC2::Instance","user":"me","resource_arn":"arn","error":true,)"
                   R"("service":{"version":"1","runtime":"c++","runtime_version":"20"},)"
                   R"("http":{"request":{"method":"GET","url":"http://h/p","user_agent":"c",)"
                   R"("client_ip":"::1","x_forwarded_for":true,"traced":false},)"
                   R"("response":{"status":200,"content_length":-1}},)"
                   R"("aws":{"ec2":{"instance_id":"i"},"xray":{"sdk":"x","auto":false}},)"
                   R"("annotations":{"a_1":"x","b":1.5,"c":false},)"
                   R"("metadata":{"default":{"a.b":[null]}},)"
                   R"("cause":{"working_directory":"/","paths":["a"],"exceptions":[)"
                   R"({"id":"00c0ffee00c0ffe9","message":"m","type":"t","remote":true,)"
                   R"("truncated":1,"skipped":0,"cause":"00c0ffee00c0ffe8",)"
                   R"("stack":[{"path":"p","line":3,"label":"f"},{"line":null}]}]},)"
                   R"("links":[{"trace_id":"1-65a0b1c2-0123456789abcdef01234567",)"
                   R"("id":"00c0ffee00c0ffe7","attributes":{"any":{}}}],)"
                   R"("unknown":{"x":[1]},"subsegments":[{"name":"a","id":"00c0ffee00c0ffe1",)"
                   R"("start_time":1,"end_time":1,"namespace":"aws","traced":true,)"
                   R"("trace_id":"1-65a0b1c2-0123456789abcdef01234567",)"
                   R"("parent_id":"00c0ffee00c0ffee","type":"subsegment",)"
                   R"("precursor_ids":["00c0ffee00c0ffe2"],"sql":{"preparation":"call",)"
                   R"("sanitized_query":"SELECT"},"cause":"00c0ffee00c0ffe9"}])"))
              .empty());
  }
}

}  // namespace json_check_strict_test
