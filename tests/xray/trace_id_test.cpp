#include <set>

#include <doctest/doctest.h>

#include <xtrace/trace_id.h>

namespace xtrace::trace_id_test {

namespace {

std::string read_trace(std::string_view text) {
  const Expected<TraceId> id = TraceId::parse(text);
  return id ? id->to_string() : "refused";
}

std::string read_segment(std::string_view text) {
  const Expected<SegmentId> id = SegmentId::parse(text);
  return id ? id->to_string() : "refused";
}

struct Vector {
  std::string_view text;
  std::string_view result;
};

// What the SDK for Node makes of each stands behind it where we differ. Where it makes a new id of
// its own, the caller of `parse` decides.
constexpr Vector kVectors[] = {
    {"1-57fbe041-2c7ad569f5d6ff149137be86", "1-57fbe041-2c7ad569f5d6ff149137be86"},
    {"1-00fbe041-2c7ad569f5d6ff149137be86", "1-00fbe041-2c7ad569f5d6ff149137be86"},
    {"1-57FBE041-2C7AD569F5D6FF149137BE86",
     "1-57fbe041-2c7ad569f5d6ff149137be86"},               // keeps the random part's capitals
    {"1-57fbe041zz-2c7ad569f5d6ff149137be86", "refused"},  // reads 57fbe041
    {" 1-57fbe041-2c7ad569f5d6ff149137be86 ", "1-57fbe041-2c7ad569f5d6ff149137be86"},
    {" \t1-57fbe041-2c7ad569f5d6ff149137be86\t ", "1-57fbe041-2c7ad569f5d6ff149137be86"},
    {"1-XYZ-2c7ad569f5d6ff149137be86", "refused"},
    {"FAKE-TRACE", "refused"},
    {"undefined", "refused"},
    {"0-57fbe041-2c7ad569f5d6ff149137be86", "refused"},
    {"2-57fbe041-2c7ad569f5d6ff149137be86", "refused"},  // keeps version 2, which nobody defined
    {"4efaaf4d1e8720b39541901950019ee5", "1-4efaaf4d-1e8720b39541901950019ee5"},
};

}  // namespace

TEST_SUITE("xray/trace_id") {
  TEST_CASE("a trace id reads back as it was, in lower case and trimmed") {
    for (const Vector& vector : kVectors) {
      CHECK_MESSAGE(read_trace(vector.text) == vector.result, vector.text);
    }
  }

  TEST_CASE("the W3C form becomes the X-Ray form") {
    CHECK(read_trace("4efaaf4d1e8720b39541901950019ee5") == "1-4efaaf4d-1e8720b39541901950019ee5");
    CHECK(read_trace("4EFAAF4D1E8720B39541901950019EE5") == "1-4efaaf4d-1e8720b39541901950019ee5");
  }

  TEST_CASE("what is no trace id is refused") {
    for (const std::string_view text :
         {"", "1-57fbe041-2c7ad569f5d6ff149137be8", "1-57fbe041-2c7ad569f5d6ff149137be860",
          "1-57fbe041-2c7ad569f5d6ff149137be8g", "1-57fbe04g-2c7ad569f5d6ff149137be86",
          "1-57fbe041_2c7ad569f5d6ff149137be86", "4efaaf4d1e8720b39541901950019ee",
          "4efaaf4d1e8720b39541901950019eez"}) {
      CHECK_MESSAGE(read_trace(text) == "refused", text);
    }
    const Expected<TraceId> id = TraceId::parse("x\r\ny");
    CHECK(id.error().code == Error::Code::invalid_document);
    CHECK(
        id.error().message ==
        "read trace id \"x??y\": it is neither 1-<8 hex digits>-<24 hex digits> nor 32 hex digits");
  }

  TEST_CASE("a generated trace id tells its second and is never the same twice") {
    const WallTime now{std::chrono::seconds{0x58406520} + std::chrono::milliseconds{999}};
    std::set<TraceId> seen;
    for (int i = 0; i < 1'000; ++i) {
      const TraceId id = TraceId::generate(now);
      REQUIRE(id.text().size() == 35);
      REQUIRE(id.text().substr(0, 11) == "1-58406520-");
      REQUIRE(id.seconds() == 0x58406520);
      REQUIRE(read_trace(id.text()) == id.text());
      REQUIRE(seen.insert(id).second);
    }
    CHECK(TraceId::generate(WallTime{}).text().substr(0, 11) == "1-00000000-");
  }

  TEST_CASE("ids of what is not recorded are all zeros") {
    CHECK(TraceId{}.text() == "1-00000000-000000000000000000000000");
    CHECK(TraceId{}.is_noop());
    CHECK(SegmentId{}.text() == "0000000000000000");
    CHECK(SegmentId{}.is_noop());
    CHECK_FALSE(TraceId::generate(WallTime{}).is_noop());
    CHECK_FALSE(SegmentId::generate().is_noop());
  }

  TEST_CASE("a segment id is exactly 16 hex digits") {
    CHECK(read_segment(" 48AF77592b6dd73f ") == "48af77592b6dd73f");
    for (const std::string_view text : {"", "foo", "48af77592b6dd73", "48af77592b6dd73f0",
                                        "48af77592b6dd73g", "48af7759 b6dd73f"}) {
      CHECK_MESSAGE(read_segment(text) == "refused", text);
    }
    CHECK(SegmentId::generate() != SegmentId::generate());
    CHECK(read_segment(SegmentId::generate().text()) != "refused");
  }
}

}  // namespace xtrace::trace_id_test
