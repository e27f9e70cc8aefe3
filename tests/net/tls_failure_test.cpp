#include <algorithm>

#include "net/socket_fixture.h"
#include "net/tls_fixture.h"
#include "net/tls_library.h"

namespace xtrace::testing::tls_failure_test {

namespace {

std::string alert_record(char alert) {
  return std::string("\x15\x03\x03\x00\x02\x02", 6) + alert;
}

/// The error of a handshake that is answered with `bytes` and then, unless it failed before, the
/// end.
std::optional<Error> error_after(const std::string& bytes) {
  TlsPair pair;
  pair.start(context_trusting(test_ca().certificate));
  pair.inner->accept_all();
  if (!bytes.empty()) pair.inner->deliver(bytes);
  if (!pair.is_done()) pair.inner->deliver_end();
  REQUIRE(pair.is_done());
  CHECK(pair.inner == nullptr);
  return pair.error;
}

/// What a server sends first, in answer to this very client.
std::string first_flight(TlsPair& pair) {
  pair.start(context_trusting(test_ca().certificate));
  pair.carry_up();
  return pair.server.take_output();
}

}  // namespace

TEST_SUITE("net/tls_failure") {
#if MBEDTLS_VERSION_MAJOR < 3
  TEST_CASE("a server that speaks at most TLS 1.1 fails with tls_version") {
    TlsPair pair({.identity = good_identity(), .is_old = true});
    pair.start(context_trusting(test_ca().certificate));
    pair.carry_until([&pair] { return pair.is_done(); });
    REQUIRE(pair.error.has_value());
    CHECK(pair.error->code == Error::Code::tls_version);
    CHECK(pair.error->message.find("this build speaks TLS 1.2 at most") != std::string::npos);
  }
#endif

  TEST_CASE("the alert protocol_version fails with tls_version") {
    const auto error = error_after(alert_record(70));
    REQUIRE(error.has_value());
    CHECK(error->code == Error::Code::tls_version);
    CHECK(error->phase == Phase::tls);
    CHECK(error->message.find("refuses every version offered") != std::string::npos);
  }

  TEST_CASE("any other alert is named") {
    const auto error = error_after(alert_record(112));
    REQUIRE(error.has_value());
    CHECK(error->code == Error::Code::tls_handshake);
    CHECK(error->message ==
          "TLS handshake with api.example.com: the server answered with the alert "
          "unrecognized_name");
  }

  TEST_CASE("a server that does not speak http/1.1 is said not to") {
    TlsPair pair({.identity = good_identity(), .protocols = {"h2"}});
    pair.start(context_trusting(test_ca().certificate));
    pair.carry_until([&pair] { return pair.is_done(); });
    REQUIRE(pair.error.has_value());
    CHECK(pair.error->message.find("it does not speak http/1.1") != std::string::npos);
  }

#if MBEDTLS_VERSION_MAJOR < 3
  TEST_CASE("a server that picks a protocol nobody offered fails the handshake") {
    TlsPair pair;
    std::string flight = first_flight(pair);
    const std::size_t at = flight.find("http/1.1");
    REQUIRE(at != std::string::npos);
    flight[at + 7] = '0';
    pair.inner->deliver(flight);
    REQUIRE(pair.error.has_value());
    CHECK(pair.error->code == Error::Code::tls_handshake);
  }
#endif

  TEST_CASE("an answer that is not TLS is quoted") {
    const auto error = error_after("HTTP/1.1 400 Bad Request\r\n\r\n");
    REQUIRE(error.has_value());
    CHECK(error->code == Error::Code::tls_handshake);
    CHECK(error->message.find("does not speak TLS on this port") != std::string::npos);
    CHECK(error->message.find("\"HTTP/1.1 400 Bad\"") != std::string::npos);
  }

  TEST_CASE("garbage in the shape of TLS fails the handshake") {
    const auto error = error_after(std::string("\x16\x03\x03\x00\x04\x02\x00\x00\x00", 9));
    REQUIRE(error.has_value());
    CHECK(error->code == Error::Code::tls_handshake);
  }

  TEST_CASE("a server that has not the certificate's key fails the handshake") {
    const Identity thief = {good_identity().certificate, test_ca().key};
    TlsPair pair({.identity = thief});
    pair.start(context_trusting(test_ca().certificate));
    pair.carry_until([&pair] { return pair.is_done(); });
    REQUIRE(pair.error.has_value());
    CHECK(pair.error->code == Error::Code::tls_handshake);
  }

  TEST_CASE("an end in the handshake is tls_closed, wherever it comes") {
    for (const std::size_t cut : {std::size_t{0}, std::size_t{1}, std::size_t{5}, std::size_t{6},
                                  std::size_t{200}, std::string::npos}) {
      CAPTURE(cut);
      TlsPair pair;
      std::string flight = first_flight(pair);
      REQUIRE(flight.size() > 200);
      flight.resize(std::min(cut, flight.size() - 1));
      if (!flight.empty()) pair.inner->deliver(flight);
      REQUIRE_FALSE(pair.is_done());
      pair.inner->deliver_end();
      REQUIRE(pair.error.has_value());
      CHECK(pair.error->code == Error::Code::tls_closed);
      CHECK(pair.error->phase == Phase::tls);
      CHECK(pair.error->message.find("without an answer") ==
            (cut == 0 ? pair.error->message.size() - 17 : std::string::npos));
    }
  }

  TEST_CASE("a reset in the handshake is tls_closed, on reading and on writing") {
    TlsPair pair;
    pair.start(context_trusting(test_ca().certificate));
    const Error reset{Error::Code::receive_failed, Phase::response, "read from x: reset"};
    SUBCASE("reading") {
      pair.inner->deliver_error(reset);
    }
    SUBCASE("writing") {
      pair.inner->fail_write(reset);
    }
    REQUIRE(pair.error.has_value());
    CHECK(pair.error->code == Error::Code::tls_closed);
    CHECK(pair.error->phase == Phase::tls);
    CHECK(pair.error->message == "TLS handshake with api.example.com: read from x: reset");
    CHECK(pair.times_told == 1);
  }

  TEST_CASE("a name that does not fit SNI fails on a later turn") {
    TlsPair pair;
    pair.start(context_trusting(test_ca().certificate),
               {.host = std::string(300, 'a'), .server_name = {}});
    CHECK_FALSE(pair.is_done());
    pair.loop.spin();
    REQUIRE(pair.error.has_value());
    CHECK(pair.error->code == Error::Code::tls_handshake);
  }

  TEST_CASE("a handshake destroyed at any moment closes the stream and tells nobody") {
    TlsPair pair;
    SUBCASE("before anything was sent") {
      pair.start(context_trusting(test_ca().certificate));
    }
    SUBCASE("after the ClientHello") {
      pair.start(context_trusting(test_ca().certificate));
      pair.inner->accept_all();
    }
    SUBCASE("inside the server's flight") {
      const std::string flight = first_flight(pair);
      pair.inner->deliver(flight.substr(0, flight.size() / 2));
    }
    SUBCASE("before the server's last message") {
      const std::string flight = first_flight(pair);
      pair.inner->deliver(flight);
      if (pair.is_done()) return;  // in TLS 1.3 that flight was the last message
      pair.carry_up();
    }
    SUBCASE("with a failure about to be told") {
      pair.start(context_trusting(test_ca().certificate),
                 {.host = std::string(300, 'a'), .server_name = {}});
    }
    pair.handshake.reset();
    CHECK(pair.inner == nullptr);
    pair.loop.spin();
    CHECK(pair.times_told == 0);
  }

  TEST_CASE("a stream destroyed inside its own callback tells nothing more") {
    TlsPair pair;
    pair.shake();
    int pieces = 0;
    SUBCASE("of reading") {
      pair.stream->start_reading([&pair, &pieces](Expected<std::span<const std::byte>>) {
        ++pieces;
        pair.stream.reset();
        return Flow::proceed;
      });
      pair.server.send("one");
      pair.server.send("two");
      pair.carry_until([&pair] { return pair.inner == nullptr; });
    }
    SUBCASE("of reading what was kept") {
      pair.stream->start_reading([&pair, &pieces](Expected<std::span<const std::byte>>) {
        if (++pieces == 2) pair.stream.reset();
        return Flow::pause;
      });
      pair.server.send("one");
      pair.server.send("two");
      pair.carry_until([&pieces] { return pieces == 1; });
      pair.stream->resume();
      pair.loop.spin();
      --pieces;
    }
    SUBCASE("of writing") {
      const std::string text = "text";
      pair.stream->write(bytes_of(text), [&pair, &pieces](Expected<void>) {
        ++pieces;
        pair.stream.reset();
      });
      pair.inner->accept_all();
    }
    CHECK(pieces == 1);
    CHECK(pair.inner == nullptr);
  }

  TEST_CASE("the owner of a handshake may drop everything when it is told") {
    TlsPair pair;
    std::unique_ptr<Handshake> handshake;
    auto inner = std::make_unique<FakeStream>();
    FakeStream& fake = *inner;
    bool is_told = false;
    handshake = shake_hands(pair.loop, context_trusting(test_ca().certificate), std::move(inner),
                            {.host = "api.example.com", .server_name = {}},
                            [&handshake, &is_told](const Expected<TlsSession>& session) {
                              is_told = !session.has_value();
                              handshake.reset();
                            });
    fake.deliver_end();
    CHECK(is_told);
  }
}

}  // namespace xtrace::testing::tls_failure_test
