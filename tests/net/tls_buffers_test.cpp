#include "net/tls_buffers.h"

#include <algorithm>
#include <vector>

#include "net/socket_fixture.h"
#include "net/tls_fixture.h"

namespace xtrace::testing::tls_buffers_test {

namespace {

/// A client in TLS with `inside`, through TLS with `pair.server`, as with a proxy that is itself
/// reached by TLS.
struct Tunnel {
  Tunnel() {
    pair.shake();
    handshake = shake_hands(pair.loop, context_trusting(test_ca().certificate),
                            std::move(pair.stream), {.host = "api.example.com", .server_name = {}},
                            [this](Expected<TlsSession> with) {
                              REQUIRE(with.has_value());
                              stream = std::move(with->stream);
                            });
    carry_until([this] { return stream && inside.is_shaken; });
  }

  template <class Done>
  void carry_until(Done done) {
    pair.carry_until([&] {
      inside.receive(std::exchange(pair.server.received, {}));
      to_client += inside.take_output();
      while (!to_client.empty()) {
        const std::string piece = to_client.substr(0, kPiece);
        to_client.erase(0, piece.size());
        pair.server.send(piece);
      }
      return done();
    });
  }

  // Such that records of the inner TLS begin and end anywhere in those of the outer.
  static constexpr std::size_t kPiece = 10'000;

  TlsPair pair;
  TlsServer inside{{.identity = good_identity()}};
  std::string to_client;
  std::unique_ptr<Handshake> handshake;
  std::unique_ptr<Stream> stream;
};

}  // namespace

TEST_SUITE("net/tls_buffers") {
  TEST_CASE("memory that is given back is what the next one takes") {
    tls::Buffer first = tls::take_buffer();
    first.resize(5000);
    const auto* memory = first.data();
    tls::give_back(first);
    CHECK(first.capacity() == 0);
    tls::Buffer second = tls::take_buffer();
    CHECK(second.data() == memory);
    CHECK(second.empty());
    CHECK(second.capacity() >= 5000);
  }

  TEST_CASE("a thread keeps no more than it may") {
    constexpr std::size_t kPiece = 100'000;
    std::vector<tls::Buffer> buffers(2 * tls::kMostSpareBytes / kPiece);
    for (auto& buffer : buffers) buffer.reserve(kPiece);
    for (auto& buffer : buffers) tls::give_back(buffer);
    std::size_t kept = 0;
    for (auto& buffer : buffers) {
      buffer = tls::take_buffer();
      kept += buffer.capacity();
    }
    CHECK(kept >= tls::kMostSpareBytes / 2);
    CHECK(kept <= tls::kMostSpareBytes);
  }

  TEST_CASE("those who read at the same time have room of their own") {
    tls::PlainBuffer outer;
    tls::PlainBuffer inner;
    CHECK(outer.bytes().data() != inner.bytes().data());
    CHECK(outer.bytes().size() == tls::kMostPerRecord);
  }

  TEST_CASE("TLS inside TLS reads what was sent, wherever the records are cut") {
    std::string down(200'000, '\0');
    for (std::size_t i = 0; i < down.size(); ++i) down[i] = static_cast<char>(i * 7 / 64);
    Tunnel tunnel;
    Reader reader;
    reader.read(*tunnel.stream);
    tunnel.inside.send(down);
    tunnel.carry_until([&] { return reader.text.size() >= down.size() || reader.error; });
    CHECK_FALSE(reader.error.has_value());
    CHECK(reader.text == down);
  }
}

}  // namespace xtrace::testing::tls_buffers_test
