#include "cli/multipart_body.h"

#include <optional>

#include <doctest/doctest.h>
#include <unistd.h>

#include "support/scratch.h"
#include "support/test_loop.h"

namespace multipart_body_test {

using namespace xtrace;
using namespace xtrace::cli;
using namespace xtrace::testing;

namespace {

using Bytes = std::span<const std::byte>;

/// Everything a source gives, or the error it ends with.
class Reading {
 public:
  Reading(TestLoop& loop, BodySource& source) : source_(source) {
    read_on();
    loop.run_until([this] { return is_over; });
  }

  std::string text;
  std::optional<Error> error;
  bool is_over = false;

 private:
  void read_on() {
    source_.read([this](Expected<Bytes> bytes) { take(bytes); });
  }

  void take(const Expected<Bytes>& bytes) {
    if (const auto* problem = bytes.if_error()) error = *problem;
    if (error || bytes->empty()) {
      is_over = true;
      return;
    }
    text.append(reinterpret_cast<const char*>(bytes->data()), bytes->size());
    read_on();
  }

  BodySource& source_;
};

std::unique_ptr<BodySource> opened(const BodySupply& supply, Loop& loop) {
  auto source = supply.open(loop);
  REQUIRE(source);
  return std::move(source).value();
}

}  // namespace

TEST_SUITE("cli/multipart_body") {
  TEST_CASE("parts stand between boundaries, and the size is that of all bytes") {
    TestLoop loop;
    Scratch scratch;
    const std::string path = scratch.write("file", "line\r\nline");
    const BodySupply supply = multipart_body(
        {{.fields = form_fields("a", "", ""), .text = "1"},
         {.fields = form_fields("f", "x.txt", "text/plain"), .supply = file_body(path)},
         {.fields = form_fields("b", "", "text/x"), .text = ""}},
        "XX");
    const auto source = opened(supply, loop.loop());
    const Reading reading(loop, *source);
    CHECK(reading.text ==
          "--XX\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n"
          "--XX\r\nContent-Disposition: form-data; name=\"f\"; filename=\"x.txt\"\r\n"
          "Content-Type: text/plain\r\n\r\nline\r\nline\r\n"
          "--XX\r\nContent-Disposition: form-data; name=\"b\"\r\nContent-Type: text/x\r\n\r\n\r\n"
          "--XX--\r\n");
    CHECK(source->size() == reading.text.size());
    CHECK(supply.is_repeatable);
  }

  TEST_CASE("a supply opened twice gives the same bytes") {
    TestLoop loop;
    Scratch scratch;
    const std::string big(300'000, 'x');
    const BodySupply supply = multipart_body(
        {{.fields = form_fields("f", "x", ""), .supply = file_body(scratch.write("f", big))}},
        make_boundary());
    const auto first = opened(supply, loop.loop());
    const auto second = opened(supply, loop.loop());
    const std::string text = Reading(loop, *first).text;
    CHECK(text.find(big) != std::string::npos);
    CHECK(text == Reading(loop, *second).text);
  }

  TEST_CASE("a part without a size leaves the body without one, and unrepeatable") {
    TestLoop loop;
    int ends[2];
    REQUIRE(pipe(ends) == 0);
    REQUIRE(write(ends[1], "piped", 5) == 5);
    close(ends[1]);
    const BodySupply supply = multipart_body(
        {{.fields = form_fields("f", "-", ""), .supply = descriptor_body(ends[0], "stdin")}}, "B");
    CHECK_FALSE(supply.is_repeatable);
    const auto source = opened(supply, loop.loop());
    CHECK_FALSE(source->size().has_value());
    CHECK(Reading(loop, *source).text.find("\r\n\r\npiped\r\n--B--\r\n") != std::string::npos);
    close(ends[0]);
  }

  TEST_CASE("a file that is gone fails the opening, named") {
    TestLoop loop;
    const BodySupply supply = multipart_body(
        {{.fields = form_fields("f", "x", ""), .supply = file_body("/no/such/file")}}, "B");
    const auto source = supply.open(loop.loop());
    REQUIRE_FALSE(source);
    CHECK(source.error().code == Error::Code::body_source_failed);
    CHECK(source.error().message.find("/no/such/file") != std::string::npos);
  }

  TEST_CASE("names cannot break out of their quotes") {
    CHECK(form_fields("a\"b", "c\r\nd", "") ==
          "Content-Disposition: form-data; name=\"a%22b\"; filename=\"c%0D%0Ad\"\r\n");
  }

  TEST_CASE("a body without parts is the end alone") {
    TestLoop loop;
    const auto source = opened(multipart_body({}, "B"), loop.loop());
    CHECK(Reading(loop, *source).text == "--B--\r\n");
  }

  TEST_CASE("no two boundaries are alike") {
    CHECK(make_boundary() != make_boundary());
    CHECK(make_boundary().size() == 48);
  }
}

}  // namespace multipart_body_test
