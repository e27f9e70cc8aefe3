#include "net/tls_errors.h"

#include <doctest/doctest.h>

#include "net/tls.h"
#include "net/tls_library.h"

namespace xtrace::testing::tls_errors_test {

namespace {

const tls::Offer kOffer = {
    .oldest = TlsVersion::tls1_1, .newest = TlsVersion::tls1_2, .protocols = {"h2", "http/1.1"}};

}  // namespace

TEST_SUITE("net/tls_errors") {
  TEST_CASE("an alert has the name of the standard, or its number") {
    CHECK(tls::alert_name(40) == "handshake_failure");
    CHECK(tls::alert_name(120) == "no_application_protocol");
    CHECK(tls::alert_name(200) == "alert 200");
  }

  TEST_CASE("a refused version says what was offered, and what more would have needed") {
    const tls::Breakdown refused = {
        .code = MBEDTLS_ERR_SSL_FATAL_ALERT_MESSAGE, .alert = 70, .first_bytes = "\x15\x03"};
    const Error error = tls::handshake_error("h.example", refused, kOffer);
    CHECK(error.code == Error::Code::tls_version);
    CHECK(error.message ==
          "TLS handshake with h.example: the server refuses every version offered (TLS 1.1 to TLS "
          "1.2)");
    tls::Offer short_one = kOffer;
    short_one.is_short_of_newest = true;
    CHECK(tls::handshake_error("h.example", refused, short_one).message ==
          error.message + "; this build speaks " + tls::to_string(tls::kNewestVersion) +
              " at most");
  }

  TEST_CASE("a refused protocol says which were offered") {
    const Error error = tls::handshake_error(
        "h.example",
        {.code = MBEDTLS_ERR_SSL_FATAL_ALERT_MESSAGE, .alert = 120, .first_bytes = "\x15\x03"},
        kOffer);
    CHECK(error.code == Error::Code::tls_handshake);
    CHECK(error.message.ends_with("it does not speak h2, http/1.1"));
  }

  TEST_CASE("an alert that cannot be read is still an alert") {
    const Error error = tls::handshake_error("h.example",
                                             {.code = MBEDTLS_ERR_SSL_FATAL_ALERT_MESSAGE,
                                              .alert = std::nullopt,
                                              .first_bytes = "\x16\x03"},
                                             kOffer);
    CHECK(error.code == Error::Code::tls_handshake);
    CHECK(error.message.ends_with("the server answered with a fatal alert"));
  }

  TEST_CASE("an answer that is not TLS is quoted without its control characters") {
    const Error error = tls::handshake_error("h.example",
                                             {.code = MBEDTLS_ERR_SSL_INVALID_RECORD,
                                              .alert = std::nullopt,
                                              .first_bytes = "SSH-\x1B[31m"},
                                             kOffer);
    CHECK(error.message.ends_with("(its answer begins with \"SSH-?[31m\")"));
  }

  TEST_CASE("what the library says about anything else is passed on") {
    const Error error = tls::handshake_error(
        "h.example",
        {.code = MBEDTLS_ERR_SSL_INVALID_RECORD, .alert = std::nullopt, .first_bytes = "\x16\x03"},
        kOffer);
    CHECK(error.code == Error::Code::tls_handshake);
    CHECK(error.message.find("SSL - ") != std::string::npos);
  }

  TEST_CASE("a truncation is told from other failures, also behind a prefix") {
    CHECK(is_tls_truncation(tls::truncation_error()));
    CHECK(is_tls_truncation(tls::truncation_error().with_prefix("GET /")));
    CHECK_FALSE(is_tls_truncation(tls::receive_error(
        {.code = MBEDTLS_ERR_SSL_INVALID_MAC, .alert = std::nullopt, .first_bytes = {}})));
  }
}

}  // namespace xtrace::testing::tls_errors_test
