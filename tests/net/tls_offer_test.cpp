#include "net/tls_offer.h"

#include "net/tls_fixture.h"
#include "net/tls_library.h"

namespace xtrace::testing::tls_offer_test {

namespace {

std::string refusal_of(const TlsConfig& config) {
  const auto offer = tls::make_offer(config);
  REQUIRE_FALSE(offer.has_value());
  CHECK(offer.error().code == Error::Code::tls_config);
  return offer.error().message;
}

}  // namespace

TEST_SUITE("net/tls_offer") {
  TEST_CASE("the default offers TLS 1.2 and what is newer, and http/1.1") {
    const auto offer = tls::make_offer({});
    REQUIRE(offer.has_value());
    CHECK(offer->oldest == TlsVersion::tls1_2);
    CHECK(offer->newest == tls::kNewestVersion);
    CHECK(offer->is_short_of_newest == (tls::kNewestVersion < TlsVersion::tls1_3));
    CHECK(tls::list_protocols(*offer) == "http/1.1");
  }

  TEST_CASE("a range is cut to what the library speaks") {
    const auto offer =
        tls::make_offer({.oldest = TlsVersion::tls1_0, .newest = TlsVersion::tls1_2});
    REQUIRE(offer.has_value());
    CHECK(offer->oldest == tls::kOldestVersion);
    CHECK(offer->newest == TlsVersion::tls1_2);
    CHECK_FALSE(offer->is_short_of_newest);
    if (tls::kOldestVersion == TlsVersion::tls1_0) {
      CHECK(tls::list_versions(*offer) == "TLS 1.0 to TLS 1.2");
    }
  }

  TEST_CASE("a range of which the library speaks nothing is refused in a sentence") {
    if constexpr (tls::kNewestVersion < TlsVersion::tls1_3) {
      CHECK(refusal_of({.oldest = TlsVersion::tls1_3}) ==
            "offer TLS 1.3: the TLS library of this build speaks TLS 1.0 to TLS 1.2 only");
    } else {
      CHECK(refusal_of({.oldest = TlsVersion::tls1_0, .newest = TlsVersion::tls1_1}) ==
            "offer TLS 1.0 to TLS 1.1: the TLS library of this build speaks TLS 1.2 to TLS 1.3 "
            "only");
    }
  }

  TEST_CASE("a range that is upside down is refused") {
    CHECK(refusal_of({.oldest = TlsVersion::tls1_2, .newest = TlsVersion::tls1_1}) ==
          "offer TLS versions: the oldest, TLS 1.2, is newer than the newest, TLS 1.1");
  }

  TEST_CASE("protocols that do not fit the message are refused") {
    CHECK(refusal_of({.alpn = {"http/1.1", ""}}) ==
          "offer protocols by ALPN: a name must have 1 to 255 bytes");
    CHECK(refusal_of({.alpn = {std::string(256, 'a')}}) ==
          "offer protocols by ALPN: a name must have 1 to 255 bytes");
    CHECK(refusal_of({.alpn = std::vector<std::string>(300, std::string(255, 'a'))}) ==
          "offer protocols by ALPN: the list is longer than 65,535 bytes");
  }

  TEST_CASE("a refused offer refuses the context before any file is read") {
    const auto context = make_tls_context(
        {.ca_file = "/nowhere/ca.pem", .oldest = TlsVersion::tls1_2, .newest = TlsVersion::tls1_1});
    REQUIRE_FALSE(context.has_value());
    CHECK(context.error().message.starts_with("offer TLS versions"));
  }
}

}  // namespace xtrace::testing::tls_offer_test
