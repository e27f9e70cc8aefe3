#include "net/tls_verify.h"

#include "net/tls_fixture.h"

namespace xtrace::testing::tls_verify_test {

namespace {

std::shared_ptr<const TlsContext> trusting_test_ca() {
  return context_trusting(test_ca().certificate);
}

CertificateSpec for_api() {
  return {.common_name = "api.example.com", .dns_names = {"api.example.com"}};
}

}  // namespace

TEST_SUITE("net/tls_verify") {
  TEST_CASE("an expired certificate is named with its date") {
    CertificateSpec spec = for_api();
    spec.not_after = "20260102030405";
    const auto error = error_with(issue(spec, test_ca()), trusting_test_ca());
    REQUIRE(error.has_value());
    CHECK(error->code == Error::Code::cert_expired);
    CHECK(error->phase == Phase::tls);
    CHECK(error->message == "the certificate of api.example.com expired on 2026-01-02T03:04:05Z");
  }

  TEST_CASE("a certificate of the future is named with its date") {
    CertificateSpec spec = for_api();
    spec.not_before = "20980102030405";
    const auto error = error_with(issue(spec, test_ca()), trusting_test_ca());
    REQUIRE(error.has_value());
    CHECK(error->code == Error::Code::cert_not_yet_valid);
    CHECK(error->message ==
          "the certificate of api.example.com is not valid before 2098-01-02T03:04:05Z");
  }

  TEST_CASE("a certificate for other hosts is refused with the hosts it is for") {
    const auto error = error_with(good_identity(), trusting_test_ca(), "example.net");
    REQUIRE(error.has_value());
    CHECK(error->code == Error::Code::cert_wrong_host);
    CHECK(error->message ==
          "the certificate is for api.example.com, *.wild.example, not for example.net");
  }

  TEST_CASE("a wildcard stands for exactly one label") {
    CHECK_FALSE(error_with(good_identity(), trusting_test_ca(), "a.wild.example").has_value());
    CHECK_FALSE(error_with(good_identity(), trusting_test_ca(), "A.Wild.Example.").has_value());
    CHECK(error_with(good_identity(), trusting_test_ca(), "wild.example").has_value());
    CHECK(error_with(good_identity(), trusting_test_ca(), "a.b.wild.example").has_value());
  }

  TEST_CASE("a common name does not count beside alternative names") {
    const Identity identity =
        issue({.common_name = "api.example.com", .dns_names = {"other.example.com"}}, test_ca());
    const auto error = error_with(identity, trusting_test_ca());
    REQUIRE(error.has_value());
    CHECK(error->code == Error::Code::cert_wrong_host);
  }

  TEST_CASE("a self-signed certificate is refused as such, and accepted where it is trusted") {
    const Identity identity = self_sign(for_api());
    const auto error = error_with(identity, trusting_test_ca());
    REQUIRE(error.has_value());
    CHECK(error->code == Error::Code::cert_self_signed);
    CHECK_FALSE(error_with(identity, context_trusting(identity.certificate)).has_value());
  }

  TEST_CASE("a certificate of an unknown CA is refused with the CA's name") {
    const Identity stranger = self_sign({.common_name = "Strange CA", .is_ca = true});
    const auto error = error_with(issue(for_api(), stranger), trusting_test_ca());
    REQUIRE(error.has_value());
    CHECK(error->code == Error::Code::cert_untrusted);
    CHECK(error->message ==
          "the certificate of api.example.com was issued by CN=Strange CA, O=xtrace tests, which "
          "is not trusted");
  }

  TEST_CASE("a CA with a trusted name and another key is not trusted") {
    const Identity forged = self_sign({.common_name = "Test CA", .is_ca = true});
    const auto error = error_with(issue(for_api(), forged), trusting_test_ca());
    REQUIRE(error.has_value());
    CHECK(error->code == Error::Code::cert_untrusted);
  }

  TEST_CASE("a chain is followed through the certificates the server sends") {
    const Identity middle = issue({.common_name = "Middle CA", .is_ca = true}, test_ca());
    Identity identity = issue(for_api(), middle);
    SUBCASE("and holds with them") {
      identity.certificate += middle.certificate;
      CHECK_FALSE(error_with(identity, trusting_test_ca()).has_value());
    }
    SUBCASE("and breaks without them") {
      const auto error = error_with(identity, trusting_test_ca());
      REQUIRE(error.has_value());
      CHECK(error->code == Error::Code::cert_untrusted);
    }
    SUBCASE("and breaks at an issuer that is no CA") {
      const Identity usurper = issue({.common_name = "Usurper"}, test_ca());
      Identity forged = issue(for_api(), usurper);
      forged.certificate += usurper.certificate;
      const auto error = error_with(forged, trusting_test_ca());
      REQUIRE(error.has_value());
      CHECK(error->code == Error::Code::cert_untrusted);
    }
    SUBCASE("and names the link that expired") {
      const Identity old =
          issue({.common_name = "Old CA", .not_after = "20210102030405", .is_ca = true}, test_ca());
      Identity late = issue(for_api(), old);
      late.certificate += old.certificate;
      const auto error = error_with(late, trusting_test_ca());
      REQUIRE(error.has_value());
      CHECK(error->code == Error::Code::cert_expired);
      CHECK(error->message.find("CN=Old CA") != std::string::npos);
    }
  }

  TEST_CASE("the right CA is found among many, and when its name is spelled in another case") {
    std::string store;
    for (int i = 0; i < 5; ++i) {
      store +=
          self_sign({.common_name = "Other CA " + std::to_string(i), .is_ca = true}).certificate;
    }
    const auto error = error_with(good_identity(), context_trusting(store));
    REQUIRE(error.has_value());
    CHECK(error->code == Error::Code::cert_untrusted);
    CHECK_FALSE(
        error_with(good_identity(), context_trusting(store + test_ca().certificate)).has_value());

    const Identity ca = self_sign({.common_name = "Case CA", .is_ca = true});
    const Identity shouted = self_sign({.common_name = "CASE ca", .is_ca = true});
    const Identity identity = issue(for_api(), {shouted.certificate, ca.key});
    CHECK_FALSE(error_with(identity, context_trusting(ca.certificate)).has_value());
  }

  TEST_CASE("an IP address is checked against iPAddress entries and is not sent as SNI") {
    const Identity identity = issue({.common_name = "192.0.2.9",
                                     .dns_names = {"192.0.2.8"},
                                     .addresses = {"192.0.2.7", "2001:db8::7"}},
                                    test_ca());
    for (const auto* host : {"192.0.2.7", "2001:db8::7", "[2001:db8::7]"}) {
      TlsPair pair({.identity = identity});
      pair.start(trusting_test_ca(), {.host = host, .server_name = {}});
      pair.carry_until([&pair] { return pair.is_done(); });
      CHECK_FALSE(pair.error.has_value());
      CHECK(pair.server.server_name.empty());
    }
    // Neither a DNS entry nor a common name that looks like the address will do.
    for (const auto* host : {"192.0.2.8", "192.0.2.9", "2001:db8::8"}) {
      const auto error = error_with(identity, trusting_test_ca(), host);
      REQUIRE(error.has_value());
      CHECK(error->code == Error::Code::cert_wrong_host);
      CHECK(error->message.find("192.0.2.7, 2001:db8::7, not for") != std::string::npos);
    }
  }

  TEST_CASE("a certificate with a weak hash is invalid") {
    CertificateSpec spec = for_api();
    spec.has_weak_hash = true;
    const auto error = error_with(issue(spec, test_ca()), trusting_test_ca());
    REQUIRE(error.has_value());
    CHECK(error->code == Error::Code::cert_invalid);
    CHECK(error->message ==
          "the certificate of api.example.com is signed with a hash that is too weak");
  }

  // Without a handshake: the library's server would not show such a certificate.
  TEST_CASE("a certificate that is meant for something else is invalid") {
    CertificateSpec spec = for_api();
    std::string cipher = "TLS-ECDHE-ECDSA-WITH-AES-128-GCM-SHA256";
    std::string reason;
    SUBCASE("for clients") {
      spec.is_for_clients = true;
      reason = "is not meant for a server";
    }
    SUBCASE("its key may not sign") {
      spec.is_for_agreement = true;
      reason = "forbids the use of its key in this handshake";
    }
    SUBCASE("its key may not encrypt") {
      cipher = "TLS-RSA-WITH-AES-128-GCM-SHA256";
      reason = "forbids the use of its key in this handshake";
    }
    SUBCASE("but not when it is meant for this") {
      spec.is_for_agreement = true;
      cipher = "TLS-ECDH-ECDSA-WITH-AES-128-GCM-SHA256";
    }
    tls::CertificateChain chain;
    REQUIRE(tls::add_certificates(issue(spec, test_ca()).certificate, chain) == 0);
    const auto verdict = tls::verify(*chain.get(), tls::TrustStore(test_ca().certificate),
                                     {.name = "api.example.com", .cipher = cipher});
    REQUIRE(verdict.has_value() == reason.empty());
    if (reason.empty()) return;
    CHECK(verdict.if_error()->code == Error::Code::cert_invalid);
    CHECK(verdict.if_error()->message == "the certificate of api.example.com " + reason);
  }

  TEST_CASE("accept_any_certificate accepts what would be refused, and says so") {
    const Identity identity = self_sign(
        {.common_name = "nobody", .dns_names = {"nobody.example"}, .not_after = "20210101000000"});
    TlsPair pair({.identity = identity});
    pair.start(context_of({.accept_any_certificate = true}));
    pair.carry_until([&pair] { return pair.is_done(); });
    REQUIRE_FALSE(pair.error.has_value());
    CHECK_FALSE(pair.info.verified);
    CHECK(pair.info.peer_subject == "CN=nobody, O=xtrace tests");
  }

  TEST_CASE("the server is told why its certificate is refused") {
    TlsPair pair({.identity = self_sign(for_api())});
    pair.start(trusting_test_ca());
    pair.carry_until([&pair] { return pair.is_done(); });
    CHECK(pair.inner == nullptr);
    pair.server.receive(pair.last_words);
    CHECK(pair.server.failure.has_value());
#if MBEDTLS_VERSION_MAJOR < 3
    CHECK_FALSE(pair.server.is_shaken);  // it is told before the handshake ends
#endif
  }
}

}  // namespace xtrace::testing::tls_verify_test
