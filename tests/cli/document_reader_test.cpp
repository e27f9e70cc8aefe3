#include "cli/document_reader.h"

#include <algorithm>
#include <string>
#include <vector>

#include <doctest/doctest.h>

namespace document_reader_test {

using namespace xtrace;
using namespace xtrace::cli;

namespace {

using Kind = DocumentReader::Item::Kind;

/// Gives its bytes in two parts, or a byte at a time.
class PiecewiseSource final : public ByteSource {
 public:
  PiecewiseSource(std::string_view text, std::size_t first, std::size_t step)
      : text_(text), step_(first), later_step_(step) {}

  Expected<std::size_t> read(std::span<char> room) override {
    const std::size_t bytes = std::min({room.size(), step_, text_.size()});
    std::ranges::copy(text_.substr(0, bytes), room.begin());
    text_.remove_prefix(bytes);
    step_ = later_step_;
    return bytes;
  }
  bool is_ready() override { return false; }

 private:
  std::string_view text_;
  std::size_t step_;
  std::size_t later_step_;
};

class BrokenSource final : public ByteSource {
 public:
  Expected<std::size_t> read(std::span<char>) override {
    return Error{Error::Code::invalid_config, Phase::none, "Is a directory"};
  }
  bool is_ready() override { return true; }
};

std::string document(char name) {
  return std::string(R"({"name":")") + name +
         R"(","id":"00c0ffee00c0ffee","trace_id":"1-65a0b1c2-0123456789abcdef01234567",)" +
         R"("start_time":1,"end_time":2,"metadata":{"d":{"x":"}]\"{é\\"}}})";
}

/// The same over several lines.
std::string spread(char name) {
  std::string text = document(name);
  for (std::size_t at = 0; (at = text.find(",\"", at)) != std::string::npos; at += 5) {
    text.replace(at, 1, ",\n  ");
  }
  return text;
}

/// As a JSON string.
std::string encoded(std::string_view text) {
  std::string json = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') json += '\\';
    if (c == '\n') {
      json += "\\n";
    } else {
      json += c;
    }
  }
  return json + "\"";
}

/// What is read, a line each: the document, or `!LINE REASON`.
std::string read(ByteSource& source, std::size_t window) {
  DocumentReader reader(source, {}, window);
  std::string log;
  while (true) {
    const DocumentReader::Item item = reader.next();
    if (item.kind == Kind::end) return log;
    if (item.kind == Kind::failed) return log + "failed: " + item.reason + "\n";
    if (item.kind == Kind::refused) {
      log += "!" + std::to_string(item.line) + " " + item.reason + "\n";
    } else {
      log.append(item.text).append("\n");
    }
  }
}

std::string read(std::string_view text) {
  PiecewiseSource source(text, text.size(), 1);
  const std::string whole = read(source, 1U << 16U);
  PiecewiseSource slow(text, 1, 1);
  CHECK(read(slow, 16) == whole);
  for (std::size_t first = 1; first < text.size(); ++first) {
    PiecewiseSource parted(text, first, text.size());
    const bool is_same = read(parted, 64 + first) == whole;
    CAPTURE(first);
    REQUIRE(is_same);
  }
  return whole;
}

const std::string kHeader = "{\"format\": \"json\", \"version\": 1}\n";

std::string lines(std::string_view names) {
  std::string text;
  for (const char name : names) text += document(name) + "\n";
  return text;
}

}  // namespace

TEST_SUITE("cli/document_reader") {
  TEST_CASE("documents are found in every form, wherever the input is cut") {
    const std::string abc = lines("abc");
    CHECK(read(abc) == abc);
    CHECK(read("\xEF\xBB\xBF" + document('a') + document('b') + "\r\n\x1E" + document('c')) == abc);
    CHECK(read("[" + document('a') + ",\n" + document('b') + " , " + document('c') + "]") == abc);
    CHECK(read("[[" + document('a') + "],[]," + document('b') + "]\n" + document('c')) == abc);
    CHECK(read(kHeader + document('a') + "\n" + kHeader + document('b') + kHeader +
               document('c')) == abc);
    CHECK(read("[" + encoded(document('a')) + "," + encoded(kHeader + document('b') + "\n") +
               "]\n" + encoded(document('c'))) == abc);
    CHECK(read(spread('a') + "\n" + spread('b')) == spread('a') + "\n" + spread('b') + "\n");
    CHECK(read("").empty());
    CHECK(read(" \n\t[] {\"Traces\":[]}\n").empty());
  }

  TEST_CASE("documents are found in the service's answers and requests") {
    const std::string abc = lines("abc");
    const std::string answer =
        R"({"Traces":[{"Id":"1-2","Duration":0.5,"LimitExceeded":false,"Segments":[)"
        R"({"Id":"x","Document":)" +
        encoded(document('a')) + R"(},{"Document":)" + encoded(document('b')) +
        R"(,"Id":"y"}]},{"Segments":[{"Id":"z","Document":)" + document('c') +
        R"(}]}],"UnprocessedTraceIds":["1-3"],"NextToken":null})";
    CHECK(read(answer) == abc);
    CHECK(read(R"({"NextToken":"{","Traces":[{"Id":"1","Segments":[{"Id":"x","Document":)" +
               encoded(document('a')) + "}]}]}\n" + R"({"TraceSegmentDocuments":[)" +
               encoded(document('b')) + "," + encoded(document('c')) + "]}") == abc);
    CHECK(read(R"({"Id":"x","Document":)" + encoded(document('a')) + "}") == lines("a"));
    CHECK(read(R"({"Id":"x","Document":null})").empty());
  }

  TEST_CASE("a document that is refused is told with its line, and the rest goes on") {
    CHECK(read(document('a') + "\n\n{\"name\":\"?\"}\n" + document('b')) ==
          document('a') +
              "\n!3 field \"name\": the character \"?\" is not allowed (InvalidName)\n" +
              document('b') + "\n");
    CHECK(read("{\n \"name\": \"a\",\n \"id\": \"x\"\n}") ==
          "!3 field \"id\": \"x\": \"x\" is no hex digit (InvalidSegment)\n");
    CHECK(read("[\n7,\n" + document('a') + ",null]") ==
          "!2 an element of the array is no document (ParseError)\n" + document('a') +
              "\n!3 an element of the array is no document (ParseError)\n");
    CHECK(read("\n" + encoded("{\"name\":1}") + encoded("x") + encoded("{") + encoded("{}{}") +
               encoded("{]")) ==
          "!2 field \"name\": a text is wanted, not a number (InvalidName)\n"
          "!2 the text holds no JSON object (ParseError)\n"
          "!2 the text ends inside the document (ParseError)\n"
          "!2 field \"name\": it is missing (MissingName)\n"
          "!2 a member's name is wanted (ParseError)\n");
    CHECK(read(encoded(document('a') + "x")) ==
          "!1 the text goes on behind the document (ParseError)\n");
  }

  TEST_CASE("after what is no JSON the next line that begins alike is read") {
    CHECK(read(document('a') + "\n{\"name\":\"x\",\"id\":\n" + lines("bc")) ==
          document('a') +
              "\n!2 a comma or the object's end is wanted, in line 4, column 1 (ParseError)\n" +
              lines("bc"));
    CHECK(read("{\"name\":\"x\n" + document('b')) ==
          "!1 a text has no end on its line (ParseError)\n" + document('b') + "\n");
    CHECK(read("hello {\n\x01\xff\n" + document('a')) ==
          "!1 no JSON document begins with \"h\" (ParseError)\n"
          "!2 no JSON document begins with the byte 01 (ParseError)\n" +
              document('a') + "\n");
    // The broken one's own objects are indented deeper.
    CHECK(read("[\n  {\n    \"a\": [\n      {},\n    ]\n  },\n  " + document('a') + "\n]\n" +
               document('b')) == "!2 a value is wanted, in line 5, column 5 (ParseError)\n" +
                                     document('a') + "\n" + document('b') + "\n");
    CHECK(read("[{\"a\":}, " + document('a') + "]\n" + document('b')) ==
          "!1 a value is wanted (ParseError)\n" + document('b') + "\n");
    CHECK(read("[" + document('a') + "\n" + document('b') + "\n") ==
          document('a') + "\n!2 a comma or an end is wanted (ParseError)\n" + document('b') + "\n");
  }

  TEST_CASE("an input that ends too early is told") {
    CHECK(read(document('a') + "\n" + document('b').substr(0, 50)) ==
          document('a') + "\n!2 the input ends inside the document (ParseError)\n");
    CHECK(read("\n[" + document('a') + ",\n") ==
          document('a') + "\n!3 the input ends inside the array of line 2 (ParseError)\n");
    CHECK(read(R"({"Traces":[{"Segments":[)" + encoded(document('a'))) ==
          document('a') + "\n!1 the input ends inside the array of line 1 (ParseError)\n");
    CHECK(read("\"abc") == "!1 the input ends inside the document (ParseError)\n");
    CHECK(read("{\"format\":\"json\",\"version\":1") ==
          "!1 the input ends inside the document (ParseError)\n");
  }

  TEST_CASE("what is refused has its text where it is JSON, and none where it is not") {
    const auto refused_text = [](std::string_view input) {
      PiecewiseSource source(input, input.size(), 1);
      DocumentReader reader(source, {});
      const DocumentReader::Item item = reader.next();
      CHECK(item.kind == Kind::refused);
      return std::string(item.text);
    };
    CHECK(refused_text(R"( {"name":"?"}  )") == R"({"name":"?"})");
    CHECK(refused_text(R"({"Document":"{\"name\":1}"})") == R"({"name":1})");
    CHECK(refused_text(R"({"name":)").empty());
    CHECK(refused_text("nonsense").empty());
  }

  TEST_CASE("what only resembles a header or an answer is a document") {
    CHECK(read(R"({"format":"xml","version":1})") ==
          "!1 field \"name\": it is missing (MissingName)\n");
    CHECK(read("{}") == "!1 field \"name\": it is missing (MissingName)\n");
    const std::string versioned = "{\"version\":1," + document('a').substr(1);
    CHECK(read(versioned) == versioned + "\n");
  }

  TEST_CASE("a source that fails is told once") {
    BrokenSource source;
    CHECK(read(source, 64) == "failed: Is a directory\n");
  }

  TEST_CASE("a document that is larger than a window may be is passed over") {
    std::string huge = "{\"name\":\"" + std::string(DocumentWindow::kLargestSize, 'x') + "\"}\n";
    huge += document('a');
    PiecewiseSource source(huge, 1U << 20U, 1U << 20U);
    CHECK(read(source, 1U << 10U) ==
          "!1 the document is larger than 16 MiB (ParseError)\n" + document('a') + "\n");
  }
}

}  // namespace document_reader_test
