#pragma once

/// libcurl beside our own client, both on one loop with the servers they ask.

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include <doctest/doctest.h>

#include <xtrace/adapters/curl.h>
#include <xtrace/segment.h>
#include <xtrace/traced_client.h>

#include "support/scripted_server.h"
#include "support/test_loop.h"

namespace xtrace::testing {

using namespace std::chrono_literals;

/// The names of a document as a tree: `test(127.0.0.1:80(connect(dial)request response body))`.
inline std::string outline(std::string_view document) {
  constexpr std::string_view kName = "\"name\":\"";
  std::string tree;
  std::string brackets;
  for (std::size_t i = 0; i < document.size(); ++i) {
    const char c = document[i];
    if (c == '{' || c == '[') {
      const bool opens = document.substr(0, i).ends_with("\"subsegments\":");
      brackets += opens ? '(' : c;
      if (opens) tree += '(';
    } else if (c == '}' || c == ']') {
      if (brackets.back() == '(') tree += ')';
      brackets.pop_back();
    } else if (document.substr(i).starts_with(kName)) {
      const std::size_t end = document.find('"', i + kName.size());
      if (!tree.empty() && tree.back() != '(') tree += ' ';
      tree += document.substr(i + kName.size(), end - i - kName.size());
      i = end;
    }
  }
  return tree;
}

/// The value of a header field in a request, the `index`th of what was received.
inline std::string field_of(std::string_view received, std::string_view name, int index = 0) {
  std::size_t at = 0;
  const std::string wanted = "\r\n" + std::string(name) + ": ";
  for (int i = 0; i <= index; ++i) {
    at = received.find(wanted, at);
    if (at == std::string_view::npos) return {};
    at += wanted.size();
  }
  return std::string(received.substr(at, received.find("\r\n", at) - at));
}

inline bool has(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

/// As it stands in an exception of a document.
inline std::string type(std::string_view code) {
  return "\"type\":\"" + std::string(code) + "\"";
}

inline std::size_t count_of(std::string_view text, std::string_view part) {
  std::size_t count = 0;
  for (std::size_t at = 0; (at = text.find(part, at)) != std::string_view::npos; ++at) ++count;
  return count;
}

/// A time of the node of that name: `start_time` or `end_time`. The members of a node stand in one
/// order, so its times are the next ones behind its name.
inline double seconds_of(std::string_view document, std::string_view name, std::string_view key) {
  const std::size_t node = document.find("\"name\":\"" + std::string(name) + "\"");
  REQUIRE(node != std::string_view::npos);
  const std::size_t at = document.find("\"" + std::string(key) + "\":", node);
  return std::stod(std::string(document.substr(at + key.size() + 3, 20)));
}

inline double length_of(std::string_view document, std::string_view name) {
  return seconds_of(document, name, "end_time") - seconds_of(document, name, "start_time");
}

struct EasyHandle {
  EasyHandle() : handle(curl_easy_init()) {
    curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(handle, CURLOPT_PROXY, "");
    curl_easy_setopt(handle, CURLOPT_ERRORBUFFER, error.data());
    curl_easy_setopt(
        handle, CURLOPT_WRITEFUNCTION,
        +[](char*, std::size_t size, std::size_t count, void*) { return size * count; });
  }
  EasyHandle(const EasyHandle&) = delete;
  EasyHandle& operator=(const EasyHandle&) = delete;
  ~EasyHandle() { curl_easy_cleanup(handle); }

  CURL* handle;
  std::string error = std::string(CURL_ERROR_SIZE, '\0');
};

/// A multi handle that shares the thread with the servers it asks.
struct CurlFixture {
  CurlFixture() = default;
  CurlFixture(const CurlFixture&) = delete;
  CurlFixture& operator=(const CurlFixture&) = delete;
  ~CurlFixture() { curl_multi_cleanup(multi); }

  TestLoop loop;
  ScriptedServer server{loop};
  EasyHandle easy;
  TracedCurl traced{easy.handle};
  CURLM* multi = curl_multi_init();
  Segment segment = Segment::begin("test");

  /// Turns of loop and libcurl until the transfer is over.
  CURLcode run(CURL* handle) {
    curl_multi_add_handle(multi, handle);
    std::optional<CURLcode> result;
    const Tick limit = std::chrono::steady_clock::now() + 5s;
    while (!result) {
      if (std::chrono::steady_clock::now() > limit) FAIL("not within 5 s");
      turn();
      int left = 0;
      while (const CURLMsg* message = curl_multi_info_read(multi, &left)) {
        if (message->easy_handle == handle) result = message->data.result;
      }
    }
    curl_multi_remove_handle(multi, handle);
    return *result;
  }

  void turn() {
    int running = 0;
    curl_multi_perform(multi, &running);
    loop.spin(1);
    std::this_thread::yield();
  }

  CURLcode get(const std::string& url, const SegmentContext& parent, const CurlOwn& own = {}) {
    curl_easy_setopt(easy.handle, CURLOPT_URL, url.c_str());
    traced.begin(parent, own);
    const CURLcode result = run(easy.handle);
    traced.finish(result, easy.error.c_str());
    return result;
  }
  CURLcode get(const std::string& url) { return get(url, segment.context()); }

  /// The document of what was recorded since the last call of it.
  std::string document() {
    segment.end();
    std::string text = segment.documents().documents.at(0);
    segment = Segment::begin("test");
    return text;
  }
};

/// What our own client records of the same.
class OwnClient {
 public:
  explicit OwnClient(TestLoop& loop, const FinalizedClientConfig& config = plain())
      : loop_(loop), client_(loop, config) {}

  static FinalizedClientConfig plain() { return finalize_config({.proxy = ProxyConfig()}).value(); }

  std::string document(const std::string& url) {
    Segment segment = Segment::begin("test");
    bool is_done = false;
    const TracedCall call = traced_.start(segment.context(), Request(Url::parse(url).value()), {},
                                          [&is_done](const Exchange&) { is_done = true; });
    loop_.run_until([&is_done] { return is_done; });
    segment.end();
    return segment.documents().documents.at(0);
  }

 private:
  TestLoop& loop_;
  Client client_;
  TracedClient traced_{client_};
};

}  // namespace xtrace::testing
