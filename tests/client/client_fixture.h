#pragma once

/// `ClientFixture` is what every test of a call needs: a loop, a fake resolver, a scripted
/// server, and the result.

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <doctest/doctest.h>

#include <xtrace/client.h>

#include "client/call_state.h"
#include "client/client_core.h"
#include "support/fake_resolver.h"
#include "support/scripted_server.h"
#include "support/test_loop.h"

namespace xtrace::testing {

struct ClientFixture {
  TestLoop loop;
  FakeResolver resolver{loop};
  ScriptedServer server{loop};
  ClientConfig config{.decoding = {.is_on = false}, .proxy = ProxyConfig()};
  CallOptions options;
  std::optional<ClientCore> core;  ///< Made with `config` by the first request.
  std::unique_ptr<CallState> call;
  std::optional<Exchange> result;

  Request request(std::string_view path = "/") const {
    Expected<Url> url = Url::parse(server.url(path));
    REQUIRE(url.has_value());
    return Request(std::move(url).value());
  }

  /// The server speaks no TLS, so this gets as far as the handshake.
  Request https_request() {
    config.tls.accept_any_certificate = true;
    return Request(Url::parse("https://" + server.address().to_string() + "/").value());
  }

  ClientCore& client() {
    if (!core) core.emplace(loop, finalize_config(config).value(), &resolver);
    return *core;
  }

  /// Starts without waiting.
  void start(Request what) {
    start(std::move(what), [this](Exchange exchange) { result = std::move(exchange); });
  }
  void start(Request what, Callback<void(Exchange)> on_done) {
    result.reset();
    call.reset();
    call = std::make_unique<CallState>(client(), std::move(what), std::move(options),
                                       std::move(on_done));
    client().begin_later(*call);
  }

  /// Ends the request as `Call::abort` does.
  Exchange abort() {
    return call->end({Error::Code::cancelled, Phase::none, "cancelled by the caller"});
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
