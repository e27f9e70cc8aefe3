#pragma once

/// What a `ServerTrace` (server_trace.h) wants of a service on Boost.Beast.
///
///     http::read(socket, buffer, request);
///     ServerSegment served = trace.begin(BeastRequestFacts(request, peer).facts());
///     const ContextScope scope{served.context()};    // while the handler runs, on this thread
///     ...
///     set_trace_header(served, response);
///     http::write(socket, response, error);
///     error ? served.abort(beast_server_error(error)) :
///     served.end(beast_response_facts(response));
///
/// A `ServerSegment` moves, so an asynchronous session keeps it as a member; a `ContextScope` ends
/// on the thread and in the function that made it, so each completion handler makes its own.

#include <string>
#include <string_view>
#include <utility>

#include <boost/asio/error.hpp>
#include <boost/beast/core/error.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/verb.hpp>

#include <xtrace/adapters/request_facts.h>
#include <xtrace/error.h>
#include <xtrace/server_trace.h>

namespace xtrace {

/// Where a request came from and how, which its message does not tell.
struct BeastPeer {
  /// Of the connection, without port: `socket.remote_endpoint().address().to_string()`.
  std::string ip{};
  bool is_encrypted = false;
};

/// The facts of a request, or of its head alone: views into it and into this, which must both live.
class BeastRequestFacts {
 public:
  /// `Fields` is what Beast calls so: `http::fields`, or one's own. The request is the one that was
  /// parsed.
  template <class Fields>
  explicit BeastRequestFacts(const boost::beast::http::header<true, Fields>& request,
                             BeastPeer peer = {})
      : peer_(std::move(peer)) {
    facts_.method = view(request.method_string());
    facts_.scheme = peer_.is_encrypted ? "https" : "http";
    facts_.path = path_of_target(view(request.target()));
    facts_.peer_ip = peer_.ip;
    const auto fields_of = [&request](const char* name) { return request.equal_range(name); };
    const auto value_of = [](const auto& field) { return view(field.value()); };
    read_header_fields(fields_of, value_of, facts_, joined_);
  }
  BeastRequestFacts(const BeastRequestFacts&) = delete;
  BeastRequestFacts& operator=(const BeastRequestFacts&) = delete;
  ~BeastRequestFacts() = default;

  const ServerRequestFacts& facts() const { return facts_; }

 private:
  template <class Text>
  static std::string_view view(const Text& text) {
    return {text.data(), text.size()};
  }

  BeastPeer peer_;
  ServerRequestFacts facts_{};
  JoinedFields joined_{};
};

/// Puts X-Amzn-Trace-Id into the answer where one is to be sent.
template <class Fields>
void set_trace_header(const ServerSegment& segment,
                      boost::beast::http::header<false, Fields>& response) {
  if (const std::string value = segment.answer_header(); !value.empty()) {
    response.set("X-Amzn-Trace-Id", value);
  }
}

/// Status, and length of the body where Beast knows it beforehand: that of a `buffer_body` or a
/// chunked one is the caller's to count. The answer to HEAD has no body to send: leave its message
/// without one.
template <class Body, class Fields>
ServerResponseFacts beast_response_facts(
    const boost::beast::http::message<false, Body, Fields>& response) {
  ServerResponseFacts facts;
  facts.status = static_cast<int>(response.result_int());
  if (const auto size = response.payload_size()) facts.content_length = *size;
  return facts;
}

/// Why an exchange broke off, from what reading a request or writing an answer said: for
/// `ServerSegment::abort`. The end of a connection between two requests (`end_of_stream`) is no
/// error, and no segment has been begun for it.
inline Error beast_server_error(const boost::beast::error_code& error) {
  namespace beast = boost::beast;
  namespace asio = boost::asio;
  using Code = Error::Code;
  Error result{Code::send_failed, Phase::none, error.message()};
  if (error == beast::error::timeout || error == asio::error::timed_out) {
    result.code = Code::peer_stalled;
  } else if (error == beast::http::error::body_limit) {
    result.code = Code::body_too_large;
  } else if (error == beast::http::error::end_of_stream ||
             error == beast::http::error::partial_message || error == asio::error::eof ||
             error == asio::error::connection_reset || error == asio::error::broken_pipe) {
    result.code = Code::peer_left;
  } else if (error == asio::error::operation_aborted) {
    result.code = Code::server_closed;
  } else if (error.category() == make_error_code(beast::http::error::bad_method).category()) {
    result.code = Code::request_invalid;
  }
  return result;
}

}  // namespace xtrace
