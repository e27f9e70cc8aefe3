#pragma once

/// `TunnelFixture` is a tunnel that is being agreed on, with the test at the proxy's end.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <doctest/doctest.h>

#include "client/tunnel.h"
#include "support/fake_stream.h"
#include "support/test_loop.h"

namespace xtrace::testing {

/// How the proxy's words reach us.
enum class Pieces : std::uint8_t { whole, single };

struct TunnelFixture {
  TestLoop loop;
  TunnelRequest request;
  FakeStream* proxy = nullptr;  ///< Null once it is closed.
  std::unique_ptr<Tunnelling> tunnelling;
  std::optional<Expected<std::unique_ptr<Stream>>> result;
  int results = 0;

  explicit TunnelFixture(Proxy::Kind kind) {
    request.proxy = {.kind = kind, .host = "proxy.test", .port = 3128};
    request.host = "example.com";
    request.port = 443;
  }

  /// Begins, or begins anew.
  void open() {
    tunnelling.reset();
    result.reset();
    results = 0;
    auto stream = std::make_unique<FakeStream>();
    proxy = stream.get();
    proxy->on_destroyed = [this] { proxy = nullptr; };
    tunnelling = open_tunnel(loop, std::move(stream), request,
                             [this](Expected<std::unique_ptr<Stream>> stream_or_error) {
                               ++results;
                               result = std::move(stream_or_error);
                             });
  }

  /// What we said since the last call; the kernel takes it.
  std::string heard() {
    REQUIRE(proxy != nullptr);
    while (!proxy->pending.empty()) proxy->accept_all();
    return std::exchange(proxy->written, {});
  }

  /// The proxy speaks, in pieces, until the tunnel is open or has failed.
  void say(std::string_view words, Pieces pieces = Pieces::whole) {
    if (pieces == Pieces::whole) return proxy->deliver(words);
    for (const char& letter : words) {
      if (proxy == nullptr || result) return;
      proxy->deliver({&letter, 1});
    }
  }

  bool is_open() const { return result && result->has_value(); }

  const Error& error() {
    REQUIRE(result.has_value());
    REQUIRE_FALSE(result->has_value());
    CHECK(proxy == nullptr);
    CHECK(results == 1);
    CHECK(result->error().phase == Phase::proxy);
    return result->error();
  }

  /// Reads from the open tunnel into `text`.
  void read(std::string& text) {
    REQUIRE(is_open());
    (**result)->start_reading([&text](Expected<std::span<const std::byte>> piece) {
      text += piece ? std::string(reinterpret_cast<const char*>(piece->data()), piece->size())
                    : "error: " + piece.error().message;
      if (piece && piece->empty()) text += "<end>";
      return Flow::proceed;
    });
  }
};

}  // namespace xtrace::testing
