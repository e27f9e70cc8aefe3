#include <memory>
#include <string>
#include <thread>
#include <utility>

#include <doctest/doctest.h>

#include <xtrace/adapters/httplib.h>
#include <xtrace/emitter.h>
#include <xtrace/segment.h>
#include <xtrace/tracer.h>

// What examples/httplib cannot show: tests/adapters/httplib_check.py asks it.

namespace xtrace::httplib_test {

namespace {

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

httplib::Result answer_with(httplib::Response response) {
  return {std::make_unique<httplib::Response>(std::move(response)), httplib::Error::Success};
}

/// The document of one GET through `HttplibClient` that is answered so.
std::string document_of(const std::string& path, const httplib::Response& response) {
  httplib::Client client("http://127.0.0.1:1");
  HttplibClient traced(client, Url::parse("http://127.0.0.1:1").value());
  Segment segment = Segment::begin("test");
  traced.call(segment.context(), "GET", path,
              [&response](const httplib::Headers&) { return answer_with(response); });
  segment.end();
  return segment.documents().documents.at(0);
}

}  // namespace

TEST_SUITE_BEGIN("adapters/httplib");

TEST_CASE("a call is recorded as asked of its origin, whatever the path looks like") {
  httplib::Response fine;
  fine.status = 200;
  const std::string twice = document_of("//elsewhere/a?key=secret", fine);
  CHECK(has(twice, R"("name":"127.0.0.1:1")"));
  CHECK(has(twice, R"("url":"http://127.0.0.1:1//elsewhere/a")"));
  CHECK(has(document_of("http://elsewhere/a", fine), R"("name":"127.0.0.1:1")"));
}

TEST_CASE("only a length that httplib tells is recorded") {
  httplib::Response chunked;
  chunked.status = 200;
  CHECK(has(document_of("/", chunked), R"("response":{"status":200})"));
  chunked.body = "four";
  CHECK(has(document_of("/", chunked), R"("response":{"status":200,"content_length":4})"));
  chunked.set_header("Content-Encoding", "gzip");  // this body is what it was decoded to
  CHECK(has(document_of("/", chunked), R"("response":{"status":200})"));
  chunked.set_header("Content-Length", "3");
  CHECK(has(document_of("/", chunked), R"("response":{"status":200,"content_length":3})"));
}

TEST_CASE("an answer carries one trace header, also where the service passes one on") {
  TracerConfig config;
  config.emitter = std::make_shared<NullEmitter>();
  Tracer tracer{finalize_config(std::move(config)).value()};
  ServerTrace trace{tracer};
  httplib::Server server;
  trace_httplib_server(server, trace);
  server.Get("/", [](const httplib::Request&, httplib::Response& response) {
    response.set_header("X-Amzn-Trace-Id", "Root=another");
  });
  const int port = server.bind_to_any_port("127.0.0.1");
  REQUIRE(port > 0);
  std::thread thread([&server] { server.listen_after_bind(); });
  while (!server.is_running()) std::this_thread::yield();
  httplib::Client client("127.0.0.1", port);
  const httplib::Result asked = client.Get("/", {{"X-Amzn-Trace-Id", "Sampled=?"}});
  const httplib::Result silent = client.Get("/");
  server.stop();
  thread.join();
  REQUIRE(asked);
  CHECK(asked->get_header_value_count("X-Amzn-Trace-Id") == 1);
  CHECK(has(asked->get_header_value("X-Amzn-Trace-Id"), ";Sampled="));
  REQUIRE(silent);
  CHECK(silent->get_header_value("X-Amzn-Trace-Id") == "Root=another");
}

TEST_SUITE_END();

}  // namespace xtrace::httplib_test
