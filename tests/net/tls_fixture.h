#pragma once

/// What the tests of TLS share: a CA, a client and a server whose bytes the test carries.

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <doctest/doctest.h>

#include "net/tls.h"
#include "support/fake_stream.h"
#include "support/scratch.h"
#include "support/test_loop.h"
#include "support/tls_server.h"

namespace xtrace::testing {

/// A file that is gone with the object.
class TemporaryFile {
 public:
  explicit TemporaryFile(std::string_view content) : path_(folder_.write("file", content)) {}

  const std::string& path() const { return path_; }

 private:
  Scratch folder_;
  std::string path_;
};

inline const Identity& test_ca() {
  static const Identity ca = self_sign({.common_name = "Test CA", .is_ca = true});
  return ca;
}

inline const Identity& good_identity() {
  static const Identity identity =
      issue({.common_name = "api.example.com", .dns_names = {"api.example.com", "*.wild.example"}},
            test_ca());
  return identity;
}

inline std::shared_ptr<const TlsContext> context_of(const TlsConfig& config) {
  auto context = make_tls_context(config);
  REQUIRE(context.has_value());
  return *context;
}

inline std::shared_ptr<const TlsContext> context_trusting(std::string_view ca) {
  const TemporaryFile file(ca);
  return context_of({.ca_file = file.path()});
}

/// A handshake, and what follows, between our client and a `TlsServer`.
struct TlsPair {
  explicit TlsPair(const TlsServerOptions& options = {.identity = good_identity()})
      : server(options) {}

  void start(std::shared_ptr<const TlsContext> context,
             const HandshakeOptions& options = {.host = "api.example.com", .server_name = {}}) {
    auto fake = std::make_unique<FakeStream>();
    inner = fake.get();
    fake->on_destroyed = [this] {
      last_words = std::string(inner->pending);
      inner = nullptr;
    };
    handshake = shake_hands(loop, std::move(context), std::move(fake), options,
                            [this](Expected<TlsSession> with) { finish(std::move(with)); });
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

  /// What the client wrote goes to the server.
  void carry_up() {
    if (inner == nullptr || inner->pending.empty()) return;
    const std::string bytes(inner->pending.substr(0, most_at_once));
    server.receive(bytes);
    inner->accept(bytes.size());
  }

  /// What the server wrote goes to the client, `most_at_once` bytes of it.
  void carry_down() {
    to_client += server.take_output();
    if (inner == nullptr || !inner->is_reading || to_client.empty()) return;
    const std::string bytes = to_client.substr(0, most_at_once);
    to_client.erase(0, bytes.size());
    inner->deliver(bytes);
  }

  template <class Done>
  void carry_until(Done done) {
    for (int round = 0; !done(); ++round) {
      REQUIRE_MESSAGE(round < 100'000, "client and server wait for each other");
      carry_up();
      carry_down();
      loop.spin(1);
    }
  }

  void shake() {
    start(context_trusting(test_ca().certificate));
    carry_until([this] { return is_done() && server.is_shaken; });
    REQUIRE_FALSE(error.has_value());
    REQUIRE(stream != nullptr);
  }

  TestLoop loop;
  TlsServer server;
  FakeStream* inner = nullptr;  // null once the client has closed it
  std::size_t most_at_once = std::string::npos;
  std::string to_client;
  std::string last_words;  // what the client was writing when it closed

  std::unique_ptr<Handshake> handshake;
  int times_told = 0;
  std::optional<Error> error;
  TlsInfo info;
  std::unique_ptr<Stream> stream;
};

/// The error of a handshake with a server that shows `identity`.
inline std::optional<Error> error_with(const Identity& identity,
                                       std::shared_ptr<const TlsContext> context,
                                       const std::string& host = "api.example.com") {
  TlsPair pair({.identity = identity});
  pair.start(std::move(context), {.host = host, .server_name = {}});
  pair.carry_until([&pair] { return pair.is_done(); });
  return pair.error;
}

}  // namespace xtrace::testing
