#include "cli/request_builder.h"

#include <fstream>

#include <doctest/doctest.h>
#include <unistd.h>

#include "command_line.h"
#include "support/scratch.h"

namespace request_builder_test {

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

TEST_SUITE("cli/request_builder") {
  TEST_CASE("a URL without a scheme is http, as for curl") {
    CHECK(built({"example.com:8080/p"}).url.full() == "http://example.com:8080/p");
    CHECK(built({"HTTPS://example.com"}).url.is_https());
    CHECK(build({"ftp://example.com"}).error().code == Error::Code::unsupported_scheme);
    CHECK(built({"h/?next=http://other/"}).url.full() == "http://h/?next=http://other/");
    CHECK(build({"http:/example.com"}).error().code == Error::Code::invalid_url);
    CHECK(build({"mailto:someone@example.com"}).error().code == Error::Code::invalid_url);
    CHECK(build({"http://exa mple.com"}).error().code != Error::Code::invalid_config);
  }

  TEST_CASE("-H adds a field, leaves an automatic one out, or sends it empty") {
    const Request request =
        built({"-H", "X-A:  one ", "-H", "X-A: two", "-H", "User-Agent:", "-H", "X-Empty;", "u"});
    CHECK(request.headers == Headers{{"X-A", "one"}, {"X-A", "two"}, {"X-Empty", ""}});
    CHECK(request.omit == std::vector<std::string>{"User-Agent"});
  }

  TEST_CASE("-H that is no field is refused without being repeated") {
    for (const auto* text :
         {"Bearer secret", ": secret", "X-A; secret", "Host:", "content-length:"}) {
      CAPTURE(text);
      const auto request = build({"-H", text, "u"});
      REQUIRE_FALSE(request);
      CHECK(request.error().code == Error::Code::invalid_config);
      CHECK(request.error().message.find("secret") == std::string::npos);
    }
  }

  TEST_CASE("-H reads fields from a file, one per line") {
    Scratch scratch;
    const std::string path = "@" + scratch.write("fields", "X-A: 1\r\n\nX-B: 2\nAccept:");
    const Request request = built({"-H", path, "u"});
    CHECK(request.headers == Headers{{"X-A", "1"}, {"X-B", "2"}});
    CHECK(request.omit == std::vector<std::string>{"Accept"});
  }

  TEST_CASE("-d sends a form by POST, joined with &") {
    const Request request = built({"-d", "a=1", "-d", "b=2", "u"});
    CHECK(request.method == "POST");
    CHECK(request.body == "a=1&b=2");
    CHECK(field(request, "Content-Type") == "application/x-www-form-urlencoded");
  }

  TEST_CASE("-d leaves line ends and NUL of a file out, --data-binary and --json keep them") {
    Scratch scratch;
    const std::string path = "@" + scratch.write("body", std::string("a\r\nb\0c\n", 7));
    CHECK(built({"-d", path, "u"}).body == "abc");
    CHECK(built({"--data-binary", path, "u"}).body == std::string("a\r\nb\0c\n", 7));
    CHECK(built({"--json", path, "u"}).body == std::string("a\r\nb\0c\n", 7));
    CHECK(built({"--data-raw", "@x", "u"}).body == "@x");
  }

  TEST_CASE("@- reads stdin") {
    Scratch scratch;
    Process process;
    process.in = scratch.descriptor("input", "from\nstdin");
    CHECK(built({"-d", "@-", "u"}, process).body == "fromstdin");
  }

  TEST_CASE("a file that cannot be read is named") {
    const auto request = build({"-d", "@/no/such/file", "u"});
    REQUIRE_FALSE(request);
    CHECK(request.error().message ==
          "cannot read \"/no/such/file\": no such file or directory (ENOENT)");
    CHECK_FALSE(build({"-d", "@/", "u"}));
  }

  TEST_CASE("--json sends and accepts JSON, its pieces joined with nothing") {
    const Request request = built({"--json", "{\"a\":", "--json", "1}", "u"});
    CHECK(request.body == "{\"a\":1}");
    CHECK(field(request, "Content-Type") == "application/json");
    CHECK(field(request, "Accept") == "application/json");
  }

  TEST_CASE("-H wins over what other flags would send") {
    const Request request =
        built({"--json", "{}", "-u", "a:b", "-A", "x", "-H", "content-type: text/x", "-H",
               "Accept:", "-H", "authorization: t", "-H", "User-Agent: y", "u"});
    CHECK(request.headers ==
          Headers{{"content-type", "text/x"}, {"authorization", "t"}, {"User-Agent", "y"}});
    CHECK(request.omit == std::vector<std::string>{"Accept"});
  }

  TEST_CASE("-u sends Basic authentication") {
    CHECK(field(built({"-u", "Aladdin:open sesame", "u"}), "Authorization") ==
          "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
    CHECK(field(built({"-u", "user", "u"}), "Authorization") == "Basic dXNlcjo=");
  }

  TEST_CASE("-A names the program, or sends no name at all") {
    CHECK(field(built({"-A", "mine/1", "u"}), "User-Agent") == "mine/1");
    const Request silent = built({"-A", "", "u"});
    CHECK(field(silent, "User-Agent") == "(none)");
    CHECK(is_omitted(silent, "user-agent"));
  }

  TEST_CASE("what HTTP cannot carry is refused") {
    CHECK(build({"-X", "B AD", "u"}).error().code == Error::Code::invalid_request);
    CHECK(build({"-H", "X-A: b\r\nX-C: d", "u"}).error().code == Error::Code::invalid_request);
  }
}

}  // namespace request_builder_test
