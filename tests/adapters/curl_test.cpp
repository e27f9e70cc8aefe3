#include <algorithm>
#include <array>
#include <optional>
#include <string>

#include "adapters/curl_fixture.h"

namespace xtrace::testing::curl_test {

namespace {

constexpr const char* kAnswer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

std::string redirect_to(const std::string& url) {
  return "HTTP/1.1 302 Found\r\nLocation: " + url + "\r\nContent-Length: 0\r\n\r\n";
}

}  // namespace

TEST_SUITE_BEGIN("adapters/curl");

TEST_CASE("a new connection and a reused one are recorded as our own client records them") {
  CurlFixture curl;
  const std::string url = curl.server.url("/a?token=secret");
  const std::string host = curl.server.address().to_string();
  curl.server.on_connection().expect_head().send(kAnswer).expect_head().send(kAnswer);
  CHECK(curl.get(url) == CURLE_OK);
  const std::string first = curl.document();
  CHECK(curl.get(url) == CURLE_OK);
  const std::string second = curl.document();
  CHECK(curl.server.connections() == 1);

  OwnClient own(curl.loop);
  const std::string ours = own.document(url);
  CHECK(outline(first) == "test(" + host + "(connect(dial) request response body))");
  CHECK(outline(first) == outline(ours));
  CHECK(outline(second) == "test(" + host + "(request response body))");
  CHECK(outline(second) == outline(own.document(url)));
  const std::string http = "\"http\":{\"request\":{\"method\":\"GET\",\"url\":\"http://" + host +
                           "/a\"},\"response\":{\"status\":200,\"content_length\":2}}";
  CHECK(ours.find(http) != std::string::npos);
  CHECK(first.find(http) != std::string::npos);
  CHECK(first.find("\"address\":\"" + host + "\",\"outcome\":\"ok\"") != std::string::npos);
  CHECK(second.find("\"reused\":true") != std::string::npos);
  CHECK((first + second).find("secret") == std::string::npos);
}

TEST_CASE("a request names its subsegment as the parent, before the application's own headers") {
  CurlFixture curl;
  curl.server.on_connection().expect_head().send(kAnswer).expect_head().send(kAnswer);
  curl_slist* own = curl_slist_append(nullptr, "X-Own: 1");
  curl_slist_append(own, "x-amzn-trace-id: Root=stale");
  curl_slist_append(own, "X-Last: 2");
  CHECK(curl.get(curl.server.url("/"), curl.segment.context(), {.headers = own}) == CURLE_OK);
  const std::string received = curl.server.received();
  const TraceHeader header = parse_trace_header(field_of(received, "X-Amzn-Trace-Id"));
  CHECK(header.root == curl.segment.trace_id());
  CHECK(header.sampled == Sampled::yes);
  CHECK(curl.document().find("\"id\":\"" + header.parent + "\"") != std::string::npos);
  CHECK(field_of(received, "X-Own") == "1");
  CHECK(field_of(received, "X-Last") == "2");
  CHECK(received.find("stale") == std::string::npos);

  // Afterwards the list is the handle's again, as the application wrote it.
  CHECK(curl.run(curl.easy.handle) == CURLE_OK);
  const std::string again = curl.server.received().substr(received.size());
  CHECK(field_of(again, "x-amzn-trace-id") == "Root=stale");
  CHECK(again.find("X-Amzn-Trace-Id") == std::string::npos);
  curl_slist_free_all(own);
}

TEST_CASE("each redirect is a subsegment beside the others, named by its own request") {
  CurlFixture curl;
  ScriptedServer target(curl.loop);
  for (int i = 0; i < 2; ++i) {
    curl.server.on_connection()
        .expect_head()
        .wait(20ms)
        .send(redirect_to("/b"))
        .expect_head()
        .send(redirect_to(target.url("/c?key=secret")));
    target.on_connection().expect_head().wait(10ms).send(kAnswer);
  }
  curl_easy_setopt(curl.easy.handle, CURLOPT_FOLLOWLOCATION, 1L);
  CHECK(curl.get(curl.server.url("/a")) == CURLE_OK);
  const std::string document = curl.document();
  const std::string host = curl.server.address().to_string();
  CHECK(outline(document) == "test(" + host + "(connect(dial) request response body) " + host +
                                 "(request response body) " + target.address().to_string() +
                                 "(connect(dial) request response body))");
  OwnClient own(curl.loop);
  CHECK(outline(document) == outline(own.document(curl.server.url("/a"))));
  const std::array<std::string, 3> sent = {
      field_of(curl.server.received(), "X-Amzn-Trace-Id", 0),
      field_of(curl.server.received(), "X-Amzn-Trace-Id", 1),
      field_of(target.received(), "X-Amzn-Trace-Id"),
  };
  std::size_t at = 0;
  for (const std::string& header : sent) {
    const std::size_t found = document.find(R"("id":")" + parse_trace_header(header).parent + "\"");
    REQUIRE(found != std::string::npos);
    CHECK(found > at);
    at = found;
  }
  CHECK(count_of(document, "\"status\":302,\"content_length\":0") == 2);
  CHECK(count_of(document, "\"status\":200,\"content_length\":2") == 1);
  CHECK(document.find("secret") == std::string::npos);
}

TEST_CASE("a request that was sent again on a new connection holds its attempts") {
  CurlFixture curl;
  curl.server.on_connection().expect_head().send(kAnswer).expect_head().close();
  curl.server.on_connection().expect_head().send(kAnswer);
  const std::string url = curl.server.url("/");
  CHECK(curl.get(url) == CURLE_OK);
  curl.document();
  CHECK(curl.get(url) == CURLE_OK);
  const std::string document = curl.document();
  CHECK(outline(document) == "test(" + curl.server.address().to_string() +
                                 "(Attempt:0(request response) "
                                 "Attempt:1(connect(dial) request response body)))");
  CHECK(document.find("\"empty_reply\"") != std::string::npos);
  for (int connection = 0; connection < 2; ++connection) {
    const std::string header = field_of(curl.server.received(static_cast<std::size_t>(connection)),
                                        "X-Amzn-Trace-Id", 1 - connection);
    CHECK(document.find(R"("id":")" + parse_trace_header(header).parent + "\"") !=
          std::string::npos);
  }
}

TEST_CASE("the time of each phase is where the time went") {
  CurlFixture curl;
  curl.server.on_connection()
      .expect_head()
      .wait(40ms)
      .send("HTTP/1.1 200 OK\r\n")
      .wait(30ms)
      .send("Content-Length: 2\r\n\r\nok");
  CHECK(curl.get(curl.server.url("/")) == CURLE_OK);
  const std::string document = curl.document();
  CHECK(length_of(document, "response") >= 0.039);
  CHECK(length_of(document, "body") >= 0.029);
  CHECK(seconds_of(document, "body", "start_time") == seconds_of(document, "response", "end_time"));
  CHECK(seconds_of(document, "response", "start_time") ==
        seconds_of(document, "request", "end_time"));
  CHECK(seconds_of(document, "test", "end_time") >= seconds_of(document, "body", "end_time"));
  CHECK(length_of(document, "connect") + length_of(document, "request") <
        length_of(document, "response") + length_of(document, "body"));
}

TEST_CASE("an upload's phases are recorded as far as they are known") {
  struct Upload {
    std::string_view rest;
    TracedCurl* told;
  };
  CurlFixture curl;
  const std::string body(300'000, 'x');
  Upload upload{.rest = body, .told = nullptr};
  CURL* const handle = curl.easy.handle;
  curl_easy_setopt(handle, CURLOPT_UPLOAD, 1L);
  curl_easy_setopt(handle, CURLOPT_EXPECT_100_TIMEOUT_MS, 1L);
  curl_easy_setopt(handle, CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(body.size()));
  curl_easy_setopt(handle, CURLOPT_READDATA, &upload);
  curl_easy_setopt(
      handle, CURLOPT_READFUNCTION, +[](char* to, std::size_t size, std::size_t count, void* data) {
        auto& source = *static_cast<Upload*>(data);
        const std::size_t most = std::min(size * count, source.rest.size());
        source.rest.copy(to, most);
        source.rest.remove_prefix(most);
        if (source.rest.empty() && source.told != nullptr) {
          source.told->body_was_sent();
        }
        return most;
      });
  curl_easy_setopt(handle, CURLOPT_HEADERDATA, &upload);
  curl_easy_setopt(
      handle, CURLOPT_HEADERFUNCTION,
      +[](char* line, std::size_t size, std::size_t count, void* data) {
        const auto& source = *static_cast<Upload*>(data);
        const std::string_view text(line, size * count);
        if (source.told != nullptr && text.starts_with("HTTP/1.1 200")) {
          source.told->answer_has_begun();
        }
        return size * count;
      });
  for (TracedCurl* told : {static_cast<TracedCurl*>(nullptr), &curl.traced}) {
    upload = {.rest = body, .told = told};
    curl.server.on_connection()
        .expect_head()
        .expect_bytes(body.size())
        .wait(20ms)
        .send(kAnswer)
        .close();
    CHECK(curl.get(curl.server.url("/put")) == CURLE_OK);
    const std::string document = curl.document();
    const bool is_known = told != nullptr || curl_running_version() >= 0x080a00;
    const std::string phases = is_known ? " request response body" : "";
    CHECK(outline(document) ==
          "test(" + curl.server.address().to_string() + "(connect(dial)" + phases + "))");
    CHECK((document.find("\"untold\":\"request, response, body\"") == std::string::npos) ==
          is_known);
    CHECK(document.find("\"method\":\"PUT\"") != std::string::npos);
    if (is_known) CHECK(length_of(document, "response") >= 0.019);
  }
}

TEST_CASE("a small body that is sent with its head leaves no phase untold") {
  CurlFixture curl;
  curl_easy_setopt(curl.easy.handle, CURLOPT_POSTFIELDS, "{\"a\":1}");
  curl.server.on_connection().expect("{\"a\":1}").wait(10ms).send(kAnswer);
  CHECK(curl.get(curl.server.url("/post")) == CURLE_OK);
  const std::string document = curl.document();
  CHECK(outline(document) ==
        "test(" + curl.server.address().to_string() + "(connect(dial) request response body))");
  CHECK(length_of(document, "response") >= 0.009);
}

TEST_SUITE_END();

}  // namespace xtrace::testing::curl_test
