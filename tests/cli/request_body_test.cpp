#include <doctest/doctest.h>

#include "cli/body_source.h"
#include "cli/request_builder.h"
#include "command_line.h"
#include "support/scratch.h"

namespace request_body_test {

using namespace xtrace;
using namespace xtrace::cli;
using xtrace::testing::parsed;
using xtrace::testing::Scratch;

namespace {

Expected<Request> build(std::initializer_list<std::string_view> words,
                        const Process& process = {}) {
  return build_request(parsed(words), process);
}

Request built(std::initializer_list<std::string_view> words, const Process& process = {}) {
  auto request = build(words, process);
  if (const auto* error = request.if_error()) FAIL(error->message);
  return std::move(request).value();
}

std::string field(const Request& request, std::string_view name) {
  const std::string* value = request.headers.find(name);
  return value == nullptr ? "(none)" : *value;
}

}  // namespace

TEST_SUITE("cli/request_body") {
  TEST_CASE("-T sends a file as it is read, without a type of its own") {
    Scratch scratch;
    const Request request = built({"-T", scratch.write("f", "x"), "http://h/target"});
    CHECK(request.method == "PUT");
    REQUIRE(request.supply);
    CHECK(request.supply->is_repeatable);
    CHECK(request.body.empty());
    CHECK(field(request, "Content-Type") == "(none)");
    CHECK(request.url.path() == "/target");
  }

  TEST_CASE("-T gives a URL that ends in a slash the name of the file") {
    CHECK(add_file_name("http://h/up/", "/tmp/a b+c.txt") == "http://h/up/a%20b%2Bc.txt");
    CHECK(add_file_name("http://h", "f") == "http://h/f");
    CHECK(add_file_name("h:8080", "f") == "h:8080/f");
    CHECK(add_file_name("http://h/up/#part", "f") == "http://h/up/f");
    CHECK(add_file_name("http://h/up", "f") == "http://h/up");
    CHECK(add_file_name("http://h/up/?q=1", "f") == "http://h/up/?q=1");
    CHECK(add_file_name("http://h/up/", "-") == "http://h/up/");
  }

  TEST_CASE("-T - sends stdin, once") {
    Scratch scratch;
    Process process;
    process.in = scratch.descriptor("in", "text");
    const Request request = built({"-T", "-", "http://h/x"}, process);
    CHECK(request.supply.has_value());
  }

  TEST_CASE("a file to send that cannot be read is named before anything is sent") {
    for (const auto* words : {"/no/such/file", "/"}) {
      const auto request = build({"-T", words, "http://h/x"});
      REQUIRE_FALSE(request);
      CHECK(request.error().code == Error::Code::invalid_config);
      CHECK(request.error().message.find(words) != std::string::npos);
    }
    const auto form = build({"-F", "f=@/no/such/file", "u"});
    REQUIRE_FALSE(form);
    CHECK(form.error().message ==
          "cannot read \"/no/such/file\": no such file or directory (ENOENT)");
    CHECK_FALSE(build({"-F", "f=</no/such/file", "u"}));
  }

  TEST_CASE("a large file is streamed where it is all there is, and held where it is not") {
    Scratch scratch;
    const std::string large = "@" + scratch.write("large", std::string(1'048'577, 'x'));
    const std::string small = "@" + scratch.write("small", std::string(1'048'576, 'x'));
    CHECK(built({"--data-binary", large, "u"}).supply.has_value());
    CHECK(built({"--json", large, "u"}).supply.has_value());
    CHECK_FALSE(built({"--data-binary", small, "u"}).supply.has_value());
    CHECK(built({"-d", large, "u"}).body.size() == 1'048'577);
    CHECK(built({"--data-binary", large, "-d", "x", "u"}).body.size() == 1'048'579);
    CHECK(field(built({"--data-binary", large, "u"}), "Content-Type") ==
          "application/x-www-form-urlencoded");
  }

  TEST_CASE("-F has the type of a form, and a type of the caller's lacks only the boundary") {
    const Request request = built({"-F", "a=b", "u"});
    CHECK(field(request, "Content-Type").starts_with("multipart/form-data; boundary=-----"));
    const Request mixed = built({"-F", "a=b", "-H", "Content-Type: multipart/mixed", "u"});
    CHECK(field(mixed, "Content-Type").starts_with("multipart/mixed; boundary=-----"));
    const Request own = built({"-F", "a=b", "-H", "Content-Type: text/x", "u"});
    CHECK(field(own, "Content-Type") == "text/x");
  }

  TEST_CASE("-e, -b and --expect-100 are fields, unless -H sends them") {
    const Request request = built(
        {"-e", "http://from/;auto", "-b", "a=1", "-b", "b=2", "--expect-100", "-d", "x", "u"});
    CHECK(field(request, "Referer") == "http://from/");
    CHECK(field(request, "Cookie") == "a=1; b=2");
    CHECK(field(request, "Expect") == "100-continue");
    const Request own = built({"-b", "a=1", "-H", "Cookie: c=3", "u"});
    CHECK(field(own, "Cookie") == "c=3");
    CHECK(field(built({"--expect-100", "u"}), "Expect") == "(none)");
  }
}

}  // namespace request_body_test
