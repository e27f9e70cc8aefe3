#pragma once

/// What an error of Boost.Asio or Boost.Beast means in each phase of a call.

#include <string>

#include <boost/asio/error.hpp>
#include <boost/beast/core/error.hpp>
#include <boost/beast/http/error.hpp>

#include <xtrace/error.h>

namespace xtrace {

inline Error::Code beast_timeout_code(Phase phase) {
  using Code = Error::Code;
  switch (phase) {
    case Phase::dns:
      return Code::dns_timeout;
    case Phase::dial:
      return Code::connect_timeout;
    case Phase::proxy:
      return Code::proxy_timeout;
    case Phase::tls:
      return Code::tls_timeout;
    case Phase::request:
      return Code::send_stalled;
    case Phase::response:
      return Code::response_timeout;
    case Phase::body:
      return Code::body_stalled;
    default:
      return Code::call_timeout;
  }
}

inline Error::Code beast_dns_code(const boost::system::error_code& error) {
  namespace asio = boost::asio::error;
  using Code = Error::Code;
  if (error == asio::host_not_found || error == asio::no_data) return Code::dns_not_found;
  return error == asio::host_not_found_try_again ? Code::dns_temporary : Code::dns_failed;
}

inline Error::Code beast_dial_code(const boost::system::error_code& error) {
  namespace asio = boost::asio::error;
  using Code = Error::Code;
  if (error == asio::connection_refused) return Code::connect_refused;
  const bool has_no_route = error == asio::network_unreachable || error == asio::host_unreachable;
  return has_no_route ? Code::connect_unreachable : Code::connect_failed;
}

/// For the answer's head, and its body.
inline Error::Code beast_answer_code(const boost::system::error_code& error, Phase phase) {
  using Http = boost::beast::http::error;
  using Code = Error::Code;
  const bool is_body = phase == Phase::body;
  if (error == Http::end_of_stream) return is_body ? Code::body_cut : Code::empty_reply;
  if (error == Http::partial_message) return is_body ? Code::body_cut : Code::head_cut;
  const bool is_head_full = error == Http::buffer_overflow && !is_body;
  if (error == Http::header_limit || is_head_full) return Code::headers_too_large;
  if (error == Http::body_limit) return Code::body_too_large;
  if (error.category() == make_error_code(Http::bad_method).category()) {
    return is_body ? Code::body_invalid : Code::not_http;
  }
  return is_body ? Code::body_cut : Code::receive_failed;
}

/// `error` happened in `phase` of a call to `peer`, which its message then names.
inline Error beast_client_error(const boost::system::error_code& error, Phase phase,
                                const std::string& peer) {
  using Code = Error::Code;
  Error result{Code::receive_failed, phase, peer + ": " + error.message()};
  if (error == boost::asio::error::operation_aborted) {
    result.code = Code::cancelled;
  } else if (error == boost::beast::error::timeout || error == boost::asio::error::timed_out) {
    result.code = beast_timeout_code(phase);
  } else if (phase == Phase::dns) {
    result.code = beast_dns_code(error);
  } else if (phase == Phase::dial || phase == Phase::connect) {
    result.code = beast_dial_code(error);
  } else if (phase == Phase::proxy) {
    result.code = Code::proxy_failed;
  } else if (phase == Phase::tls) {
    result.code = error == boost::asio::error::eof ? Code::tls_closed : Code::tls_handshake;
  } else if (phase == Phase::request) {
    result.code = Code::send_failed;
  } else {
    result.code = beast_answer_code(error, phase);
  }
  return result;
}

}  // namespace xtrace
