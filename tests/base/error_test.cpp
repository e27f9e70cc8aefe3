#include <array>
#include <set>
#include <string_view>

#include <doctest/doctest.h>

#include <xtrace/error.h>

namespace xtrace::error_test {
namespace {

struct KnownCode {
  int number;
  std::string_view name;
};

// API: numbers and names of published codes never change. New codes are added here as well.
constexpr auto kKnownCodes = std::to_array<KnownCode>({
    {100, "invalid_url"},
    {101, "unsupported_scheme"},
    {102, "invalid_request"},
    {103, "invalid_config"},
    {104, "invalid_address"},
    {105, "invalid_host_name"},
    {150, "pool_timeout"},
    {151, "pool_full"},
    {152, "client_closed"},
    {153, "breaker_open"},
    {200, "dns_not_found"},
    {201, "dns_temporary"},
    {202, "dns_failed"},
    {203, "dns_timeout"},
    {300, "connect_refused"},
    {301, "connect_unreachable"},
    {302, "connect_failed"},
    {303, "connect_timeout"},
    {350, "proxy_not_found"},
    {351, "proxy_denied"},
    {352, "proxy_refused"},
    {353, "proxy_failed"},
    {354, "proxy_timeout"},
    {400, "tls_handshake"},
    {401, "tls_version"},
    {402, "tls_closed"},
    {403, "tls_timeout"},
    {404, "tls_config"},
    {410, "cert_untrusted"},
    {411, "cert_self_signed"},
    {412, "cert_expired"},
    {413, "cert_not_yet_valid"},
    {414, "cert_wrong_host"},
    {415, "cert_invalid"},
    {500, "send_failed"},
    {501, "send_stalled"},
    {502, "body_source_failed"},
    {503, "body_not_repeatable"},
    {600, "empty_reply"},
    {601, "receive_failed"},
    {602, "response_timeout"},
    {603, "not_http"},
    {604, "headers_too_large"},
    {605, "head_cut"},
    {606, "ambiguous_framing"},
    {607, "upgrade_refused"},
    {608, "response_stalled"},
    {609, "too_many_interim"},
    {700, "body_cut"},
    {701, "body_stalled"},
    {702, "body_invalid"},
    {703, "body_too_large"},
    {704, "body_refused"},
    {705, "body_undecodable"},
    {706, "body_expands"},
    {800, "call_timeout"},
    {801, "cancelled"},
    {802, "too_many_redirects"},
    {803, "bad_redirect"},
    {804, "attempt_timeout"},
    {805, "plan_timeout"},
    {806, "redundant"},
    {850, "peer_left"},
    {851, "peer_stalled"},
    {852, "request_invalid"},
    {853, "unanswered"},
    {854, "server_closed"},
    {855, "listen_failed"},
    {900, "emit_refused"},
    {901, "emit_failed"},
    {902, "document_too_large"},
    {903, "invalid_document"},
    {904, "service_unavailable"},
    {905, "service_throttled"},
    {906, "service_denied"},
    {907, "service_refused"},
    {908, "invalid_reply"},
    {990, "system"},
});

}  // namespace

TEST_SUITE_BEGIN("base/error");

TEST_CASE("every code keeps its number and its name") {
  for (const KnownCode& known : kKnownCodes) {
    CAPTURE(known.number);
    CHECK(to_string(static_cast<Error::Code>(known.number)) == known.name);
  }
}

TEST_CASE("no number has a name that is not in the table of this test") {
  std::size_t named = 0;
  for (int number = 0; number < 2000; ++number) {
    if (to_string(static_cast<Error::Code>(number)) != "unknown") ++named;
  }
  CHECK(named == kKnownCodes.size());
}

TEST_CASE("a timeout code says so in its name, and no other code is one") {
  for (const KnownCode& known : kKnownCodes) {
    const bool says_so = known.name.ends_with("_timeout") || known.name.ends_with("_stalled");
    CAPTURE(known.name);
    CHECK(is_timeout(static_cast<Error::Code>(known.number)) == says_so);
  }
}

TEST_CASE("every phase has a name of its own") {
  std::set<std::string_view> names;
  for (int phase = 0; phase < kPhaseCount; ++phase) {
    names.insert(to_string(static_cast<Phase>(phase)));
  }
  CHECK(names.size() == kPhaseCount);
  CHECK(to_string(Phase::none) == "none");
  CHECK(to_string(Phase::dns_wait) == "dns_wait");
  CHECK(to_string(Phase::dial) == "dial");
  CHECK(to_string(Phase::body) == "body");
}

TEST_CASE("a prefix goes before the message and changes nothing else") {
  const Error error{Error::Code::tls_config, Phase::tls, "not a PEM file"};
  const Error told = error.with_prefix("read ca.pem");
  CHECK(told == Error{Error::Code::tls_config, Phase::tls, "read ca.pem: not a PEM file"});
}

TEST_SUITE_END();

}  // namespace xtrace::error_test
