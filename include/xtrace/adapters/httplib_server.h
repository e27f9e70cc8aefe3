#pragma once

/// Traces what a `httplib::Server` answers, of cpp-httplib 0.11 and later.
///
///     httplib::Server server;
///     trace_httplib_server(server, trace);    // before it listens
///     server.Get("/stock", [&](const httplib::Request&, httplib::Response& answer) {
///       current_context().annotate("item", "lamp");
///       ...
///     });
///
/// Each request gets a segment: those that a handler answers, that find none (404), whose body is
/// refused, and, from the moment they are refused, those that httplib turns away before it looks
/// for a handler. From the pre-routing hook until the answer was sent, content providers included,
/// the segment is the thread's current one (`current_context`): httplib does all that on one thread
/// of its pool. Work that a handler gives to other threads is given its context.
///
/// httplib has one pre-routing, one post-routing and one exception handler, and they are taken: a
/// service hands over its own in `HttplibServerHandlers`. An exception that a handler throws is
/// recorded; without an exception handler of the service the answer is 500, as httplib's own, but
/// without the `EXCEPTION_WHAT` header in which many versions tell strangers its text.
///
/// What httplib does not tell cannot be recorded: whether an answer that was held in memory reached
/// the client, and WebSocket connections (their upgrade is traced where it is refused). Under
/// `set_trusted_proxies` of later versions `remote_addr` is the client's already; leave
/// `trusted_hops` at 0 then.

#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include <httplib.h>

#include <xtrace/adapters/httplib_request.h>
#include <xtrace/error.h>
#include <xtrace/segment_context.h>
#include <xtrace/server_trace.h>

namespace xtrace {

/// A service's own handlers, called where httplib would call them, each with the segment current.
struct HttplibServerHandlers {
  httplib::Server::HandlerWithResponse pre_routing{};
  httplib::Server::Handler post_routing{};
  httplib::Server::ExceptionHandler exception{};
};

/// What is known of the request that a thread of httplib's pool is at. Not for services.
class HttplibExchange {
 public:
  HttplibExchange(ServerTrace& trace, const httplib::Request& request)
      : request_(&request), segment_(trace.begin(HttplibRequestFacts(request).facts())) {
    scope_.emplace(segment_.context());
  }
  HttplibExchange(const HttplibExchange&) = delete;
  HttplibExchange& operator=(const HttplibExchange&) = delete;
  ~HttplibExchange() = default;

  /// A new one of this thread. One that is still there was left behind, and ends first.
  static HttplibExchange& begin(ServerTrace& trace, const httplib::Request& request) {
    current().reset();
    current() = std::make_unique<HttplibExchange>(trace, request);
    return *current();
  }
  /// That of this thread; a new one where httplib asked no pre-routing hook.
  static HttplibExchange& of(ServerTrace& trace, const httplib::Request& request) {
    return current() && current()->request_ == &request ? *current() : begin(trace, request);
  }

  void add_exception(const std::exception_ptr& thrown) {
    try {
      std::rethrow_exception(thrown);
    } catch (const std::exception& exception) {
      segment_.add_exception(exception);
    } catch (...) {
      segment_.context().add_exception("unknown", "an exception that is no std::exception");
    }
  }

  /// The head of the answer is about to be sent.
  void answer(httplib::Response& response) {
    if (const std::string header = segment_.answer_header(); !header.empty()) {
      response.headers.erase("X-Amzn-Trace-Id");  // the service's own, which it passes on perhaps
      response.set_header("X-Amzn-Trace-Id", header);
    }
    response_ = {.status = response.status, .content_length = std::nullopt};
    const bool is_provided = static_cast<bool>(response.content_provider_);
    if (request_->method == "HEAD") {
      response_.content_length = 0;
    } else if (is_provided) {
      watch_provider(response);
    } else {
      response_.content_length = response.body.size();
    }
    // The one thing that httplib does when all is over: it runs in the response's destructor.
    auto& releaser = response.content_provider_resource_releaser_;
    releaser = Release{std::move(releaser), is_provided};
    release_ = releaser.target<Release>();
  }

 private:
  /// Copies of a response, which a logger may make, release too: only the one that is sent ends
  /// its segment.
  struct Release {
    httplib::ContentProviderResourceReleaser own;
    bool may_break_off;

    void operator()(bool was_sent) const {
      if (own) own(was_sent);
      HttplibExchange* const exchange = current().get();
      if (exchange == nullptr || exchange->release_ != this) return;
      exchange->end(was_sent || !may_break_off);
    }
  };

  static std::unique_ptr<HttplibExchange>& current() {
    thread_local std::unique_ptr<HttplibExchange> exchange;
    return exchange;
  }

  void watch_provider(httplib::Response& response) {
    // What httplib compresses as it goes is not counted: nobody tells how long it becomes.
    const bool is_encoded = response.has_header("Content-Encoding");
    if (!response.is_chunked_content_provider_ || !is_encoded) response_.content_length = 0;
    response.content_provider_ = [this, provide = std::move(response.content_provider_)](
                                     std::size_t offset, std::size_t length,
                                     httplib::DataSink& sink) {
      auto write = std::move(sink.write);
      sink.write = [this, &write](const char* data, std::size_t size) {
        has_peer_ = write(data, size);
        if (has_peer_ && response_.content_length) *response_.content_length += size;
        return has_peer_;
      };
      const bool goes_on = provide(offset, length, sink);
      sink.write = std::move(write);
      if (!goes_on && has_peer_) has_content_ = false;
      return goes_on;
    };
  }

  void end(bool was_sent) {
    const std::unique_ptr<HttplibExchange> self = std::move(current());
    scope_.reset();
    if (was_sent || request_->method == "HEAD") return segment_.end(response_);
    Error reason{Error::Code::peer_left, Phase::none, "the client left before it had the answer"};
    if (!has_content_) {
      reason.code = Error::Code::body_source_failed;
      reason.message = "the answer broke off: its content provider gave up";
    }
    segment_.abort(reason, response_);
  }

  const httplib::Request* request_;
  ServerSegment segment_;
  std::optional<ContextScope> scope_{};
  ServerResponseFacts response_{};
  const Release* release_ = nullptr;  // in the response that is sent
  bool has_peer_ = true;              // took what was written last
  bool has_content_ = true;           // until the provider gives up
};

/// Traces all that `server` answers. Once for a server, before it listens; `trace` outlives it.
inline void trace_httplib_server(httplib::Server& server, ServerTrace& trace,
                                 HttplibServerHandlers handlers = {}) {
  using Reply = httplib::Server::HandlerResponse;
  server.set_pre_routing_handler([&trace, own = std::move(handlers.pre_routing)](
                                     const httplib::Request& request, httplib::Response& answer) {
    // A WebSocket's upgrade that succeeds meets no other hook, and would never end.
    if (!request.has_header("Sec-WebSocket-Key")) HttplibExchange::begin(trace, request);
    return own ? own(request, answer) : Reply::Unhandled;
  });
  server.set_post_routing_handler([&trace, own = std::move(handlers.post_routing)](
                                      const httplib::Request& request, httplib::Response& answer) {
    HttplibExchange& exchange = HttplibExchange::of(trace, request);
    if (own) own(request, answer);
    exchange.answer(answer);
  });
  server.set_exception_handler(
      [&trace, own = std::move(handlers.exception)](
          const httplib::Request& request, httplib::Response& answer, std::exception_ptr thrown) {
        HttplibExchange::of(trace, request).add_exception(thrown);
        if (own) return own(request, answer, thrown);
        answer.status = 500;
      });
}

}  // namespace xtrace
