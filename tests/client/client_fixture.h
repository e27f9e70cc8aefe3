#pragma once

/// `ClientFixture` is what every test of an attempt needs: a loop, a fake resolver, a scripted
/// server, and the result.

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <doctest/doctest.h>

#include <xtrace/client.h>

#include "client/attempt.h"
#include "support/fake_resolver.h"
#include "support/scripted_server.h"
#include "support/test_loop.h"

namespace xtrace::testing {

struct ClientFixture {
  TestLoop loop;
  FakeResolver resolver{loop};
  ScriptedServer server{loop};
  ClientConfig config;
  CallOptions options;
  std::shared_ptr<const TlsContext> tls;  ///< Set by `https_request`.
  std::unique_ptr<Attempt> attempt;
  std::optional<Exchange> result;

  Request request(std::string_view path = "/") const {
    Expected<Url> url = Url::parse(server.url(path));
    REQUIRE(url.has_value());
    return Request(std::move(url).value());
  }

  /// The server speaks no TLS, so this gets as far as the handshake.
  Request https_request() {
    auto context = make_tls_context({.accept_any_certificate = true});
    REQUIRE(context.has_value());
    tls = *context;
    return Request(Url::parse("https://" + server.address().to_string() + "/").value());
  }

  /// Starts without waiting.
  void start(Request what) {
    attempt = std::make_unique<Attempt>(
        AttemptContext{.loop = loop, .resolver = resolver, .config = config}, std::move(what),
        std::move(options), [this](Exchange exchange) { result = std::move(exchange); });
    attempt->start(tls);
  }

  /// Runs a request to its end.
  const Exchange& exchange(Request what) {
    start(std::move(what));
    loop.run_until([this] { return result.has_value(); });
    return *result;
  }

  const Exchange& get(std::string_view path = "/") { return exchange(request(path)); }

  /// The server answers the first request with `response` and closes.
  void answer(std::string response) {
    server.on_connection().expect_head().send(std::move(response)).close();
  }

  Error::Code code() const {
    REQUIRE(result.has_value());
    REQUIRE(result->error.has_value());
    return result->error->code;
  }
};

}  // namespace xtrace::testing
