#include "http/redirect.h"

#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>

namespace redirect_test {

using namespace xtrace;

namespace {

Url url_of(std::string_view text) {
  const Expected<Url> url = Url::parse(text);
  REQUIRE(url);
  return *url;
}

Request request_to(std::string_view url, std::string method = "GET", Headers headers = {}) {
  Request request(url_of(url));
  request.method = std::move(method);
  request.headers = std::move(headers);
  return request;
}

Response redirect(int status, std::string_view location) {
  Response response;
  response.status = status;
  response.headers.add("location", location);
  return response;
}

// The next request of a chain whose first one was `sent`.
Request after(const Request& sent, const Response& response) {
  Expected<std::optional<Request>> next = follow_redirect(sent, response, RedirectOrigin(sent));
  REQUIRE(next);
  REQUIRE(next->has_value());
  return **next;
}

bool is_followed(const Request& sent, const Response& response) {
  const Expected<std::optional<Request>> next =
      follow_redirect(sent, response, RedirectOrigin(sent));
  REQUIRE(next);
  return next->has_value();
}

std::string field(const Request& request, std::string_view name) {
  const std::string* value = request.headers.find(name);
  return value != nullptr ? *value : "(none)";
}

// What of a caller's Authorization arrives when `from` redirects to `to`.
bool keeps_credentials(std::string_view from, std::string_view to) {
  const Request sent = request_to(from, "GET", {{"authorization", "Bearer t"}});
  return after(sent, redirect(302, to)).headers.contains("Authorization");
}

std::string ended(const std::vector<std::string_view>& visited, std::string_view next) {
  std::vector<Url> urls;
  for (const std::string_view text : visited) urls.push_back(url_of(text));
  return describe_redirect_end(urls, url_of(next), static_cast<int>(visited.size()) - 1);
}

}  // namespace

TEST_SUITE("http/redirect") {
  TEST_CASE("five statuses redirect, with a Location") {
    const Request sent = request_to("http://h/a");
    for (const int status : {301, 302, 303, 307, 308}) {
      CHECK(after(sent, redirect(status, "/b")).url.full() == "http://h/b");
      CHECK(!is_followed(sent, redirect(status, "")));
      Response bare;
      bare.status = status;
      CHECK(!is_followed(sent, bare));
    }
    for (const int status : {200, 201, 300, 304, 305, 306, 309, 404, 500}) {
      CHECK(!is_followed(sent, redirect(status, "/b")));
    }
  }

  TEST_CASE("301, 302 and 303 keep GET and HEAD and make everything else a GET without its body") {
    for (const int status : {301, 302, 303}) {
      for (const std::string method :
           {"GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"}) {
        Request sent = request_to("http://h/a", method,
                                  {{"Content-Type", "text/plain"},
                                   {"content-length", "4"},
                                   {"Expect", "100-continue"},
                                   {"Trailer", "X-Sum"},
                                   {"X-Kept", "1"}});
        sent.body = "body";
        const Request next = after(sent, redirect(status, "/b"));
        CHECK(next.method == (method == "HEAD" ? "HEAD" : "GET"));
        CHECK(next.body.empty());
        CHECK(next.headers == Headers{{"X-Kept", "1"}, {"Referer", "http://h/a"}});
        CHECK(check_request(next));
      }
    }
  }

  TEST_CASE("307 and 308 repeat method and body") {
    for (const int status : {307, 308}) {
      Request sent = request_to("http://h/a", "PUT", {{"Content-Type", "text/plain"}});
      sent.body = "body";
      Request next = after(sent, redirect(status, "/b"));
      CHECK(next.method == "PUT");
      CHECK(next.body == "body");
      CHECK(field(next, "Content-Type") == "text/plain");

      sent.body.clear();
      sent.supply.emplace();
      next = after(sent, redirect(status, "/b"));
      CHECK(next.supply.has_value());
      sent.supply->is_repeatable = false;
      CHECK(!is_followed(sent, redirect(status, "/b")));
    }
  }

  TEST_CASE("a body that cannot be repeated does not hinder a redirect that drops it") {
    Request sent = request_to("http://h/a", "POST");
    sent.supply = BodySupply{.open = {}, .is_repeatable = false};
    const Request next = after(sent, redirect(303, "/b"));
    CHECK(next.method == "GET");
    CHECK(!next.supply);
  }

  TEST_CASE("a Location that is no http or https URL is refused without its secrets") {
    const Request sent = request_to("http://user:pw@h/a?token=1");
    const auto refusal = [&sent](std::string_view location) {
      const auto next = follow_redirect(sent, redirect(302, location), RedirectOrigin(sent));
      REQUIRE(!next);
      CHECK(next.error().code == Error::Code::bad_redirect);
      return next.error().message;
    };
    CHECK(refusal("ftp://h/") ==
          "http://h/a redirects to no http or https URL: the scheme \"ftp\" is not supported: "
          "only http and https are");
    for (const std::string_view location : {"javascript:x", "http://", "//h:0/", "http://1/"}) {
      refusal(location);
    }
    CHECK(refusal("http://you:secret@h:0/?secret").find("secret") == std::string::npos);
  }

  TEST_CASE("the Referer is the last URL without userinfo and fragment") {
    CHECK(field(after(request_to("http://u:p@h/a?q=1#f"), redirect(302, "//other/")), "Referer") ==
          "http://h/a?q=1");
    CHECK(field(after(request_to("https://h/a"), redirect(302, "https://i/")), "Referer") ==
          "https://h/a");
    CHECK(field(after(request_to("http://h/a"), redirect(302, "https://i/")), "Referer") ==
          "http://h/a");
    CHECK(field(after(request_to("https://h/a"), redirect(302, "http://h/")), "Referer") ==
          "(none)");
  }

  TEST_CASE("each leg has its own Referer, and none after https") {
    const Request first = request_to("https://h/a");
    const RedirectOrigin origin(first);
    const Request second = after(first, redirect(302, "/b"));
    CHECK(field(second, "Referer") == "https://h/a");
    const auto third = follow_redirect(second, redirect(302, "/c"), origin);
    REQUIRE(third);
    CHECK(field(**third, "Referer") == "https://h/b");
    const auto fourth = follow_redirect(**third, redirect(302, "http://h/d"), origin);
    REQUIRE(fourth);
    CHECK(field(**fourth, "Referer") == "(none)");
  }

  TEST_CASE("the caller's Referer stays, and an omitted one is not added") {
    Request sent = request_to("https://h/a", "GET", {{"referer", "http://mine/"}});
    const RedirectOrigin origin(sent);
    const Request next = after(sent, redirect(302, "/b"));
    CHECK(field(next, "Referer") == "http://mine/");
    CHECK(field(**follow_redirect(next, redirect(302, "/c"), origin), "Referer") == "http://mine/");
    sent = request_to("http://h/a");
    sent.omit = {"referer"};
    const Request silent = after(sent, redirect(302, "/b"));
    CHECK(field(silent, "Referer") == "(none)");
    CHECK(silent.omit == sent.omit);
  }

  TEST_CASE("credentials go with the first host and its subdomains only") {
    CHECK(keeps_credentials("http://example.com/", "/b"));
    CHECK(keeps_credentials("http://example.com/", "http://EXAMPLE.com:8080/"));
    CHECK(keeps_credentials("http://example.com/", "https://www.example.com/"));
    CHECK(!keeps_credentials("http://www.example.com/", "http://example.com/"));
    CHECK(!keeps_credentials("http://example.com/", "http://badexample.com/"));
    CHECK(!keeps_credentials("http://example.com/", "http://example.com.evil/"));
    CHECK(keeps_credentials("http://127.0.0.1/", "http://127.0.0.1:81/"));
    CHECK(!keeps_credentials("http://127.0.0.1/", "http://127.0.0.2/"));
    CHECK(!keeps_credentials("http://h/", "http://[fe80::1%25.h]/"));
    CHECK(!keeps_credentials("https://example.com/", "http://example.com/"));
  }

  TEST_CASE("every sensitive field goes, in any spelling, and everything else stays") {
    const Request sent = request_to("http://h/", "GET",
                                    {{"AUTHORIZATION", "x"},
                                     {"Www-authenticate", "x"},
                                     {"cookie", "a"},
                                     {"Cookie", "b"},
                                     {"Cookie2", "x"},
                                     {"Proxy-Authorization", "x"},
                                     {"proxy-authenticate", "x"},
                                     {"X-Cookie", "1"},
                                     {"Accept", "x"}});
    CHECK(after(sent, redirect(302, "http://i/")).headers ==
          Headers{{"X-Cookie", "1"}, {"Accept", "x"}, {"Referer", "http://h/"}});
    CHECK(after(sent, redirect(302, "/i")).headers.size() == sent.headers.size() + 1);
  }

  TEST_CASE("credentials that were dropped do not come back with the first host") {
    const Request first = request_to("http://h/", "GET", {{"Cookie", "a=b"}});
    const RedirectOrigin origin(first);
    const auto away = follow_redirect(first, redirect(302, "http://other/"), origin);
    REQUIRE(away);
    const auto back = follow_redirect(**away, redirect(302, "http://h/"), origin);
    REQUIRE(back);
    CHECK(field(**back, "Cookie") == "(none)");
  }

  TEST_CASE("the userinfo of the URL is not carried to another host") {
    const Request sent = request_to("http://user:pw@h/a");
    CHECK(after(sent, redirect(302, "/b")).url.userinfo().has_value());
    CHECK(after(sent, redirect(302, "http://h/b")).url.userinfo().has_value());
    CHECK(!after(sent, redirect(302, "http://i/b")).url.userinfo());
    CHECK(!after(sent, redirect(302, "http://sub.h/b")).url.userinfo());
  }

  TEST_CASE("a Host of the caller's own is kept for a Location that names none") {
    const Request sent = request_to("http://127.0.0.1/", "GET", {{"host", "virtual"}});
    for (const std::string_view location : {"/b", "b", "?b", "#b"}) {
      CHECK(field(after(sent, redirect(302, location)), "Host") == "virtual");
    }
    for (const std::string_view location : {"http://127.0.0.1/", "//127.0.0.1/", "//i/"}) {
      CHECK(field(after(sent, redirect(302, location)), "Host") == "(none)");
    }
  }

  TEST_CASE("too many redirects are told with the circle they run in") {
    CHECK(ended({"http://h/a", "http://h/b"}, "http://h/a") ==
          "stopped after 1 redirect: http://h/a and http://h/b lead to each other");
    CHECK(ended({"http://h/0", "http://h/a", "http://h/b", "http://h/a", "http://h/b"},
                "http://h/a") ==
          "stopped after 4 redirects: http://h/a and http://h/b lead to each other");
    CHECK(ended({"http://h/a", "http://h/a", "http://h/a"}, "http://h/a") ==
          "stopped after 2 redirects: http://h/a leads to itself");
    CHECK(ended({"http://h/a", "http://h/b", "http://h/c"}, "http://h/a") ==
          "stopped after 2 redirects: http://h/a, http://h/b and http://h/c lead to each other");
    CHECK(ended({"http://h/a", "http://h/b", "http://h/c", "http://h/d"}, "http://h/a") ==
          "stopped after 3 redirects: http://h/a, http://h/b, http://h/c and http://h/d lead to "
          "each other");
    CHECK(ended({"http://h/a", "http://h/b", "http://h/c", "http://h/d", "http://h/e"},
                "http://h/a") ==
          "stopped after 4 redirects: http://h/a, http://h/b, http://h/c and 2 more lead to each "
          "other");
  }

  TEST_CASE("too many redirects without a circle are told with the next URL") {
    CHECK(ended({"http://h/?n=1", "http://h/?n=2"}, "http://u:p@h/?n=3") ==
          "stopped after 1 redirect: the next one leads to http://h/");
    CHECK(ended({"http://h/?n=1", "http://h/?n=2"}, "http://h/?n=1") ==
          "stopped after 1 redirect: http://h/ leads to itself");
  }
}

}  // namespace redirect_test
