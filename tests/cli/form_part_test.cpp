#include "cli/form_part.h"

#include <doctest/doctest.h>

namespace form_part_test {

using namespace xtrace;
using namespace xtrace::cli;

namespace {

using Kind = FormPart::Kind;

std::vector<FormPart> parts(std::string_view text) {
  auto parsed = parse_form_parts(text);
  if (const auto* error = parsed.if_error()) FAIL(error->message);
  return std::move(parsed).value();
}

FormPart part(std::string_view text) {
  const auto all = parts(text);
  REQUIRE(all.size() == 1);
  return all.front();
}

std::string refusal(std::string_view text) {
  auto parsed = parse_form_parts(text);
  return parsed ? std::string() : std::move(parsed).error().message;
}

}  // namespace

TEST_SUITE("cli/form_part") {
  TEST_CASE("a value is sent as it stands, without a type") {
    CHECK(part("a=b=c,d") == FormPart{.kind = Kind::value, .name = "a", .text = "b=c,d"});
    CHECK(part("a=").text.empty());
  }

  TEST_CASE("a file brings its name and the type of its ending") {
    CHECK(part("f=@/tmp/x/picture.png") == FormPart{.kind = Kind::upload,
                                                    .name = "f",
                                                    .text = "/tmp/x/picture.png",
                                                    .type = "image/png",
                                                    .filename = "picture.png"});
    CHECK(part("f=@data").type == "application/octet-stream");
    CHECK(part("f=@-").filename == "-");
  }

  TEST_CASE("the content of a file is a value without a name") {
    CHECK(part("f=<notes.txt") ==
          FormPart{.kind = Kind::content, .name = "f", .text = "notes.txt"});
  }

  TEST_CASE("type and filename behind a part win over what follows from the file") {
    const FormPart file = part("f=@a.png;type=text/plain;filename=b.txt");
    CHECK(file.type == "text/plain");
    CHECK(file.filename == "b.txt");
    CHECK(part("v=1;type=application/json").type == "application/json");
    CHECK(part("v=1;type=text/plain;charset=utf-8").type == "text/plain; charset=utf-8");
  }

  TEST_CASE("quotes protect commas, semicolons and quotes") {
    CHECK(part(R"(f=@"a;b,c.txt";filename="x\"y\\z")").text == "a;b,c.txt");
    CHECK(part(R"(f=@"a;b,c.txt";filename="x\"y\\z")").filename == R"(x"y\z)");
    CHECK(part(R"(v="a;type=b")").text == "a;type=b");
  }

  TEST_CASE("several files are several parts of one name") {
    const auto all = parts("f=@a.txt;type=text/x,b.gif");
    REQUIRE(all.size() == 2);
    CHECK(all[0].type == "text/x");
    CHECK(all[1].text == "b.gif");
    CHECK(all[1].type == "image/gif");
    CHECK(all[1].name == "f");
  }

  TEST_CASE("what is no part is refused without its value") {
    CHECK(refusal("secret") == "a part of a form is NAME=VALUE, NAME=@FILE or NAME=<FILE");
    CHECK_FALSE(refusal("=v").empty());
    CHECK(refusal("f=@").find("empty") != std::string::npos);
    CHECK(refusal("f=\"open").find("quotes") != std::string::npos);
    CHECK(refusal("f=@a;encoder=base64") ==
          "behind a part come ;type=TYPE and ;filename=NAME only, not \"encoder\"");
    CHECK(refusal("f=<a,b") == "a part with < takes one file");
  }
}

}  // namespace form_part_test
