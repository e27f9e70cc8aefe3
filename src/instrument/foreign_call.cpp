#include <utility>

#include <xtrace/foreign_call.h>
#include <xtrace/trace_header.h>
#include <xtrace/traced_exchange.h>

namespace xtrace {

namespace {

bool is_part_of_connect(Phase phase) {
  return phase == Phase::dns_wait || phase == Phase::dns || phase == Phase::dial ||
         phase == Phase::proxy || phase == Phase::tls;
}

Outcome foreign_outcome(const Error& error) {
  if (error.code == Error::Code::cancelled) return Outcome::abandoned;
  return is_timeout(error.code) ? Outcome::timeout : Outcome::error;
}

}  // namespace

ForeignCall::ForeignCall(const SegmentContext& parent, Request request, ForeignCallOptions options)
    : request_(std::move(request)), options_(std::move(options)) {
  timeline_.started = options_.clock ? options_.clock() : now();
  remote_ = parent.begin_subsegment(
      remote_name(request_.url),
      {.id = std::nullopt, .start = timeline_.started.wall, .space = Namespace::remote});
}

ForeignCall::~ForeignCall() {
  if (!is_over_) fail({Error::Code::cancelled, Phase::none, "cancelled by the caller"});
}

void ForeignCall::write_headers(
    const std::function<void(std::string_view, std::string_view)>& set) const {
  if (!remote_.has_trace()) return;
  const TraceHeader header = remote_.trace_header();
  if (const std::string own = header.to_string(); !own.empty()) set("X-Amzn-Trace-Id", own);
  if (!options_.sends_traceparent) return;
  const std::string w3c = header.to_traceparent();
  if (w3c.empty()) return;
  set("traceparent", w3c);
  if (const std::string state = header.to_tracestate(); !state.empty()) set("tracestate", state);
}

void ForeignCall::enter(Phase phase) {
  if (phase == Phase::dial) return enter_dial(Address());
  const Duration at = elapsed();
  leave(at, Outcome::ok);
  if (is_part_of_connect(phase)) {
    begin_connect(at);
  } else {
    end_connect(Outcome::ok);
  }
  phase_ = phase;
  if (phase == Phase::dns) {
    if (request_.url.host_is_ip()) return;  // resolvers parse these, and ask nobody
    timeline_.dns = DnsFacts{.host = request_.url.host(), .addresses = {}, .resolver = {}};
  }
  timeline_.begin(phase, at);
  is_inside_ = true;
}

void ForeignCall::enter_dial(const Address& address) {
  const Duration at = elapsed();
  leave(at, Outcome::ok);
  begin_connect(at);
  phase_ = Phase::dial;
  is_inside_ = true;
  if (timeline_.dial_count == Timeline::kMaxDials) {
    ++timeline_.dials_unrecorded;
    return;
  }
  timeline_.dials[timeline_.dial_count++] = {
      .address = address, .span = {at, at, Outcome::ok}, .error = std::nullopt};
}

void ForeignCall::leave() {
  leave(elapsed(), Outcome::ok);
}

void ForeignCall::fail_dial(Error error) {
  if (!is_inside_ || phase_ != Phase::dial) return;
  leave(elapsed(), foreign_outcome(error));
  if (Dial* dial = current_dial()) dial->error = std::move(error);
}

void ForeignCall::finish(Response response) {
  if (is_over_) return;
  leave(elapsed(), Outcome::ok);
  end_connect(Outcome::ok);
  record(std::move(response), std::nullopt);
}

void ForeignCall::fail(Error error, std::optional<Response> response) {
  if (is_over_) return;
  if (error.phase == Phase::none) error.phase = phase_;
  const Outcome outcome = foreign_outcome(error);
  if (is_inside_ && phase_ == Phase::dial && error.phase == Phase::dial) fail_dial(error);
  leave(elapsed(), outcome);
  end_connect(outcome);
  timeline_.error = error;
  record(std::move(response), std::move(error));
}

Duration ForeignCall::elapsed() const {
  const Tick tick = options_.clock ? options_.clock().tick : std::chrono::steady_clock::now();
  return tick - timeline_.started.tick;
}

void ForeignCall::leave(Duration at, Outcome outcome) {
  if (!is_inside_) return;
  is_inside_ = false;
  if (is_part_of_connect(phase_)) connected_ = at;
  if (phase_ != Phase::dial) {
    timeline_.end(phase_, at, outcome);
    return;
  }
  Dial* dial = current_dial();
  if (dial == nullptr) return;
  dial->span.end = at;
  dial->span.outcome = outcome;
  if (outcome == Outcome::ok && dial->address.is_set()) timeline_.remote = dial->address;
}

Dial* ForeignCall::current_dial() {
  return timeline_.dials_unrecorded > 0 ? nullptr : &timeline_.dials[timeline_.dial_count - 1];
}

void ForeignCall::begin_connect(Duration at) {
  if (timeline_.find(Phase::connect) == nullptr) timeline_.begin(Phase::connect, at);
}

void ForeignCall::end_connect(Outcome outcome) {
  timeline_.end(Phase::connect, connected_, outcome);
}

void ForeignCall::record(std::optional<Response> response, std::optional<Error> error) {
  is_over_ = true;
  timeline_.total = elapsed();
  Exchange exchange;
  exchange.response = std::move(response);
  exchange.error = std::move(error);
  exchange.timeline = std::move(timeline_);
  const RecordOptions options{.redact = options_.redact, .sent = {}, .counts_bodies = false};
  record_exchange(remote_, request_, exchange, options);
  remote_.end();
}

}  // namespace xtrace
