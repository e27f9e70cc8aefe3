#include <array>
#include <charconv>
#include <cstring>
#include <exception>
#include <memory>
#include <optional>
#include <utility>

#include <arpa/inet.h>

#include <xtrace/traced_server.h>

#include "instrument/server_trace_inside.h"

namespace xtrace {

namespace {

constexpr std::string_view kAnswerField = "X-Amzn-Trace-Id";

/// The IP address of a peer, without memory of its own. A Unix socket has none.
class PeerIp {
 public:
  explicit PeerIp(const Address& peer) {
    if (peer.family() == Address::Family::ipv4) write_ipv4(peer.ipv4().data());
    if (peer.family() == Address::Family::ipv6) write_ipv6(peer.ipv6());
  }
  std::string_view text() const { return {text_.data(), size_}; }

 private:
  void write_ipv4(const std::uint8_t* bytes) {
    char* at = text_.data();
    for (int i = 0; i < 4; ++i) {
      if (i > 0) *at++ = '.';
      at = std::to_chars(at, text_.data() + text_.size(), bytes[i]).ptr;
    }
    size_ = static_cast<std::size_t>(at - text_.data());
  }
  /// An IPv4 client of a socket for both families is an IPv4 client.
  void write_ipv6(const std::array<std::uint8_t, 16>& bytes) {
    in6_addr native{};
    std::memcpy(&native, bytes.data(), bytes.size());
    if (IN6_IS_ADDR_V4MAPPED(&native)) return write_ipv4(bytes.data() + 12);
    if (inet_ntop(AF_INET6, &native, text_.data(), INET6_ADDRSTRLEN) != nullptr) {
      size_ = std::strlen(text_.data());
    }
  }

  std::array<char, INET6_ADDRSTRLEN> text_{};
  std::size_t size_ = 0;
};

void finish(ServerSegment& served, const ServerEnd& end) {
  ServerResponseFacts sent{.status = end.status};
  if (end.status != 0) sent.content_length = end.response_body_bytes;
  if (end.error) {
    served.abort(*end.error, sent);
  } else {
    served.end(sent);
  }
}

/// A handler while it runs. A call that ends because an exception drops it ends before anybody
/// can know the exception, so its segment waits here.
class Handling {
 public:
  Handling() : outer_(std::exchange(innermost, this)) {}
  Handling(const Handling&) = delete;
  Handling& operator=(const Handling&) = delete;
  ~Handling() {
    innermost = outer_;
    if (served_) finish(*served_, end_);
  }

  static void end(ServerSegment& served, const ServerEnd& end) {
    Handling* const now = innermost;
    if (now == nullptr || std::uncaught_exceptions() <= now->uncaught_ || now->served_) {
      return finish(served, end);
    }
    now->served_.emplace(std::move(served));
    now->end_ = end;
  }

 private:
  static thread_local constinit Handling* innermost;

  Handling* outer_;
  int uncaught_ = std::uncaught_exceptions();
  std::optional<ServerSegment> served_{};
  ServerEnd end_{};
};

thread_local constinit Handling* Handling::innermost = nullptr;

class TracedCalls {
 public:
  TracedCalls(ServerTrace& trace, TracedHandler handler)
      : trace_(trace), handler_(std::move(handler)) {}

  void serve(ServerCall call) {
    ServerSegment served = begin(call);
    thread_local std::string answer;  // the servers of one handler may run on several threads
    answer.clear();
    if (served.append_answer_header(answer)) call.add_header(kAnswerField, answer);
    const ContextScope scope{served.context()};
    if (!ServerTraceInside::is_recorded(served)) return handle(std::move(call), current_context());
    call.on_end(
        [served = std::move(served)](const ServerEnd& end) mutable { Handling::end(served, end); });
    const Handling handling;
    handle(std::move(call), current_context());
  }

 private:
  ServerSegment begin(const ServerCall& call) {
    const RequestFacts request(call.request(), call.is_encrypted());
    ServerSegment served = ServerTraceInside::begin_bare(trace_, request.facts());
    if (ServerTraceInside::is_recorded(served)) {
      const PeerIp peer(call.peer());
      ServerRequestFacts facts = request.facts();
      facts.peer_ip = peer.text();
      ServerTraceInside::describe(trace_, served, facts);
    }
    return served;
  }

  void handle(ServerCall&& call, const SegmentContext& segment) {
    try {
      handler_(std::move(call), segment);
    } catch (const std::exception& exception) {
      segment.add_exception(exception);
    } catch (...) {
      segment.add_exception("unknown", "not a std::exception");
    }
  }

  ServerTrace& trace_;
  const TracedHandler handler_;
};

}  // namespace

HttpHandler traced_handler(ServerTrace& trace, TracedHandler handler) {
  auto calls = std::make_shared<TracedCalls>(trace, std::move(handler));
  return [calls](ServerCall call) { calls->serve(std::move(call)); };
}

}  // namespace xtrace
