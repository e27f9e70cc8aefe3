#pragma once

/// Records what a `httplib::Client` calls, of cpp-httplib 0.11 and later.
///
///     httplib::Client client{"http://127.0.0.1:8080"};
///     HttplibClient traced{client, Url::parse("http://127.0.0.1:8080").value()};
///     httplib::Result answer = traced.send(segment.context(), std::move(request));
///     httplib::Result same = traced.call(segment.context(), "POST", "/orders",
///         [&](const httplib::Headers& trace) { return client.Post("/orders", trace, items); });
///
/// Each call is one remote subsegment: begin and end, status, length, and httplib's error where it
/// failed. It has no children, for httplib does not tell when it looked up, dialled, sent and
/// waited; neither does it tell of the redirects that it follows, all of which carry the same
/// header. Who wants to see where the time went uses a `TracedClient` (traced_client.h).

#include <charconv>
#include <cstdint>
#include <exception>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <httplib.h>

#include <xtrace/error.h>
#include <xtrace/expected.h>
#include <xtrace/foreign_call.h>
#include <xtrace/http.h>
#include <xtrace/segment_context.h>

namespace xtrace {

/// Code and phase for an error of httplib's, where it tells one.
inline Error httplib_error(httplib::Error error, const Url& url) {
  using Code = Error::Code;
  struct Meaning {
    httplib::Error error;
    Code code;
    Phase phase;
  };
  constexpr Meaning kMeanings[] = {
      {httplib::Error::Connection, Code::connect_failed, Phase::connect},
      {httplib::Error::BindIPAddress, Code::connect_failed, Phase::connect},
      {httplib::Error::ConnectionTimeout, Code::connect_timeout, Phase::connect},
      {httplib::Error::SSLConnection, Code::tls_handshake, Phase::tls},
      {httplib::Error::SSLLoadingCerts, Code::tls_config, Phase::tls},
      {httplib::Error::SSLServerVerification, Code::cert_untrusted, Phase::tls},
      {httplib::Error::Write, Code::send_failed, Phase::request},
      {httplib::Error::Read, Code::receive_failed, Phase::response},
      {httplib::Error::Compression, Code::body_undecodable, Phase::body},
      {httplib::Error::ExceedRedirectCount, Code::too_many_redirects, Phase::none},
      {httplib::Error::Canceled, Code::cancelled, Phase::none},
  };
  Error result{Code::receive_failed, Phase::none, {}};
  for (const Meaning& meaning : kMeanings) {
    if (meaning.error != error) continue;
    result.code = meaning.code;
    result.phase = meaning.phase;
  }
  result.message = url.host_port() + ": cpp-httplib reports " + httplib::to_string(error);
  return result;
}

/// For one `httplib::Client` (or `SSLClient`), and on the same threads as it. Both parameters of
/// `call` and `send` that name the parent may be of any trace: one that is not sampled goes on and
/// is not recorded, and without one the request is sent as it is.
template <class Client>
class HttplibClient {
 public:
  /// `client` outlives this and was made for `origin`: httplib does not tell where it connects to.
  HttplibClient(Client& client, Url origin, ForeignCallOptions options = {})
      : client_(client), origin_(std::move(origin)), options_(std::move(options)) {}

  /// As `client.send(request)`; trace headers that it has already are replaced.
  httplib::Result send(const SegmentContext& parent, httplib::Request request) {
    const auto transmit = [&](const httplib::Headers& trace) {
      for (const auto& field : trace) {
        request.headers.erase(field.first);
        request.headers.emplace(field.first, field.second);
      }
      return client_.send(request);
    };
    return call(parent, request.method, request.path, transmit);
  }

  /// For all the other functions of the client: `perform` is given the headers to send and returns
  /// the client's result. Trace headers among its default headers must not be set.
  template <class Perform>
  httplib::Result call(const SegmentContext& parent, std::string_view method, std::string_view path,
                       Perform perform) {
    Request request{url_of(path)};
    request.method = method;
    ForeignCall record{parent, std::move(request), options_};
    httplib::Headers trace;
    record.write_headers([&trace](std::string_view name, std::string_view value) {
      trace.emplace(std::string(name), std::string(value));
    });
    try {
      httplib::Result result = perform(std::as_const(trace));
      finish(record, result);
      return result;
    } catch (const std::exception& exception) {
      record.context().add_exception(exception);
      throw;
    }
  }

 private:
  // httplib asks its origin for whatever path it is given, be it `//elsewhere` or a whole URL.
  Url url_of(std::string_view path) const {
    if (!path.starts_with('/')) return origin_;
    std::string text = origin_.scheme() + "://" + origin_.authority();
    text += path;
    const Expected<Url> url = Url::parse(text);
    return url ? *url : origin_;
  }

  void finish(ForeignCall& record, const httplib::Result& result) const {
    if (!result) return record.fail(httplib_error(result.error(), origin_));
    Response head;
    head.status = result->status;
    head.content_length = length_of(result->get_header_value("Content-Length"));
    // Empty where a content receiver took the body, and larger than it was where it was decoded.
    const bool is_encoded = result->has_header("Content-Encoding");
    if (!is_encoded) record.timeline().response_body_bytes = result->body.size();
    record.finish(std::move(head));
  }

  static std::optional<std::uint64_t> length_of(const std::string& text) {
    std::uint64_t length = 0;
    const char* const end = text.data() + text.size();
    const auto [stopped, error] = std::from_chars(text.data(), end, length);
    if (error != std::errc() || stopped != end) return std::nullopt;
    return length;
  }

  Client& client_;
  Url origin_;
  ForeignCallOptions options_;
};

}  // namespace xtrace
