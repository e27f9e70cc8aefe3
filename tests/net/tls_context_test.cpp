#include "net/socket_fixture.h"
#include "net/tls_fixture.h"

namespace xtrace::testing::tls_context_test {

namespace {

/// Sets an environment variable while it lives.
class WithVariable {
 public:
  WithVariable(const char* name, const std::string& value) : name_(name) {
    if (const char* before = std::getenv(name)) before_ = before;
    setenv(name, value.c_str(), 1);
  }
  WithVariable(const WithVariable&) = delete;
  WithVariable& operator=(const WithVariable&) = delete;
  ~WithVariable() {
    if (before_) {
      setenv(name_, before_->c_str(), 1);
    } else {
      unsetenv(name_);
    }
  }

 private:
  const char* name_;
  std::optional<std::string> before_;
};

std::string refusal_of(const TlsConfig& config) {
  const auto context = make_tls_context(config);
  REQUIRE_FALSE(context.has_value());
  CHECK(context.error().code == Error::Code::tls_config);
  return context.error().message;
}

}  // namespace

TEST_SUITE("net/tls_context") {
  TEST_CASE("a CA file that cannot be read is named with the reason") {
    CHECK(refusal_of({.ca_file = "/nowhere/ca.pem"}) ==
          "read the CA file /nowhere/ca.pem: no such file or directory (ENOENT)");
    CHECK(refusal_of({.ca_file = "/"}) == "read the CA file /: is a directory (EISDIR)");
  }

  TEST_CASE("a CA file without certificates is refused") {
    for (const auto* content : {"", "hello\n", "-----BEGIN CERTIFICATE-----\nMIIB\n"}) {
      const TemporaryFile file(content);
      CHECK(refusal_of({.ca_file = file.path()}) ==
            "use the CA file " + file.path() + ": it holds no certificate in PEM form");
    }
  }

  TEST_CASE("a CA file with a broken certificate is refused, also behind a good one") {
    const TemporaryFile file(test_ca().certificate +
                             "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
    CHECK(refusal_of({.ca_file = file.path()}) ==
          "use the CA file " + file.path() + ": a certificate in it is not valid DER");

    // The subject can be read, the key behind it cannot.
    std::string cut = test_ca().certificate;
    cut.replace(cut.find('\n') + 240, 64, std::string(64, 'A'));
    const TemporaryFile damaged(cut);
    CHECK(refusal_of({.ca_file = damaged.path()}).starts_with("use the CA file "));
  }

  TEST_CASE("SSL_CERT_FILE replaces the system's store, which must then be readable") {
    const TemporaryFile store(test_ca().certificate);
    {
      const WithVariable variable("SSL_CERT_FILE", store.path());
      CHECK_FALSE(error_with(good_identity(), context_of({})).has_value());
    }
    const WithVariable variable("SSL_CERT_FILE", "/nowhere/store.pem");
    CHECK(refusal_of({}) ==
          "read the trust store of SSL_CERT_FILE /nowhere/store.pem: no such file or directory "
          "(ENOENT)");
    CHECK(make_tls_context({.accept_any_certificate = true}).has_value());
  }

  TEST_CASE("a broken certificate in SSL_CERT_FILE does not spoil the others") {
    const TemporaryFile store("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n" +
                              test_ca().certificate);
    const WithVariable variable("SSL_CERT_FILE", store.path());
    CHECK_FALSE(error_with(good_identity(), context_of({})).has_value());
  }

  TEST_CASE("a server that demands a client certificate gets it") {
    const Identity client = issue({.common_name = "a client", .is_for_clients = true}, test_ca());
    const TemporaryFile ca(test_ca().certificate);
    const TemporaryFile certificate(client.certificate);
    const TemporaryFile key(client.key);
    const TemporaryFile both(client.key + client.certificate);
    const TlsServerOptions demanding = {.identity = good_identity(),
                                        .client_ca = test_ca().certificate};
    TlsConfig config{.ca_file = ca.path()};
    SUBCASE("in two files") {
      config.certificate_file = certificate.path();
      config.key_file = key.path();
    }
    SUBCASE("in one") {
      config.certificate_file = both.path();
    }
    TlsPair pair(demanding);
    pair.start(context_of(config));
    pair.carry_until([&pair] { return pair.is_done() && pair.server.is_shaken; });
    REQUIRE_FALSE(pair.error.has_value());
    CHECK(pair.server.client_subject == "CN=a client, O=xtrace tests");
  }

  TEST_CASE("a server that demands a client certificate and gets none refuses") {
    TlsPair pair({.identity = good_identity(), .client_ca = test_ca().certificate});
    pair.start(context_trusting(test_ca().certificate));
    pair.carry_until([&pair] { return pair.server.failure.has_value(); });
    // In TLS 1.3 the client is done before the server sees that no certificate came.
    Reader reader;
    if (pair.stream) reader.read(*pair.stream);
    pair.loop.spin();
    pair.carry_down();
    const auto is_told = [&] { return pair.error.has_value() || reader.error.has_value(); };
    if (!is_told()) pair.inner->deliver_end();
    REQUIRE(is_told());
    const Error& error = pair.error ? *pair.error : *reader.error;
    CHECK(error.code == (pair.stream ? Error::Code::receive_failed : Error::Code::tls_closed));
  }

  TEST_CASE("a client key that cannot be used is refused in a sentence") {
    const TemporaryFile certificate(good_identity().certificate);
    const auto with_key = [&certificate](const std::string& key) {
      const TemporaryFile file(key);
      const std::string message = refusal_of({.certificate_file = certificate.path(),
                                              .key_file = file.path(),
                                              .accept_any_certificate = true});
      const std::string prefix = "use the client key " + file.path() + ": ";
      REQUIRE(message.starts_with(prefix));
      return message.substr(prefix.size());
    };
    CHECK(with_key(encrypted_key()) ==
          "it is encrypted, and only keys without a passphrase can be used");
    CHECK(with_key("no key\n") == "it holds no private key in PEM form");
    CHECK(with_key(test_ca().key) == "it is not the key of the certificate " + certificate.path());
  }

  TEST_CASE("a client certificate needs a key, and a key its certificate") {
    const TemporaryFile certificate(good_identity().certificate);
    const TemporaryFile key(good_identity().key);
    CHECK(refusal_of({.certificate_file = certificate.path(), .accept_any_certificate = true}) ==
          "use the client key " + certificate.path() + ": it holds no private key in PEM form");
    CHECK(refusal_of({.key_file = key.path(), .accept_any_certificate = true}) ==
          "use the client key " + key.path() +
              ": a key needs its certificate, and none is configured");
    CHECK(refusal_of({.certificate_file = key.path(),
                      .key_file = key.path(),
                      .accept_any_certificate = true}) ==
          "use the client certificate " + key.path() + ": it holds no certificate in PEM form");
  }
}

}  // namespace xtrace::testing::tls_context_test
