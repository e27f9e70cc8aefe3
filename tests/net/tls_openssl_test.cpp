#include "support/tls_openssl.h"

#include "net/socket_fixture.h"
#include "net/tls_fixture.h"
#include "net/tls_library.h"

namespace xtrace::testing::tls_openssl_test {

namespace {

using Context = std::shared_ptr<const TlsContext>;

struct Visit {
  TlsInfo info;
  std::string page;            ///< What the server has to say about the session.
  std::optional<Error> error;  ///< Of the handshake, or of what followed.

  bool says(std::string_view words) const { return page.find(words) != std::string::npos; }
};

/// One connection to the server, which all tests know by the same name and port.
Visit visit(const OpensslServer& server, const Context& context) {
  TestLoop loop;
  Visit seen;
  std::unique_ptr<Stream> stream;
  bool is_done = false;
  const auto handshake = shake_hands(loop, context, connected(loop, server.address()),
                                     {.host = "api.example.com", .server_name = {}, .port = 443},
                                     [&](Expected<TlsSession> with) {
                                       is_done = true;
                                       if (const Error* failed = with.if_error()) {
                                         seen.error = *failed;
                                         return;
                                       }
                                       seen.info = with->info;
                                       stream = std::move(with->stream);
                                     });
  loop.run_until([&is_done] { return is_done; });
  if (!stream) return seen;
  Reader reader;
  reader.read(*stream);
  Writer writer;
  writer.write(*stream, "GET / HTTP/1.0\r\n\r\n");
  loop.run_until([&reader] { return reader.ended || reader.error; });
  seen.page = reader.text;
  if (reader.error && !is_tls_truncation(*reader.error)) seen.error = reader.error;
  return seen;
}

Context context_with(TlsConfig config) {
  const TemporaryFile ca(test_ca().certificate);
  config.ca_file = ca.path();
  return context_of(config);
}

}  // namespace

TEST_SUITE("net/tls_openssl") {
  TEST_CASE("a session is continued by ticket and by id, and the server says so, too") {
    std::vector<std::string> arguments = {"-tls1_2"};
    SUBCASE("by ticket") {}
    SUBCASE("by id") {
      arguments.emplace_back("-no_ticket");
    }
    const OpensslServer server({.identity = good_identity(), .arguments = arguments});
    const Context context = context_with({});
    const Visit first = visit(server, context);
    CHECK_FALSE(first.info.resumed);
    CHECK(first.says("New, TLSv1.2"));
    Visit second = visit(server, context);
    CHECK(second.info.resumed);
    CHECK(second.says("Reused, TLSv1.2"));
    second.info.resumed = false;
    CHECK(second.info == first.info);

    CHECK(visit(server, context_with({.resumes_sessions = false})).says("New, TLSv1.2"));
  }

  TEST_CASE("a server that forgot its tickets is met anew, and then continued") {
    const Context context = context_with({});
    {
      const OpensslServer server({.identity = good_identity()});
      REQUIRE(visit(server, context).says("New, "));
    }
    const OpensslServer restarted({.identity = good_identity()});
    const Visit anew = visit(restarted, context);
    CHECK_FALSE(anew.info.resumed);
    CHECK(anew.info.verified);
    CHECK(anew.says("New, "));
    CHECK(visit(restarted, context).says("Reused, "));
  }

  TEST_CASE("a server of other versions than those offered fails with tls_version") {
    const OpensslServer newer({.identity = good_identity(), .arguments = {"-tls1_3"}});
    const OpensslServer middle({.identity = good_identity(), .arguments = {"-tls1_2"}});
    const auto refuses = [](const Visit& seen) {
      return seen.error.has_value() && seen.error->code == Error::Code::tls_version;
    };
    CHECK(refuses(visit(newer, context_with({.newest = TlsVersion::tls1_2}))));
    CHECK(refuses(visit(newer, context_with({}))) == (tls::kNewestVersion < TlsVersion::tls1_3));
    if constexpr (tls::kOldestVersion == TlsVersion::tls1_0) {
      const Visit seen =
          visit(middle, context_with({.oldest = TlsVersion::tls1_0, .newest = TlsVersion::tls1_1}));
      REQUIRE(refuses(seen));
      CHECK(seen.error->message.ends_with("refuses every version offered (TLS 1.0 to TLS 1.1)"));
    }
  }

  TEST_CASE("an old version is spoken where it is allowed, and refused where not") {
    if constexpr (tls::kOldestVersion == TlsVersion::tls1_0) {
      const OpensslServer old(
          {.identity = good_identity(), .arguments = {"-tls1_1", "-cipher", "DEFAULT@SECLEVEL=0"}});
      const Visit seen = visit(old, context_with({.oldest = TlsVersion::tls1_0}));
      CHECK_FALSE(seen.error.has_value());
      CHECK(seen.info.version == "TLSv1.1");
      const Visit refused = visit(old, context_with({}));
      REQUIRE(refused.error.has_value());
      CHECK(refused.error->code == Error::Code::tls_version);
    }
  }

  TEST_CASE("a server that demands a certificate gets it, also in a session that is continued") {
    const Identity client = issue({.common_name = "a client", .is_for_clients = true}, test_ca());
    const TemporaryFile both(client.key + client.certificate);
    const OpensslServer server({.identity = good_identity(),
                                .client_ca = test_ca().certificate,
                                .arguments = {"-tls1_2"}});
    const Context context = context_with({.certificate_file = both.path()});
    const Visit first = visit(server, context);
    CHECK_FALSE(first.error.has_value());
    CHECK(first.says("a client"));
    CHECK(visit(server, context).says("Reused, "));

    const Visit nobody = visit(server, context_with({}));
    REQUIRE(nobody.error.has_value());
    CHECK(nobody.error->code == Error::Code::tls_handshake);
  }

  TEST_CASE("the server picks one of the protocols offered, or refuses them all") {
    const OpensslServer server({.identity = good_identity(), .arguments = {"-alpn", "h2"}});
    CHECK(visit(server, context_with({.alpn = {"http/1.1", "h2"}})).info.alpn == "h2");
    CHECK(visit(server, context_with({.alpn = {}})).info.alpn.empty());
    const Visit refused = visit(server, context_with({}));
    REQUIRE(refused.error.has_value());
    CHECK(refused.error->code == Error::Code::tls_handshake);
    CHECK(refused.error->message.ends_with("no_application_protocol; it does not speak http/1.1"));
  }

  TEST_CASE("the key log says what the server knows of the same connections") {
    const OpensslServer server({.identity = good_identity(), .arguments = {"-tls1_2"}});
    const Scratch folder;
    const Context context = context_with({.key_log_file = folder.path("keys")});
    REQUIRE(visit(server, context).says("New, "));
    REQUIRE(visit(server, context).says("Reused, "));
    std::string theirs = server.key_log();
    theirs.erase(0, theirs.find('\n') + 1);  // a comment
    CHECK(theirs.starts_with("CLIENT_RANDOM "));
    CHECK(folder.read("keys") == theirs);
  }
}

}  // namespace xtrace::testing::tls_openssl_test
