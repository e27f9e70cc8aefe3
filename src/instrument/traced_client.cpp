#include <optional>
#include <string>
#include <utility>

#include <xtrace/traced_client.h>

#include "instrument/attempt_headers.h"
#include "instrument/call_recorder.h"

namespace xtrace {

/// What a traced call needs until it is over; used again for the next, with the memory it has.
class TracedRequest {
 public:
  explicit TracedRequest(TracedClient& client) : client_(client) {}

  TracedClient& client() { return client_; }

  CallOptions begin(SegmentContext parent, const Request& request, CallOptions options,
                    const TracedClientOptions& settings);
  void expect(Callback<void(Exchange)> on_done) { on_done_ = std::move(on_done); }
  void finish(Exchange exchange);
  void record(const Exchange& exchange);
  /// Of a call that was destroyed before its end.
  void record_cancelled();
  void forget();

 private:
  TracedClient& client_;
  AttemptHeaders headers_;
  WallTime started_{};
  std::string method_;
  std::optional<Url> url_;
  bool redacts_ = true;
  Callback<Expected<void>(Request&)> before_attempt_;
  Callback<void(Exchange)> on_done_;
  std::string scratch_;
};

CallOptions TracedRequest::begin(SegmentContext parent, const Request& request, CallOptions options,
                                 const TracedClientOptions& settings) {
  if (!parent.has_trace()) return options;
  if (parent) {
    started_ = now().wall;
    method_ = request.method;
    url_ = request.url;
    redacts_ = settings.redact;
  }
  headers_.begin(std::move(parent), settings.sends_traceparent);
  before_attempt_ = std::move(options.before_attempt);
  options.before_attempt = [this](Request& next) -> Expected<void> {
    if (before_attempt_) {
      if (Expected<void> prepared = before_attempt_(next); !prepared) return prepared;
    }
    headers_.write_into(next);
    return {};
  };
  return options;
}

void TracedRequest::finish(Exchange exchange) {
  record(exchange);
  Callback<void(Exchange)> done = std::move(on_done_);
  done(std::move(exchange));  // may destroy this
}

void TracedRequest::record(const Exchange& exchange) {
  const SegmentContext& parent = headers_.parent();
  if (!parent) return;
  const RecordOptions options{.redact = redacts_, .sent = headers_.sent()};
  CallRecorder(method_, *url_, exchange, options, scratch_).record_below(parent);
}

void TracedRequest::record_cancelled() {
  Exchange exchange;
  exchange.timeline.started.wall = started_;
  exchange.timeline.total = now().wall - started_;
  exchange.error = Error{Error::Code::cancelled, Phase::none, "cancelled by the caller"};
  record(exchange);
}

void TracedRequest::forget() {
  headers_.end();
  before_attempt_ = nullptr;
  on_done_ = nullptr;
}

// -- TracedCall -----------------------------------------------------------------------------------

TracedCall::TracedCall() = default;
TracedCall::TracedCall(TracedCall&& other) noexcept = default;

TracedCall& TracedCall::operator=(TracedCall&& other) noexcept {
  if (this != &other) {
    give_up();
    request_ = std::move(other.request_);
    call_ = std::move(other.call_);
  }
  return *this;
}

TracedCall::~TracedCall() {
  give_up();
}

TracedCall::TracedCall(std::unique_ptr<TracedRequest> request, Call call)
    : request_(std::move(request)), call_(std::move(call)) {}

Exchange TracedCall::abort() {
  Exchange exchange = call_.abort();
  request_->record(exchange);
  return exchange;
}

void TracedCall::resume() {
  call_.resume();
}

bool TracedCall::is_running() const {
  return call_.is_running();
}

void TracedCall::give_up() {
  if (request_ == nullptr) return;
  if (call_.is_running()) request_->record_cancelled();
  call_ = Call();  // its callbacks know the request
  TracedClient& client = request_->client();
  client.give_back(std::move(request_));
}

// -- TracedClient ---------------------------------------------------------------------------------

TracedClient::TracedClient(Client& client, const TracedClientOptions& options)
    : client_(client), options_(options) {}

TracedClient::~TracedClient() = default;

TracedCall TracedClient::start(SegmentContext parent, Request request, CallOptions options,
                               Callback<void(Exchange)> on_done) {
  std::unique_ptr<TracedRequest> traced = take();
  TracedRequest* const self = traced.get();
  CallOptions traced_options =
      self->begin(std::move(parent), request, std::move(options), options_);
  self->expect(std::move(on_done));
  return {std::move(traced),
          client_.start(std::move(request), std::move(traced_options),
                        [self](Exchange exchange) { self->finish(std::move(exchange)); })};
}

std::unique_ptr<TracedRequest> TracedClient::take() {
  if (unused_.empty()) return std::make_unique<TracedRequest>(*this);
  std::unique_ptr<TracedRequest> request = std::move(unused_.back());
  unused_.pop_back();
  return request;
}

void TracedClient::give_back(std::unique_ptr<TracedRequest> request) {
  request->forget();
  unused_.push_back(std::move(request));
}

// -- waiting --------------------------------------------------------------------------------------

Exchange traced_fetch(BlockingClient& client, const SegmentContext& parent, Request request,
                      CallOptions options) {
  if (!parent.has_trace()) return client.fetch(std::move(request), std::move(options));
  AttemptHeaders headers;
  headers.begin(parent, false);
  auto before = std::move(options.before_attempt);
  options.before_attempt = [&headers, &before](Request& next) -> Expected<void> {
    if (before) {
      if (Expected<void> prepared = before(next); !prepared) return prepared;
    }
    headers.write_into(next);
    return {};
  };
  Request asked(request.url);
  asked.method = request.method;
  Exchange exchange = client.fetch(std::move(request), std::move(options));
  record_call(parent, asked, exchange, {.sent = headers.sent()});
  return exchange;
}

}  // namespace xtrace
