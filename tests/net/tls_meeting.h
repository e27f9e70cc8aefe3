#pragma once

/// `Meeting` is our client and our server, each over a stream of which the test carries the bytes.

#include <string>
#include <string_view>
#include <utility>

#include <xtrace/tls_server.h>

#include "net/socket_fixture.h"
#include "net/tls_fixture.h"

namespace xtrace::testing {

using ServerContext = std::shared_ptr<const TlsServerContext>;
using ClientContext = std::shared_ptr<const TlsContext>;

struct ServerSpec {
  Identity identity = good_identity();
  std::string client_ca = {};
  TlsServerConfig config = {};
};

inline ServerContext serving(const ServerSpec& spec = {}) {
  const TemporaryFile both(spec.identity.key + spec.identity.certificate);
  const TemporaryFile client_ca(spec.client_ca);
  TlsServerConfig config = spec.config;
  config.certificate_file = both.path();
  if (!spec.client_ca.empty()) config.client_ca_file = client_ca.path();
  auto context = make_tls_server_context(config);
  REQUIRE(context.has_value());
  return *context;
}

/// A client that trusts the tests' CA, and shows `identity` if it has one.
inline ClientContext visiting(TlsConfig config = {}, const Identity& identity = {}) {
  const TemporaryFile ca(test_ca().certificate);
  const TemporaryFile both(identity.key + identity.certificate);
  config.ca_file = ca.path();
  if (!identity.key.empty()) config.certificate_file = both.path();
  return context_of(config);
}

struct Party {
  std::unique_ptr<FakeStream> make_inner() {
    auto fake = std::make_unique<FakeStream>();
    inner = fake.get();
    fake->on_destroyed = [this] {
      last_words = std::string(inner->pending);
      inner = nullptr;
    };
    return fake;
  }

  void finish(Expected<TlsSession> with) {
    ++times_told;
    if (const Error* failed = with.if_error()) {
      error = *failed;
    } else {
      stream = std::move(with->stream);
      info = std::move(with->info);
    }
  }

  bool is_done() const { return times_told > 0; }

  /// What it has to say, once it was said.
  std::string take() {
    if (inner == nullptr) return std::exchange(last_words, {});
    std::string bytes(inner->pending);
    if (!bytes.empty()) inner->accept_all();
    return bytes;
  }

  /// Bytes of the other one, `most` at once; then its end.
  void give(std::string_view bytes, std::size_t most, bool is_end) {
    arriving += bytes;
    if (inner == nullptr || !inner->is_reading) return;
    if (arriving.empty()) {
      if (is_end) inner->deliver_end();
      return;
    }
    const std::string piece = arriving.substr(0, most);
    arriving.erase(0, piece.size());
    inner->deliver(piece);
  }

  FakeStream* inner = nullptr;  // null once it was closed
  std::string last_words;       // what it was writing then
  std::string arriving;
  std::unique_ptr<Handshake> handshake;
  int times_told = 0;
  std::optional<Error> error;
  TlsInfo info;
  std::unique_ptr<Stream> stream;
};

struct Meeting {
  void start(const ServerContext& serves, const ClientContext& visits) {
    client.handshake = shake_hands(loop, visits, client.make_inner(),
                                   {.host = "api.example.com", .server_name = {}},
                                   [this](auto with) { client.finish(std::move(with)); });
    start_server(serves);
  }

  void start_server(const ServerContext& serves) {
    auto inner = server.make_inner();
    inner->remote = Address::from_ipv4({192, 0, 2, 7}, 4711);
    server.handshake = accept_tls(loop, serves, std::move(inner),
                                  [this](auto with) { server.finish(std::move(with)); });
  }

  /// One who does not read what arrived stops the other's writing.
  void carry() {
    const std::string up = server.arriving.empty() ? client.take() : "";
    server.give(up, most_at_once, client.inner == nullptr);
    const std::string down = client.arriving.empty() ? server.take() : "";
    client.give(down, most_at_once, server.inner == nullptr);
    loop.spin(1);
  }

  template <class Done>
  void carry_until(Done done) {
    for (int round = 0; !done(); ++round) {
      REQUIRE_MESSAGE(round < 100'000, "client and server wait for each other");
      carry();
    }
  }

  /// Both know how it went.
  void shake(const ServerContext& serves, const ClientContext& visits) {
    start(serves, visits);
    carry_until([this] { return client.is_done() && server.is_done(); });
  }

  bool is_good() const { return client.stream != nullptr && server.stream != nullptr; }

  TestLoop loop;
  Party client;
  Party server;
  std::size_t most_at_once = std::string::npos;
};

}  // namespace xtrace::testing
