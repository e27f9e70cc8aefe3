#include "cli/exit_code.h"

#include <array>
#include <utility>

#include <doctest/doctest.h>

namespace exit_code_test {

using namespace xtrace;
using namespace xtrace::cli;

TEST_SUITE("cli/exit_code") {
  TEST_CASE("every error has the exit code that the contract gives it") {
    using enum Error::Code;
    constexpr auto kContract = std::to_array<std::pair<Error::Code, int>>({
        {invalid_url, 3},
        {unsupported_scheme, 3},
        {invalid_request, 2},
        {invalid_config, 2},
        {invalid_address, 2},
        {invalid_host_name, 3},
        {pool_timeout, 28},
        {pool_full, 7},
        {client_closed, 7},
        {breaker_open, 75},
        {dns_not_found, 6},
        {dns_temporary, 6},
        {dns_failed, 6},
        {dns_timeout, 28},
        {connect_refused, 7},
        {connect_unreachable, 7},
        {connect_failed, 7},
        {connect_timeout, 28},
        {proxy_not_found, 5},
        {proxy_denied, 56},
        {proxy_refused, 56},
        {proxy_failed, 56},
        {proxy_timeout, 28},
        {tls_handshake, 35},
        {tls_version, 35},
        {tls_closed, 35},
        {tls_timeout, 28},
        {tls_config, 2},
        {cert_untrusted, 60},
        {cert_self_signed, 60},
        {cert_expired, 60},
        {cert_not_yet_valid, 60},
        {cert_wrong_host, 60},
        {cert_invalid, 60},
        {send_failed, 55},
        {send_stalled, 28},
        {body_source_failed, 26},
        {body_not_repeatable, 65},
        {empty_reply, 52},
        {receive_failed, 56},
        {response_timeout, 28},
        {not_http, 8},
        {headers_too_large, 56},
        {head_cut, 56},
        {ambiguous_framing, 8},
        {upgrade_refused, 8},
        {response_stalled, 28},
        {too_many_interim, 8},
        {body_cut, 18},
        {body_stalled, 28},
        {body_invalid, 56},
        {body_too_large, 56},
        {body_refused, 23},
        {body_undecodable, 61},
        {body_expands, 63},
        {call_timeout, 28},
        {cancelled, 130},
        {too_many_redirects, 47},
        {bad_redirect, 47},
        {attempt_timeout, 28},
        {plan_timeout, 28},
        {redundant, 130},
        {peer_left, 70},
        {peer_stalled, 28},
        {request_invalid, 70},
        {unanswered, 70},
        {server_closed, 70},
        {listen_failed, 69},
        {emit_refused, 69},
        {emit_failed, 69},
        {document_too_large, 70},
        {invalid_document, 2},
        {service_unavailable, 69},
        {service_throttled, 69},
        {service_denied, 69},
        {service_refused, 69},
        {invalid_reply, 69},
        {system, 70},
    });
    for (const auto& [code, expected] : kContract) {
      const Error error{code, Phase::none, ""};
      CAPTURE(xtrace::to_string(error.code));
      CHECK(to_int(exit_code_of(error)) == expected);
    }
  }

  TEST_CASE("what a SOCKS proxy refuses is told apart, as curl does") {
    for (const auto code :
         {Error::Code::proxy_denied, Error::Code::proxy_refused, Error::Code::proxy_failed}) {
      const Error error{code, Phase::proxy, ""};
      CHECK(to_int(exit_code_of(error, "socks5h://127.0.0.1:1080")) == 97);
      CHECK(to_int(exit_code_of(error, "http://127.0.0.1:3128")) == 56);
    }
    const Error unknown{Error::Code::proxy_not_found, Phase::dns, ""};
    CHECK(to_int(exit_code_of(unknown, "socks5://nowhere:1080")) == 5);
  }
}

}  // namespace exit_code_test
