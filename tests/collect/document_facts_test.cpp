#include "collect/document_facts.h"

#include <string>

#include <doctest/doctest.h>

namespace document_facts_test {

using namespace xtrace;
using namespace xtrace::collect;

namespace {

const std::string kTrace = "1-65a0b1c2-0123456789abcdef01234567";
const std::string kId = "00c0ffee00c0ffee";

/// A document with everything it needs, and what is given behind that.
std::string with(const std::string& more) {
  return R"({"name":"orders","id":")" + kId + R"(","trace_id":")" + kTrace + R"(","start_time":1)" +
         more + "}";
}

DocumentFacts facts_with(const std::string& more) {
  return read_document_facts(with(more));
}

}  // namespace

TEST_SUITE("collect/document_facts") {
  TEST_CASE("a document tells its trace, its id and what it is") {
    const DocumentFacts done = facts_with(R"(,"end_time":2)");
    CHECK(done.trace_id->text() == kTrace);
    CHECK(done.id.text() == kId);
    CHECK_FALSE(done.is_in_progress);
    CHECK_FALSE(done.is_subsegment);
    CHECK_FALSE(done.refusal.has_value());

    const DocumentFacts open =
        facts_with(R"(,"in_progress":true,"type":"subsegment","parent_id":"0badcafe0badcafe")");
    CHECK(open.is_in_progress);
    CHECK(open.is_subsegment);
    CHECK_FALSE(open.refusal.has_value());
  }

  TEST_CASE("what SDKs write is read in spite of its quirks") {
    // Of an embedded subsegment nothing counts.
    const DocumentFacts nested = facts_with(
        R"(,"end_time":2,"in_progress":false,"Dummy":false,"subsegments":[{"id":"0badcafe0badcafe",)"
        R"("trace_id":"1-00000000-000000000000000000000000","name":"b","start_time":1,)"
        R"("in_progress":true,"type":"subsegment"}])");
    CHECK(nested.trace_id->text() == kTrace);
    CHECK(nested.id.text() == kId);
    CHECK_FALSE(nested.is_in_progress);
    CHECK_FALSE(nested.is_subsegment);
    CHECK_FALSE(nested.refusal.has_value());

    CHECK(facts_with(R"(,"end_time":null,"in_progress":true)").is_in_progress);
    CHECK_FALSE(facts_with(R"(,"end_time":2,"in_progress":true)").is_in_progress);
    CHECK(read_document_facts(" \r\n" + with(R"(,"end_time":2)") + "\n").trace_id.has_value());
    CHECK(read_document_facts(R"({"trace\u005fid":"\u0031-65a0b1c2-0123456789abcdef01234567"})")
              .trace_id->text() == kTrace);
  }

  TEST_CASE("Python's NaN is read, and refused") {
    const DocumentFacts facts =
        facts_with(R"(,"end_time":2,"annotations":{"a":NaN,"b":-Infinity,"c":Infinity})");
    CHECK(facts.trace_id->text() == kTrace);
    CHECK(facts.id.text() == kId);
    CHECK(facts.refusal == ServiceError::parse_error);
  }

  TEST_CASE("a document that the service would refuse still tells what it can") {
    const DocumentFacts text_time = facts_with(R"(,"end_time":"2")");
    CHECK(text_time.trace_id->text() == kTrace);
    CHECK(text_time.refusal == ServiceError::invalid_segment);
    CHECK_FALSE(text_time.is_in_progress);
    CHECK(facts_with(R"(,"in_progress":true,"end_time":"2")").is_in_progress == false);

    const DocumentFacts w3c = read_document_facts(
        R"({"type":"subsegment","trace_id":"65A0B1C20123456789abcdef01234567","in_progress":true})");
    CHECK(w3c.trace_id->text() == kTrace);
    CHECK(w3c.refusal == ServiceError::invalid_trace_id);
    CHECK(w3c.is_in_progress);
    CHECK(w3c.is_subsegment);
    CHECK(w3c.id.is_noop());

    const DocumentFacts odd_id = read_document_facts(R"({"id":"zz","trace_id":")" + kTrace + "\"}");
    CHECK(odd_id.id.is_noop());
    CHECK(odd_id.refusal == ServiceError::invalid_segment);
  }

  TEST_CASE("what is no JSON object, or not one alone, belongs to no trace") {
    const std::string whole = with(R"(,"end_time":2)");
    for (const std::string& text :
         {std::string(), std::string(" "), std::string("x"), std::string("[]"), "[" + whole + "]",
          whole + whole, whole + "\n" + whole, whole + " x", "\xEF\xBB\xBF" + whole,
          whole.substr(0, whole.size() - 1),
          with(R"(,"end_time":2,"user":")"
               "\xFF\""),
          with(R"(,"end_time":1e999)"), with(",\"end_time\":2,\"x\":" + std::string(600, '['))}) {
      CAPTURE(text);
      const DocumentFacts facts = read_document_facts(text);
      CHECK_FALSE(facts.trace_id.has_value());
      CHECK(facts.refusal == ServiceError::parse_error);
      CHECK(fault_of(text).ends_with(" (ParseError)"));
    }
    CHECK_FALSE(read_document_facts(R"({"trace_id":7})").trace_id.has_value());
    CHECK_FALSE(read_document_facts(R"({"trace_id":"1-2-3"})").trace_id.has_value());
  }

  TEST_CASE("the fault is told in a sentence with its place and the service's code") {
    CHECK(fault_of(with(R"(,"end_time":2)")).empty());
    CHECK(fault_of(with(R"(,"user":"ann")")) ==
          "field \"end_time\": it is missing, and in_progress is not true (MissingEndTime)");
    CHECK(fault_of("") == "it is empty (ParseError)");
    CHECK(fault_of("{\"a\":") == "it ends too early (ParseError)");
    CHECK(fault_of("{\"a\" 1}") == "a colon is wanted, at byte 5 (ParseError)");
    CHECK(fault_of(with(R"(,"end_time":2)") + " {}").starts_with("more follows behind its end"));
  }

  TEST_CASE("a document that is cut or damaged anywhere is never taken for a whole one") {
    const std::string whole = with(
        R"(,"end_time":2.5,"annotations":{"k":"\u00e9\ud83d\ude00","n":-1e3},"subsegments":[{"id":)"
        R"("0badcafe0badcafe","name":"b","start_time":1,"end_time":2,"traced":true,"x":[null,{}]}])");
    REQUIRE_FALSE(read_document_facts(whole).refusal.has_value());
    for (std::size_t size = 0; size < whole.size(); ++size) {
      const DocumentFacts facts = read_document_facts(std::string_view(whole).substr(0, size));
      CHECK_MESSAGE((!facts.trace_id && facts.refusal == ServiceError::parse_error), size);
    }
    for (std::size_t at = 0; at < whole.size(); ++at) {
      std::string damaged = whole;
      damaged[at] = '\x01';
      CHECK_MESSAGE(read_document_facts(damaged).refusal == ServiceError::parse_error, at);
    }
  }
}

}  // namespace document_facts_test
