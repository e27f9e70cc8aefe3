#include <atomic>
#include <thread>

#include "net/socket_fixture.h"
#include "net/tls_context.h"
#include "net/tls_fixture.h"

namespace xtrace::testing::tls_resumption_test {

namespace {

using Context = std::shared_ptr<const TlsContext>;
using Memory = std::shared_ptr<TlsServerMemory>;
using Names = TlsServerMemory::Names;

const HandshakeOptions kPeer = {.host = "api.example.com", .server_name = {}, .port = 443};

Memory memory_of(Names names) {
  return std::make_shared<TlsServerMemory>(names);
}

/// Shakes hands with a new server, exchanges a word and closes.
TlsInfo meet(const Context& context, const Memory& memory, const HandshakeOptions& options = kPeer,
             const std::string& client_ca = {}) {
  TlsPair pair({.identity = good_identity(), .client_ca = client_ca, .memory = memory});
  pair.start(context, options);
  pair.carry_until([&pair] { return pair.is_done() && pair.server.is_shaken; });
  REQUIRE_FALSE(pair.error.has_value());
  Reader reader;
  reader.read(*pair.stream);
  pair.server.send("hello");
  pair.carry_until([&reader] { return reader.text == "hello"; });
  return pair.info;
}

Context context_that(bool resumes_sessions) {
  const TemporaryFile ca(test_ca().certificate);
  return context_of({.ca_file = ca.path(), .resumes_sessions = resumes_sessions});
}

}  // namespace

TEST_SUITE("net/tls_resumption") {
  TEST_CASE("the second handshake continues the session and tells what the first one found out") {
    const Context context = context_trusting(test_ca().certificate);
    const Memory memory = memory_of(Names::tickets);
    const TlsInfo first = meet(context, memory);
    CHECK_FALSE(first.resumed);
    for (int round = 0; round < 2; ++round) {
      TlsInfo again = meet(context, memory);
      CHECK(again.resumed);
      CHECK(again.verified);
      again.resumed = false;
      CHECK(again == first);
    }
  }

  TEST_CASE("a session without ticket is continued by its id") {
    const Context context = context_trusting(test_ca().certificate);
    const Memory memory = memory_of(Names::session_ids);
    CHECK_FALSE(meet(context, memory).resumed);
    CHECK(meet(context, memory).resumed);
    CHECK(meet(context, memory).resumed);
  }

  TEST_CASE(
      "a server that has forgotten the session gets a whole handshake, and the next one not") {
    Names names = Names::tickets;
    SUBCASE("by ticket") {}
    SUBCASE("by id") {
      names = Names::session_ids;
    }
    const Context context = context_trusting(test_ca().certificate);
    CHECK_FALSE(meet(context, memory_of(names)).resumed);
    const Memory other = memory_of(names);
    const TlsInfo info = meet(context, other);
    CHECK_FALSE(info.resumed);
    CHECK(info.verified);
    CHECK(context->sessions()->size() == 1);
    CHECK(meet(context, other).resumed);
  }

  TEST_CASE("a context that does not resume offers no session and asks for no ticket") {
    const Context context = context_that(false);
    const Memory memory = memory_of(Names::tickets);
    CHECK_FALSE(meet(context, memory).resumed);
    CHECK_FALSE(meet(context, memory).resumed);
    CHECK(context->sessions() == nullptr);

    const auto hello_size = [](const Context& of) {
      TlsPair pair;
      pair.start(of, kPeer);
      return pair.inner->pending.size();
    };
    constexpr std::size_t kExtensionSize = 4;
    CHECK(hello_size(context_that(true)) == hello_size(context) + kExtensionSize);
  }

  TEST_CASE("a session is continued with the same host, port and server name only") {
    const Context context = context_trusting(test_ca().certificate);
    const Memory memory = memory_of(Names::tickets);
    const HandshakeOptions other_port = {.host = kPeer.host, .server_name = {}, .port = 8443};
    const HandshakeOptions other_name = {
        .host = kPeer.host, .server_name = "a.wild.example", .port = 443};
    const HandshakeOptions other_host = {
        .host = "b.wild.example", .server_name = "api.example.com", .port = 443};
    CHECK_FALSE(meet(context, memory).resumed);
    for (const auto& options : {other_port, other_name, other_host}) {
      CHECK_FALSE(meet(context, memory, options).resumed);
      CHECK(meet(context, memory, options).resumed);
    }
    CHECK(meet(context, memory).resumed);
    CHECK(context->sessions()->size() == 4);
  }

  TEST_CASE("two contexts share no session") {
    const Context one = context_trusting(test_ca().certificate);
    const Context two = context_trusting(test_ca().certificate);
    const Memory memory = memory_of(Names::tickets);
    CHECK_FALSE(meet(one, memory).resumed);
    CHECK_FALSE(meet(two, memory).resumed);
    CHECK(meet(one, memory).resumed);
  }

  TEST_CASE("a session with a peer that nobody verified stays unverified") {
    const Context context = context_of({.accept_any_certificate = true});
    const Memory memory = memory_of(Names::tickets);
    CHECK_FALSE(meet(context, memory).verified);
    const TlsInfo again = meet(context, memory);
    CHECK(again.resumed);
    CHECK_FALSE(again.verified);
    CHECK(again.peer_subject == "CN=api.example.com, O=xtrace tests");
  }

  TEST_CASE("a session is not offered again when the handshake that offered it came to nothing") {
    const Context context = context_trusting(test_ca().certificate);
    const Memory memory = memory_of(Names::tickets);
    meet(context, memory);
    REQUIRE(context->sessions()->size() == 1);
    TlsPair pair({.identity = good_identity(), .memory = memory});
    pair.start(context, kPeer);
    pair.inner->accept_all();
    SUBCASE("by an alert") {
      pair.inner->deliver(std::string("\x15\x03\x03\x00\x02\x02\x28", 7));
    }
    SUBCASE("by its end") {
      pair.inner->deliver_end();
    }
    SUBCASE("by an error below") {
      pair.inner->deliver_error({Error::Code::receive_failed, Phase::response, "read from x"});
    }
    REQUIRE(pair.error.has_value());
    CHECK(context->sessions()->size() == 0);
  }

  TEST_CASE("a peer that refuses the session and is not whom we trust is not kept") {
    const Context context = context_trusting(test_ca().certificate);
    meet(context, memory_of(Names::tickets));
    const Identity stranger =
        self_sign({.common_name = "api.example.com", .dns_names = {"api.example.com"}});
    TlsPair pair({.identity = stranger, .memory = memory_of(Names::tickets)});
    pair.start(context, kPeer);
    pair.carry_until([&pair] { return pair.is_done(); });
    REQUIRE(pair.error.has_value());
    CHECK(pair.error->code == Error::Code::cert_self_signed);
    CHECK(context->sessions()->size() == 0);
  }

  TEST_CASE("threads share a context, its key and its sessions") {
    const Identity client = issue({.common_name = "a client", .is_for_clients = true}, test_ca());
    const TemporaryFile ca(test_ca().certificate);
    const TemporaryFile both(client.key + client.certificate);
    const Context context = context_of({.ca_file = ca.path(), .certificate_file = both.path()});
    const Memory memory = memory_of(Names::tickets);
    std::atomic<int> whole{0};
    std::atomic<int> resumed{0};
    const auto work = [&](std::uint16_t port) {
      for (int round = 0; round < 4; ++round) {
        const HandshakeOptions options = {
            .host = kPeer.host, .server_name = {}, .port = round % 2 == 0 ? kPeer.port : port};
        ++(meet(context, memory, options, test_ca().certificate).resumed ? resumed : whole);
      }
    };
    std::thread other([&work] { work(1); });
    work(2);
    other.join();
    CHECK(whole >= 3);
    CHECK(resumed >= 3);
    CHECK(whole + resumed == 8);
  }
}

}  // namespace xtrace::testing::tls_resumption_test
