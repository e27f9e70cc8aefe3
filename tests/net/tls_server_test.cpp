#include <algorithm>
#include <array>
#include <thread>

#include "net/listener.h"
#include "net/tls_library.h"
#include "net/tls_meeting.h"
#include "support/tls_openssl.h"

namespace xtrace::testing::tls_server_test {

namespace {

const Identity& client_identity() {
  static const Identity identity =
      issue({.common_name = "a client", .is_for_clients = true}, test_ca());
  return identity;
}

/// What the server learns of one connection.
TlsInfo meet(const ServerContext& serves, const ClientContext& visits) {
  Meeting meeting;
  meeting.shake(serves, visits);
  REQUIRE(meeting.is_good());
  // With TLS 1.3 the ticket comes behind the handshake.
  Reader reader;
  reader.read(*meeting.client.stream);
  meeting.server.stream.reset();
  meeting.carry_until([&reader] { return reader.ended; });
  CHECK(meeting.client.info.resumed == meeting.server.info.resumed);
  CHECK(meeting.client.info.verified);
  return meeting.server.info;
}

struct OpensslVisit {
  std::string printed;
  std::string received;
  std::optional<Error> error;

  bool has(std::string_view words) const { return printed.find(words) != std::string::npos; }
};

/// OpenSSL's client types `text`, and is answered if that reaches the server.
OpensslVisit visit(const ServerContext& serves, std::vector<std::string> arguments,
                   std::string_view text) {
  TestLoop loop;
  Party server;
  const auto accept = [&](std::unique_ptr<Stream> stream) {
    server.handshake = accept_tls(loop, serves, std::move(stream),
                                  [&server](auto with) { server.finish(std::move(with)); });
  };
  auto listener = Listener::listen(
      loop, Address::from_ipv4({127, 0, 0, 1}, 0),
      {.may_accept = [] { return true; }, .on_stream = accept, .on_failure = [] {}});
  REQUIRE(listener.has_value());
  const TemporaryFile ca(test_ca().certificate);
  const std::vector<std::string> checks = {"-CAfile", ca.path(), "-verify_return_error",
                                           "-verify_hostname", "api.example.com"};
  arguments.insert(arguments.end(), checks.begin(), checks.end());
  OpensslClient client((*listener)->address(), arguments);
  loop.run_until([&server] { return server.is_done(); });
  REQUIRE(server.stream != nullptr);
  Reader reader;
  reader.read(*server.stream);
  client.type(text);
  loop.run_until([&reader] { return reader.text.ends_with('\n') || reader.error; });
  Writer writer;
  if (!reader.error) {
    writer.write(*server.stream, "an answer\n");
    loop.run_until([&writer] { return writer.is_done(); });
  }
  server.stream.reset();
  return {client.wait(), reader.text, reader.error};
}

}  // namespace

TEST_SUITE("net/tls_server") {
  TEST_CASE("a client and a server agree, and both know on what") {
    Meeting meeting;
    meeting.shake(serving(), visiting());
    REQUIRE(meeting.is_good());
    const TlsInfo& served = meeting.server.info;
    CHECK(served.version == meeting.client.info.version);
    CHECK(served.cipher == meeting.client.info.cipher);
    CHECK(served.cipher.find("_CHACHA20_POLY1305_") != std::string::npos);
    CHECK(served.alpn == "http/1.1");
    CHECK_FALSE(served.resumed);
    CHECK_FALSE(served.verified);
    CHECK(served.peer_subject.empty());
    CHECK(meeting.client.info.peer_subject == "CN=api.example.com, O=xtrace tests");
    CHECK(meeting.server.stream->remote_address().to_string() == "192.0.2.7:4711");
  }

  TEST_CASE("the server's wish decides on the protocol, and a client without wishes is served") {
    const auto agreed = [](std::vector<std::string> served, std::vector<std::string> wanted) {
      Meeting meeting;
      meeting.shake(serving({.config = {.alpn = std::move(served)}}),
                    visiting({.alpn = std::move(wanted)}));
      REQUIRE(meeting.is_good());
      CHECK(meeting.client.info.alpn == meeting.server.info.alpn);
      return meeting.server.info.alpn;
    };
    CHECK(agreed({"h2", "http/1.1"}, {"http/1.1", "h2"}) == "h2");
    CHECK(agreed({"http/1.1"}, {}).empty());
    CHECK(agreed({}, {"http/1.1"}).empty());
  }

  TEST_CASE("an old version is spoken where both allow it") {
    if constexpr (tls::kOldestVersion == TlsVersion::tls1_0) {
      Meeting meeting;
      meeting.shake(serving({.config = {.oldest = TlsVersion::tls1_0}}),
                    visiting({.oldest = TlsVersion::tls1_0, .newest = TlsVersion::tls1_0}));
      REQUIRE(meeting.is_good());
      CHECK(meeting.server.info.version == "TLSv1.0");
    }
  }

  TEST_CASE("data passes both ways and ends with close_notify when every byte arrives alone") {
    Meeting meeting;
    meeting.most_at_once = 1;
    meeting.shake(serving(), visiting());
    REQUIRE(meeting.is_good());
    Reader question;
    question.read(*meeting.server.stream);
    Writer asking;
    asking.write(*meeting.client.stream, "a question");
    meeting.carry_until([&] { return asking.is_done() && question.text == "a question"; });

    Reader answer;
    answer.read(*meeting.client.stream);
    Writer answering;
    answering.write(*meeting.server.stream, "an answer");
    meeting.carry_until([&] { return answering.is_done() && answer.text == "an answer"; });
    SUBCASE("the server ends") {
      meeting.server.stream.reset();
      meeting.carry_until([&] { return answer.ended || answer.error; });
      CHECK(answer.ended);
    }
    SUBCASE("the server ends, and goes on reading") {
      meeting.server.stream->finish_writing();
      meeting.server.stream->finish_writing();
      CHECK_FALSE(meeting.server.inner->is_finished);
      meeting.carry_until([&] { return answer.ended || answer.error; });
      CHECK(answer.ended);
      CHECK(meeting.server.inner->is_finished);
      Writer more;
      more.write(*meeting.client.stream, ", and more");
      meeting.carry_until([&] { return question.text == "a question, and more"; });
      meeting.server.stream.reset();
      CHECK(meeting.server.last_words.empty());
    }
    SUBCASE("the client ends") {
      meeting.client.stream.reset();
      meeting.carry_until([&] { return question.ended || question.error; });
      CHECK(question.ended);
    }
    SUBCASE("the client is cut off") {
      meeting.server.inner->deliver_end();
      REQUIRE(question.error.has_value());
      CHECK(is_tls_truncation(*question.error));
    }
  }

  TEST_CASE("who does not read stops the other's writing, either way, and gets everything") {
    const std::string much(700'000, 'x');
    Meeting meeting;
    meeting.shake(serving(), visiting());
    REQUIRE(meeting.is_good());
    Party* writes = &meeting.client;
    Party* reads = &meeting.server;
    SUBCASE("up") {}
    SUBCASE("down") {
      std::swap(writes, reads);
    }
    Reader reader;
    reader.answer = Flow::pause;
    reader.read(*reads->stream);
    Writer writer;
    writer.write(*writes->stream, much);
    for (int round = 0; round < 20; ++round) meeting.carry();
    CHECK_FALSE(writer.is_done());
    CHECK(reader.text.size() <= 16'384);
    CHECK(writes->stream->bytes_accepted() < 200'000);
    reader.answer = Flow::proceed;
    reads->stream->resume();
    meeting.carry_until([&] { return writer.is_done() && reader.text.size() == much.size(); });
    CHECK(reader.text == much);
  }

  TEST_CASE("what the client sends with its last message waits for its reader") {
    Meeting meeting;
    meeting.shake(serving(), visiting());
    REQUIRE(meeting.is_good());
    Writer early;
    early.write(*meeting.client.stream, "early");
    for (int round = 0; round < 3; ++round) meeting.carry();
    Reader reader;
    reader.read(*meeting.server.stream);
    meeting.carry_until([&reader] { return reader.text == "early"; });
  }

  TEST_CASE("a session is continued by its ticket, with the context that gave it and no other") {
    const ServerContext first = serving();
    const ServerContext second = serving();
    const ClientContext client = visiting();
    CHECK_FALSE(meet(first, client).resumed);
    CHECK(meet(first, client).resumed);
    CHECK(meet(first, client).resumed);
    CHECK_FALSE(meet(second, client).resumed);
    CHECK(meet(second, client).resumed);

    const ServerContext forgetful = serving({.config = {.resumes_sessions = false}});
    CHECK_FALSE(meet(forgetful, client).resumed);
    CHECK_FALSE(meet(forgetful, client).resumed);
  }

  TEST_CASE("a client's certificate is known, also in a session that is continued") {
    const ServerContext server = serving({.client_ca = test_ca().certificate});
    const ClientContext client = visiting({}, client_identity());
    for (const bool is_resumed : {false, true, true}) {
      const TlsInfo info = meet(server, client);
      CHECK(info.resumed == is_resumed);
      CHECK(info.verified);
      if (info.version == "TLSv1.3" && is_resumed) continue;  // such tickets hold no certificate
      CHECK(info.peer_subject == "CN=a client, O=xtrace tests");
      CHECK(info.peer_issuer == "CN=Test CA, O=xtrace tests");
    }
  }

  TEST_CASE("threads share a context, its key, its tickets and its CAs") {
    const ServerContext server = serving({.client_ca = test_ca().certificate});
    const ClientContext shared = visiting({}, client_identity());
    std::array<int, 3> resumed{};
    std::vector<std::thread> threads;
    threads.reserve(resumed.size());
    for (int& count : resumed) {
      threads.emplace_back([&server, &shared, &count] {
        const ClientContext own = visiting({}, client_identity());
        meet(server, own);
        for (int round = 0; round < 3; ++round) count += meet(server, own).resumed ? 1 : 0;
        meet(server, shared);
      });
    }
    for (auto& thread : threads) thread.join();
    CHECK(resumed == std::array{3, 3, 3});
  }

  TEST_CASE("OpenSSL's client is served, and continues its session") {
    const ServerContext server = serving();
    const Scratch folder;
    const OpensslVisit first =
        visit(server, {"-alpn", "h2,http/1.1", "-sess_out", folder.path("session")}, "hello\n");
    CHECK(first.received == "hello\n");
    CHECK(first.has("Verify return code: 0 (ok)"));
    CHECK(first.has("New, TLSv1."));
    CHECK(first.has("ALPN protocol: http/1.1"));
    CHECK(first.has("an answer\n"));
    CHECK(first.has("closed"));
    const OpensslVisit second = visit(server, {"-sess_in", folder.path("session")}, "hello\n");
    CHECK(second.has("Reused, TLSv1."));
    CHECK(second.has("an answer\n"));
  }

  TEST_CASE("a client may not renegotiate") {
    const OpensslVisit refused = visit(serving(), {"-tls1_2"}, "R\n");
    CHECK(refused.has("no renegotiation"));
    REQUIRE(refused.error.has_value());
    CHECK(refused.error->message.find("alert") != std::string::npos);
  }
}

}  // namespace xtrace::testing::tls_server_test
