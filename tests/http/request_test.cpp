#include <string>
#include <string_view>

#include <doctest/doctest.h>

#include <xtrace/http.h>

namespace request_test {

using namespace xtrace;
using namespace std::string_literals;

namespace {

Request request_to(std::string_view url) {
  Expected<Url> parsed = Url::parse(url);
  REQUIRE(parsed);
  return Request(std::move(parsed).value());
}

std::string refusal_of(const Request& request) {
  const Expected<void> checked = check_request(request);
  if (checked) return "";
  CHECK(checked.error().code == Error::Code::invalid_request);
  return checked.error().message;
}

std::string refusal_of_header(const Header& field, std::string body = "") {
  Request request = request_to("http://h/");
  request.headers.add(field.name, field.value);
  request.body = std::move(body);
  return refusal_of(request);
}

std::string basic_auth_of(std::string_view userinfo) {
  const std::string head =
      serialize_head(request_to("http://" + std::string(userinfo) + "@h/"), "agent");
  const std::string name = "Authorization: Basic ";
  const std::size_t at = head.find(name);
  if (at == std::string::npos) return "";
  return head.substr(at + name.size(), head.find("\r\n", at) - at - name.size());
}

}  // namespace

TEST_SUITE("http/request") {
  TEST_CASE("a GET is sent in origin form with Host first and the automatic fields last") {
    Request request = request_to("http://Example.com:8080/a/../b?q=1#part");
    request.headers = {{"X-First", "1"}, {"x-second", "2"}};
    CHECK(serialize_head(request, "xtrace/1") ==
          "GET /b?q=1 HTTP/1.1\r\n"
          "Host: example.com:8080\r\n"
          "X-First: 1\r\n"
          "x-second: 2\r\n"
          "Accept: */*\r\n"
          "User-Agent: xtrace/1\r\n"
          "\r\n");
  }

  TEST_CASE("the caller's fields stand in for the automatic ones") {
    Request request = request_to("http://user:secret@h/");
    request.body = "hello";
    request.method = "POST";
    request.headers = {{"accept", "text/html"},
                       {"USER-AGENT", "mine"},
                       {"host", "other:1"},
                       {"authorization", "Bearer t"},
                       {"content-length", "5"}};
    CHECK(serialize_head(request, "xtrace/1") ==
          "POST / HTTP/1.1\r\n"
          "Host: other:1\r\n"
          "accept: text/html\r\n"
          "USER-AGENT: mine\r\n"
          "authorization: Bearer t\r\n"
          "content-length: 5\r\n"
          "\r\n");
  }

  TEST_CASE("omitted fields are not sent, but Host and the length always are") {
    Request request = request_to("http://user@h/");
    request.body = "x";
    request.omit = {"accept", "User-agent", "AUTHORIZATION", "Host", "Content-Length"};
    CHECK(serialize_head(request, "xtrace/1") ==
          "GET / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\n");
  }

  TEST_CASE("a length is announced for a body and for the methods that expect one") {
    const auto announces = [](const std::string& method, const std::string& body) {
      Request request = request_to("http://h/");
      request.method = method;
      request.body = body;
      return serialize_head(request, "a")
                 .find("\r\nContent-Length: " + std::to_string(body.size()) + "\r\n") !=
             std::string::npos;
    };
    for (const std::string method : {"POST", "PUT", "PATCH"}) CHECK(announces(method, ""));
    for (const std::string method : {"GET", "HEAD", "DELETE", "OPTIONS"}) {
      CHECK(!announces(method, ""));
      CHECK(announces(method, "body"));
    }
  }

  TEST_CASE("an IPv6 host is in brackets in the Host header and its zone is left out") {
    const std::string head = serialize_head(request_to("http://[fe80::1%25eth0]:81/"), "a");
    CHECK(head.find("\r\nHost: [fe80::1]:81\r\n") != std::string::npos);
  }

  TEST_CASE("the URL's userinfo becomes Basic authentication") {
    CHECK(basic_auth_of("Aladdin:open%20sesame") == "QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
    CHECK(basic_auth_of("user") == "dXNlcjo=");
    CHECK(basic_auth_of("u:pw") == "dTpwdw==");
    CHECK(basic_auth_of("u:pw1") == "dTpwdzE=");
    CHECK(basic_auth_of("u:%C3%BC%FF") == "dTrDvP8=");
    CHECK(basic_auth_of("") == "");
  }

  TEST_CASE("a method is a token, and not CONNECT") {
    Request request = request_to("http://h/");
    for (const std::string method : {"GET", "get", "M-SEARCH", "X!#$%&'*+.^_`|~"}) {
      request.method = method;
      CHECK(refusal_of(request) == "");
    }
    for (const std::string& method :
         {""s, "GE T"s, "GET\r\nX: y"s, "G\xc3\x84T"s, "GET/"s, "G\0"s}) {
      request.method = method;
      CHECK(refusal_of(request) == "the method is not a token: letters, digits and hyphens only");
    }
    request.method = "CONNECT";
    CHECK(refusal_of(request) == "the method CONNECT asks for a tunnel, which only a proxy gives");
  }

  TEST_CASE("a header cannot smuggle a line") {
    for (const std::string value : {"a\rb", "a\nb", "a\r\nX: y", "\n"}) {
      CHECK(refusal_of_header({"X-A", value}) == "the value of the header X-A holds CR, LF or NUL");
    }
    CHECK(refusal_of_header({"X-A", "a\0b"s}) == "the value of the header X-A holds CR, LF or NUL");
    CHECK(refusal_of_header({"X-A", "tab\tand \xc3\xa4"}) == "");
    CHECK(refusal_of_header({"X-A", ""}) == "");
    for (const std::string name : {"", "X A", "X:", "X\r\nY", "\xc3\xa4"}) {
      CHECK(refusal_of_header({name, "v"}) != "");
    }
    CHECK(refusal_of_header({"X\nY", "v"}) == "the header name \"X?Y\" is not a token");
  }

  TEST_CASE("a refused header's value is not repeated") {
    CHECK(refusal_of_header({"Authorization", "secret\r\n"}).find("secret") == std::string::npos);
  }

  TEST_CASE("framing fields that contradict the body are refused") {
    CHECK(refusal_of_header({"content-length", "4"}, "hello") ==
          "the header Content-Length contradicts the body, which has 5 bytes");
    CHECK(refusal_of_header({"Content-Length", "x"}, "h") ==
          "the header Content-Length contradicts the body, which has 1 byte");
    CHECK(refusal_of_header({"Content-Length", "5, 5"}, "hello") != "");
    CHECK(refusal_of_header({"Content-Length", "5"}) != "");
    CHECK(refusal_of_header({"Content-Length", " 5 "}, "hello") == "");
    CHECK(refusal_of_header({"Content-Length", "0"}) == "");
    CHECK(
        refusal_of_header({"transfer-encoding", "chunked"}, "hello") ==
        "the header Transfer-Encoding cannot be set: the client decides whether a body is chunked");
  }

  TEST_CASE("a request has one body") {
    Request request = request_to("http://h/");
    request.supply.emplace();
    CHECK(refusal_of(request) == "");
    request.body = "x";
    CHECK(refusal_of(request) == "the request has two bodies: a text and a source");
  }

  TEST_CASE("a source decides the length and announces its trailers") {
    Request request = request_to("http://h/");
    request.supply.emplace();
    request.headers = {{"Trailer", "X-Sum"}, {"Expect", "100-Continue"}};
    CHECK(refusal_of(request) == "");
    request.headers = {{"content-length", "0"}};
    CHECK(refusal_of(request) ==
          "the header Content-Length cannot be set: the source of the body decides its length");
  }

  TEST_CASE("the one expectation is 100-continue") {
    CHECK(refusal_of_header({"expect", " 100-continue "}, "x") == "");
    CHECK(refusal_of_header({"Expect", "200-ok"}, "x") ==
          "the header Expect knows one value, 100-continue");
    CHECK(refusal_of_header({"Expect", ""}, "x") != "");
  }

  TEST_CASE("Host and Content-Length are sent once") {
    Request request = request_to("http://h/");
    request.headers = {{"Host", "a"}, {"host", "a"}};
    CHECK(refusal_of(request) == "the header Host is set more than once");
    request.headers = {{"Content-Length", "0"}, {"Content-Length", "0"}};
    CHECK(refusal_of(request) == "the header Content-Length is set more than once");
    request.headers = {{"Cookie", "a"}, {"Cookie", "b"}};
    CHECK(refusal_of(request) == "");
  }
}

}  // namespace request_test
