#pragma once

/// `BeastCall` takes the time of a request that goes out over Boost.Beast, phase by phase.
///
///     BeastCall call{segment.context(), url, request};    // puts the trace header into it
///     call.enter(Phase::dns);
///     const auto found = resolver.resolve(url.host(), port, error);
///     if (error) return call.fail(error);
///     call.resolved(found);
///     asio::connect(socket, found, call.dialling(), error);
///     if (error) return call.fail(error);
///     call.enter(Phase::request);    // before it Phase::tls, around the handshake
///     http::write(socket, request, error);
///     call.enter(Phase::response);
///     http::read_header(socket, buffer, parser, error);
///     call.enter(Phase::body);
///     http::read(socket, buffer, parser, error);
///     call.finish(parser.get());
///
/// Asynchronous code says the same: `enter` before it starts an operation, `fail` where a handler
/// is given an error. A call lives with its session, on its strand; it need not outlive a handler
/// that was given no `dialling()`. On a connection that is used again it enters `request` first,
/// and says `timeline().reused = true`.
///
/// Beast tells when a head was read whole and not when its first byte came: `response` ends there.
/// The wait for a thread of the resolver's is a part of `dns`.

#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/error.hpp>
#include <boost/beast/http/field.hpp>
#include <boost/beast/http/message.hpp>

#include <xtrace/adapters/beast_error.h>
#include <xtrace/address.h>
#include <xtrace/foreign_call.h>
#include <xtrace/http.h>
#include <xtrace/segment_context.h>
#include <xtrace/timeline.h>

namespace xtrace {

inline Address to_address(const boost::asio::ip::tcp::endpoint& endpoint) {
  const boost::asio::ip::address ip = endpoint.address();
  if (ip.is_v4()) return Address::from_ipv4(ip.to_v4().to_bytes(), endpoint.port());
  const boost::asio::ip::address_v6 v6 = ip.to_v6();
  return Address::from_ipv6(v6.to_bytes(), endpoint.port(),
                            static_cast<std::uint32_t>(v6.scope_id()));
}

class BeastCall : public ForeignCall {
 public:
  /// For the request that will be sent to `url`: continues the trace in its headers.
  template <class Fields>
  BeastCall(const SegmentContext& parent, const Url& url,
            boost::beast::http::header<true, Fields>& request, ForeignCallOptions options = {})
      : ForeignCall(parent, asked_for(url, request), std::move(options)), peer_(url.host_port()) {
    write_headers([&request](std::string_view name, std::string_view value) {
      request.set(boost::beast::string_view(name.data(), name.size()),
                  boost::beast::string_view(value.data(), value.size()));
    });
  }

  /// The lookup found these: a resolver's results.
  void resolved(const boost::asio::ip::tcp::resolver::results_type& results) {
    leave();
    DnsFacts facts;
    facts.resolver = "asio";
    for (const auto& result : results) {
      if (facts.host.empty()) facts.host = result.host_name();
      facts.addresses.push_back(to_address(result.endpoint()));
    }
    timeline().dns = std::move(facts);
  }

  /// A connect condition for `asio::connect`, `asio::async_connect` and `tcp_stream`'s: each
  /// address that is tried becomes a dial. Valid as long as the call.
  auto dialling() {
    return
        [this](const boost::system::error_code& last, const boost::asio::ip::tcp::endpoint& next) {
          if (last) fail_dial(beast_client_error(last, Phase::dial, dialled_));
          const Address address = to_address(next);
          dialled_ = address.to_string();
          enter_dial(address);
          return true;
        };
  }

  /// The answer was read whole.
  template <class Body, class Fields>
  void finish(const boost::beast::http::message<false, Body, Fields>& response) {
    if (const auto size = response.payload_size()) timeline().response_body_bytes = *size;
    ForeignCall::finish(head_of(response));
  }

  /// The operation of the phase that was entered last failed.
  void fail(const boost::system::error_code& error) {
    const bool is_dial = phase() == Phase::dial;
    ForeignCall::fail(beast_client_error(error, phase(), is_dial ? dialled_ : peer_));
  }
  /// The same with the head that had come.
  template <class Fields>
  void fail(const boost::system::error_code& error,
            const boost::beast::http::header<false, Fields>& response) {
    ForeignCall::fail(beast_client_error(error, phase(), peer_), head_of(response));
  }

 private:
  template <class Fields>
  static Request asked_for(const Url& url,
                           const boost::beast::http::header<true, Fields>& request) {
    Request asked{url};
    asked.method.assign(request.method_string().data(), request.method_string().size());
    return asked;
  }

  template <class Fields>
  static Response head_of(const boost::beast::http::header<false, Fields>& response) {
    Response head;
    head.status = static_cast<int>(response.result_int());
    const auto field = response.find(boost::beast::http::field::content_length);
    if (field == response.end()) return head;
    const auto text = field->value();
    std::uint64_t length = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), length);
    if (read.ec == std::errc()) head.content_length = length;
    return head;
  }

  std::string peer_;
  std::string dialled_;
};

}  // namespace xtrace
