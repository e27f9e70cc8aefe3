#include "cli/redaction.h"

#include <doctest/doctest.h>

namespace redaction_test {

using namespace xtrace;
using namespace xtrace::cli;

TEST_SUITE("cli/redaction") {
  TEST_CASE("credentials and cookies are masked whatever the case of their names") {
    for (const auto* name : {"Authorization", "proxy-authorization", "COOKIE", "Set-Cookie"}) {
      CHECK(redact_value(name, "secret") == "***");
    }
    CHECK(redact_value("Content-Type", "text/html") == "text/html");
  }

  TEST_CASE("a field that holds a URL keeps all of it but userinfo and query") {
    CHECK(redact_value("Location", "https://h/p?token=1#f") == "https://h/p?***");
    CHECK(redact_value("location", "/p?token=1") == "/p?***");
    CHECK(redact_value("Location", "/p") == "/p");
    CHECK(redact_value("Referer", "http://user:secret@h:1/p") == "http://***@h:1/p");
    CHECK(redact_value("Location", "//user:secret@h?x") == "//***@h?***");
    CHECK(redact_value("Location", "http://h/a@b") == "http://h/a@b");
    CHECK(redact_value("Location", "http://a:b@c:d@h/") == "http://***@h/");
  }

  TEST_CASE("a response is masked in its headers and its trailers, field by field") {
    Response response;
    response.status = 302;
    response.headers = {{"Set-Cookie", "a=1"}, {"Set-Cookie", "b=2"}, {"Server", "x"}};
    response.trailers = {{"Set-Cookie", "c=3"}};
    const Response masked = redact(response);
    CHECK(masked.headers == Headers{{"Set-Cookie", "***"}, {"Set-Cookie", "***"}, {"Server", "x"}});
    CHECK(masked.trailers == Headers{{"Set-Cookie", "***"}});
    CHECK(masked.status == 302);
  }

  TEST_CASE("a request target shows that there is a query and not which") {
    CHECK(redact_target(*Url::parse("http://h/p?key=secret")) == "/p?***");
    CHECK(redact_target(*Url::parse("http://h/p")) == "/p");
  }
}

}  // namespace redaction_test
