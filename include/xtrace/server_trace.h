#pragma once

/// `ServerTrace` makes a segment of each request that a service answers, whatever it is served by:
/// request facts go in, a segment and a header for the answer come out.
///
///     ServerTrace trace{tracer, {.trusted_hops = 1}};
///     ServerSegment served = trace.begin({.method = "GET", .host = "shop.example.com", ...});
///     const ContextScope scope{served.context()};    // what is called from here finds its parent
///     ...
///     answer.set_header("X-Amzn-Trace-Id", served.answer_header());    // unless it is empty
///     served.end({.status = 200, .content_length = 512});
///
/// For `HttpServer` traced_server.h does all that, and adapters/ has it for cpp-httplib and
/// Boost.Beast. A request that is not sampled costs no allocation (beyond what an unusual header
/// takes: `tracestate`, a Root that is no trace id); its trace goes on all the same.

#include <cstddef>
#include <cstdint>
#include <exception>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <xtrace/error.h>
#include <xtrace/segment.h>
#include <xtrace/tracer.h>

namespace xtrace {

/// What a server knows of a request. The texts are views that must live until `begin` returns;
/// empty ones are unknown. Where a request has several fields of a name, X-Forwarded-For and
/// tracestate are joined by commas, of others the first counts.
struct ServerRequestFacts {
  std::string_view method{};
  std::string_view scheme = "http";
  std::string_view host{};  ///< The Host header, port included.
  std::string_view path{};  ///< Without the query.
  std::string_view user_agent{};
  std::string_view peer_ip{};        ///< Of the connection, without port.
  std::string_view forwarded_for{};  ///< X-Forwarded-For
  std::string_view trace_header{};   ///< X-Amzn-Trace-Id
  std::string_view traceparent{};    ///< Empty where there are several: W3C trusts none of them.
  std::string_view tracestate{};
};

struct ServerResponseFacts {
  int status = 0;                                 ///< 0 where there was none.
  std::optional<std::uint64_t> content_length{};  ///< Of the body, as sent.
};

/// When an answer carries `X-Amzn-Trace-Id`.
enum class TraceAnswer : std::uint8_t {
  /// Where the request said `Sampled=?`: `Root=...;Sampled=0|1`, as the SDK for Node.js.
  when_asked,
  /// Always: `Root=...`, with `Sampled` where it was asked for, as the SDK for Python. (That for Go
  /// adds the caller's own `Parent`.)
  always,
  never,
};

struct ServerTraceConfig {
  /// Of every segment whose Host no pattern matches. Empty: the name of the tracer.
  std::string name{};
  /// Where the request's Host, without its port, matches one of these (`matches_wildcard`:
  /// `*.example.com`), it is the segment's name.
  std::vector<std::string> host_patterns{};
  /// How many proxies of yours stand in front and add to X-Forwarded-For: `client_ip` is that many
  /// entries from its end. 0 takes the connection's peer, for the header may then be anybody's
  /// invention; so does a header with fewer entries, or with something that is no IP address there.
  /// An empty entry is an entry, so that nobody's invention moves up into its place.
  std::size_t trusted_hops = 0;
  /// Continue a trace from W3C's headers where X-Amzn-Trace-Id names none (`read_trace_headers`).
  bool reads_traceparent = false;
  TraceAnswer answer = TraceAnswer::when_asked;
};

/// The segment of one request. Movable; one that goes without `end` or `abort` ends with a fault
/// that says so.
class [[nodiscard]] ServerSegment {
 public:
  /// Empty.
  ServerSegment() = default;
  ServerSegment(const ServerSegment&) = delete;
  ServerSegment& operator=(const ServerSegment&) = delete;
  ServerSegment(ServerSegment&& other) noexcept;
  ServerSegment& operator=(ServerSegment&& other) noexcept;
  ~ServerSegment();

  /// To annotate, to begin subsegments below, to call on with. From any thread.
  SegmentContext context() const { return segment_.context(); }
  /// The value of the answer's X-Amzn-Trace-Id; empty where none is to be sent.
  std::string answer_header() const;
  /// The same appended to a warm string without allocating. Returns whether there is one.
  bool append_answer_header(std::string& out) const;

  /// The handler failed: recorded with what it wraps, and the segment is a fault.
  void add_exception(const std::exception& exception);
  /// The request was answered.
  void end(const ServerResponseFacts& response);
  /// It was not, or not whole: the cause says what happened. A client that went away, was too slow,
  /// or broke the rules or a limit is its own mistake (`error`), anything else a `fault`; what was
  /// flagged before stays. `response` is what was sent of the answer. `unanswered` adds no cause
  /// where an exception has told it.
  void abort(const Error& reason, const ServerResponseFacts& response = {});

 private:
  friend class ServerTrace;
  friend struct ServerTraceInside;
  ServerSegment(Segment segment, TraceAnswer answer, Sampled callers);
  void give_up();

  Segment segment_;
  TraceAnswer answer_ = TraceAnswer::never;
  bool was_asked_ = false;
  bool is_over_ = true;
};

class ServerTrace {
 public:
  /// `tracer` outlives it. One serves the whole process, from any thread.
  explicit ServerTrace(Tracer& tracer, ServerTraceConfig config = {});
  ServerTrace(const ServerTrace&) = delete;
  ServerTrace& operator=(const ServerTrace&) = delete;
  ~ServerTrace() = default;

  /// Continues the caller's trace, or begins one; the sampler is asked, by segment name, host,
  /// method and path, where the caller has not decided.
  ServerSegment begin(const ServerRequestFacts& request);

 private:
  friend struct ServerTraceInside;
  ServerSegment begin_bare(const ServerRequestFacts& request);
  void describe(const ServerSegment& served, const ServerRequestFacts& request) const;
  std::string_view name_for(std::string_view host) const;

  Tracer& tracer_;
  const ServerTraceConfig config_;
};

/// The entry of an X-Forwarded-For value that `trusted_hops` proxies vouch for, or nothing: without
/// port and brackets, always an IP address. A part of `forwarded_for`.
std::optional<std::string_view> client_ip_of(std::string_view forwarded_for,
                                             std::size_t trusted_hops);

}  // namespace xtrace
