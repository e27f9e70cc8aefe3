#pragma once

/// A service of this process, traced, and the body of a streamed answer.

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include <xtrace/body.h>
#include <xtrace/http_server.h>
#include <xtrace/traced_server.h>

#include "server_trace_fixture.h"

namespace xtrace::testing {

/// A service: tracer, trace, server.
struct Service : TracedService {
  Service(Loop& loop, const std::string& name, TracedHandler handler, HttpServerConfig config = {})
      : TracedService(name), trace(tracer) {
    auto listening = HttpServer::listen(loop, config, traced_handler(trace, std::move(handler)));
    REQUIRE(listening.has_value());
    server = std::move(*listening);
  }

  std::string text(const std::string& path) const {
    return "http://" + server->address().to_string() + path;
  }
  Url url(const std::string& path) const { return Url::parse(text(path)).value(); }

  ServerTrace trace;
  std::unique_ptr<HttpServer> server;
};

/// Gives its pieces one by one.
class SlowSource final : public BodySource {
 public:
  explicit SlowSource(std::vector<std::string> pieces) : pieces_(std::move(pieces)) {}
  std::optional<std::uint64_t> size() const override { return std::nullopt; }
  void read(Callback<void(Expected<std::span<const std::byte>>)> on_read) override {
    if (next_ == pieces_.size()) return on_read(std::span<const std::byte>());
    on_read(std::as_bytes(std::span(pieces_[next_++])));
  }

 private:
  std::vector<std::string> pieces_;
  std::size_t next_ = 0;
};

}  // namespace xtrace::testing
