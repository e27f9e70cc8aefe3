#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <xtrace/emitter.h>
#include <xtrace/tracer.h>

#include "adapters/curl_fixture.h"

namespace xtrace::testing::curl_handles_test {

namespace {

constexpr const char* kAnswer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

}  // namespace

TEST_SUITE_BEGIN("adapters/curl_handles");

TEST_CASE("what newer versions of libcurl tell is understood") {
  const EasyHandle easy;
  CurlLeg leg;
  leg.name = "192.0.2.1";
  leg.method = "PUT";
  leg.request.emplace(Url::parse("https://192.0.2.1/").value());
  const Tick begun = std::chrono::steady_clock::now();
  CurlTransfer transfer{.handle = easy.handle, .begun = {.wall = {}, .tick = begun}};
  transfer.over = begun + 500ms;  // the application came late for the end
  transfer.legs = {&leg, 1};
  CurlProgress& end = transfer.progress;
  end.total = 100ms;
  const auto timeline = [&transfer] { return CurlReader(transfer).tell(0).exchange.timeline; };

  SUBCASE("when a large body has left") {
    leg.is_ready = true;
    leg.status = 200;
    leg.ready = begun + 30ms;
    leg.at_ready = {.lookup = 1us, .connect = 4ms, .handshake = 10ms, .connects = 1};
    end.head_sent = 12ms;
    end.body_sent = 40ms;
    end.first_byte = 60ms;
    end.header_bytes = 90;
    transfer.uploaded = 1 << 20;
    const Timeline told = timeline();
    CHECK(*told.find(Phase::queue) == Span{0ms, 20ms});
    CHECK(*told.find(Phase::connect) == Span{20ms, 30ms});
    CHECK(told.dials[0].span == Span{20ms + 1us, 24ms});
    CHECK(*told.find(Phase::tls) == Span{24ms, 30ms});
    CHECK(*told.find(Phase::request) == Span{30ms, 60ms});
    CHECK(*told.find(Phase::response) == Span{60ms, 80ms});
    CHECK(*told.find(Phase::body) == Span{80ms, 120ms});
    CHECK(told.total == 120ms);
    end.first_byte = 20ms;
    const Timeline early = timeline();
    CHECK(early.early_response);
    CHECK(*early.find(Phase::response) == Span{40ms, 40ms});
    CHECK(*early.find(Phase::body) == Span{40ms, 120ms});
  }
  SUBCASE("when it was connected, where the handshake failed") {
    transfer.result = CURLE_SSL_CONNECT_ERROR;
    end.lookup = 1us;
    end.connect = 4ms;
    end.handshake = 1us;
    end.connects = 1;
    end.first_byte = 100ms;
    const Timeline told = timeline();
    CHECK(*told.find(Phase::tls) == Span{4ms, 100ms, Outcome::error});
    CHECK(told.dials[0].span == Span{1us, 4ms});
    CHECK(told.error->phase == Phase::tls);
    CHECK(told.find(Phase::request) == nullptr);
  }
  SUBCASE("that nothing was connected") {
    transfer.result = CURLE_COULDNT_CONNECT;
    end.lookup = 1us;
    end.connect = 1us;
    end.head_sent = end.first_byte = 100ms;
    const Timeline told = timeline();
    CHECK(told.error->phase == Phase::dial);
    CHECK(told.dials[0].span == Span{1us, 100ms, Outcome::error});
    CHECK(told.dials[0].error == told.error);
  }
  SUBCASE("that it waited too long for another's connection") {
    transfer.result = CURLE_OPERATION_TIMEDOUT;
    const Timeline told = timeline();
    CHECK(told.error->code == Error::Code::pool_timeout);
    CHECK(*told.find(Phase::queue) == Span{0ms, 100ms, Outcome::timeout});
    CHECK(told.find(Phase::connect) == nullptr);
  }
}

TEST_CASE("the wait for another transfer's connection is told, and is no phase") {
  CurlFixture curl;
  const EasyHandle other;
  TracedCurl second(other.handle);
  curl_multi_setopt(curl.multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, 1L);
  curl.server.on_connection().expect_head().wait(30ms).send(kAnswer).expect_head().send(kAnswer);
  const std::string url = curl.server.url("/");
  curl_easy_setopt(other.handle, CURLOPT_URL, url.c_str());
  curl_easy_setopt(curl.easy.handle, CURLOPT_URL, url.c_str());
  curl.traced.begin(curl.segment.context());
  curl_multi_add_handle(curl.multi, curl.easy.handle);
  second.begin(curl.segment.context());
  second.finish(curl.run(other.handle));
  curl.traced.finish(CURLE_OK);
  curl_multi_remove_handle(curl.multi, curl.easy.handle);
  const std::string document = curl.document();
  const std::size_t waited = document.find("\"queue_ms\":");
  REQUIRE(waited != std::string::npos);
  CHECK(std::stod(document.substr(waited + 11)) >= 29);
  CHECK(outline(document) == "test(" + curl.server.address().to_string() +
                                 "(request response body) " + curl.server.address().to_string() +
                                 "(connect(dial) request response body))");
}

TEST_CASE("a transfer that is never finished is recorded as cancelled, once") {
  CurlFixture curl;
  CURL* const handle = curl.easy.handle;
  curl.server.on_connection().expect_head().send(kAnswer).expect_head().silent();
  CHECK(curl.get(curl.server.url("/")) == CURLE_OK);
  curl.traced.finish(CURLE_OK);
  CHECK(count_of(curl.document(), "\"namespace\":\"remote\"") == 1);

  SUBCASE("under way") {
    auto traced = std::make_unique<TracedCurl>(handle);
    traced->begin(curl.segment.context());
    CHECK(traced->is_running());
    curl_multi_add_handle(curl.multi, handle);
    while (count_of(curl.server.received(), "\r\n\r\n") < 2) curl.turn();
    curl_multi_remove_handle(curl.multi, handle);
    traced.reset();
    const std::string document = curl.document();
    CHECK(outline(document) == "test(" + curl.server.address().to_string() + "(request response))");
    CHECK(has(document, type("cancelled")));
  }
  SUBCASE("never performed") {
    curl.traced.begin(curl.segment.context());
    curl.traced.begin(curl.segment.context());
    curl.traced.abort();
    const std::string document = curl.document();
    CHECK(outline(document) == "test(" + curl.server.address().to_string() + " " +
                                   curl.server.address().to_string() + ")");
    CHECK(count_of(document, type("cancelled")) == 2);
  }
  SUBCASE("reset before it was finished") {
    curl.traced.begin(curl.segment.context());
    curl_easy_reset(handle);
    curl.traced.finish(CURLE_OK);
    CHECK(outline(curl.document()) == "test(libcurl)");
  }
}

TEST_CASE("what is not sampled is sent on and not recorded, and without a trace nothing is") {
  CurlFixture curl;
  curl.server.on_connection().expect_head().send(kAnswer).expect_head().send(kAnswer);
  CHECK(curl.get(curl.server.url("/"), SegmentContext()) == CURLE_OK);
  CHECK(!has(curl.server.received(), "X-Amzn-Trace-Id"));
  TracerConfig config;
  config.emitter = std::make_shared<NullEmitter>();
  Tracer tracer{finalize_config(std::move(config)).value()};
  const Segment unsampled = tracer.begin_segment(
      "test", parse_trace_header("Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=0"));
  CHECK(curl.get(curl.server.url("/"), unsampled.context()) == CURLE_OK);
  const std::string header = field_of(curl.server.received(), "X-Amzn-Trace-Id");
  CHECK(header.starts_with("Root=1-5759e988-bd862e3fe1be46a994272793"));
  CHECK(header.ends_with("Sampled=0"));
  CHECK(!has(curl.document(), "subsegments"));
}

TEST_CASE("many handles, their duplicates and easy transfers each record themselves") {
  CurlFixture curl;
  std::vector<std::unique_ptr<EasyHandle>> handles;
  std::vector<std::unique_ptr<TracedCurl>> traced;
  int calls = 0;
  const CurlOwn own = {.headers = nullptr,
                       .on_ready =
                           [](void* count, char*, char*, int, int) {
                             ++*static_cast<int*>(count);
                             return CURL_PREREQFUNC_OK;
                           },
                       .ready_data = &calls};
  curl.server.on_connection().expect_head().wait(1ms).send(kAnswer).close();
  const std::string url = curl.server.url("/");
  for (int i = 0; i < 5; ++i) {
    handles.push_back(std::make_unique<EasyHandle>());
    CURL*& handle = handles.back()->handle;
    if (i > 0) {
      curl_easy_cleanup(handle);
      handle = curl_easy_duphandle(handles[0]->handle);
    }
    curl_easy_setopt(handle, CURLOPT_URL, url.c_str());
    traced.push_back(std::make_unique<TracedCurl>(handle));
  }
  for (std::size_t i = 0; i < handles.size(); ++i) {
    traced[i]->begin(curl.segment.context(), own);
    curl_multi_add_handle(curl.multi, handles[i]->handle);
  }
  std::size_t left = handles.size();
  while (left > 0) {
    curl.turn();
    int queued = 0;
    while (const CURLMsg* message = curl_multi_info_read(curl.multi, &queued)) {
      for (std::size_t i = 0; i < handles.size(); ++i) {
        if (handles[i]->handle == message->easy_handle) traced[i]->finish(message->data.result);
      }
      --left;
    }
  }
  CHECK(calls == 5);
  const std::string document = curl.document();
  CHECK(count_of(document, "\"namespace\":\"remote\"") == 5);
  for (std::size_t i = 0; i < handles.size(); ++i) {
    const std::string header = field_of(curl.server.received(i), "X-Amzn-Trace-Id");
    CHECK(has(document, "\"id\":\"" + parse_trace_header(header).parent + "\""));
    curl_multi_remove_handle(curl.multi, handles[i]->handle);
  }
  std::atomic<bool> is_done = false;
  std::thread blocked([&] {
    CHECK(traced[0]->perform(curl.segment.context()) == CURLE_OK);
    is_done = true;
  });
  curl.loop.run_until_threads([&is_done] { return is_done.load(); });
  blocked.join();
  CHECK(calls == 5);
  CHECK(count_of(curl.document(), "\"namespace\":\"remote\"") == 1);
}

TEST_SUITE_END();

}  // namespace xtrace::testing::curl_handles_test
