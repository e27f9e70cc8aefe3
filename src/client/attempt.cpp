#include "client/attempt.h"

#include <algorithm>
#include <utility>

#include "client/limit_error.h"
#include "http/request_head.h"
#include "loop/timer.h"

namespace xtrace {

namespace {

// A peer that answered early and closed has its answer on the way already.
constexpr Duration kLastWords = std::chrono::seconds(1);

void tell_header_fields(std::string_view head,
                        const std::function<void(std::string_view, std::string_view)>& hook) {
  head.remove_prefix(std::min(head.size(), head.find("\r\n") + 2));
  while (head.size() > 2) {
    const std::string_view line = head.substr(0, head.find("\r\n"));
    const std::size_t colon = line.find(':');
    hook(line.substr(0, colon), line.substr(std::min(line.size(), colon + 2)));
    head.remove_prefix(std::min(head.size(), line.size() + 2));
  }
}

// check_request lets no other expectation pass.
bool expects_continue(const Request& request) {
  return (request.supply || !request.body.empty()) && request.headers.contains("Expect");
}

}  // namespace

Attempt::Attempt(const AttemptContext& context, const Request& request, CallOptions& options,
                 AttemptOwner& owner, const TimePoint& started, Duration total_left)
    : context_(context),
      request_(request),
      options_(options),
      owner_(owner),
      deadlines_(context.loop, [this](Limit limit) { on_limit(limit); }),
      download_(context.loop) {
  timeline_.started = started;
  timeline_.begin(Phase::queue, Duration::zero());
  deadlines_.set(Limit::total, total_left);
}

Attempt::~Attempt() {
  context_.pool.stop_seeking(*this, nullptr);
  release_connection(Error{Error::Code::cancelled, Phase::none, {}});
}

// -- a connection ---------------------------------------------------------------------------------

void Attempt::begin(bool wants_new) {
  state_ = State::seeking;
  if (options_.trace.get_conn) options_.trace.get_conn(request_.url.host_port());
  if (const Expected<void> checked = check_request(request_); !checked)
    return fail(checked.error());
  deadlines_.set(Limit::wait, context_.config.timeouts.wait);
  const bool is_direct = !context_.config.unix_socket.empty();
  const Proxy* proxy = is_direct ? nullptr : context_.proxies.choose(request_.url);
  if (proxy != nullptr) timeline_.proxy = proxy->redacted();
  context_.pool.seek(*this, request_.url, proxy, wants_new);
}

Dialling::Audience Attempt::on_dial_decided() {
  deadlines_.clear(Limit::wait);
  const Duration at = elapsed();
  timeline_.end(Phase::queue, at, Outcome::ok);
  timeline_.begin(Phase::connect, at);
  return {.timeline = &timeline_, .trace = &options_.trace};
}

void Attempt::on_lent(const Lent& lent) {
  deadlines_.clear(Limit::wait);
  connection_ = &lent.connection;
  connection_->lend_to(this);
  is_kept_connection_ = lent.was_kept;
  record_lending(lent);
  if (const auto& hook = options_.trace.got_conn) {
    hook({.reused = lent.was_kept,
          .was_idle = lent.idle_time.has_value(),
          .idle_time = lent.idle_time.value_or(Duration::zero()),
          .local = timeline_.local,
          .remote = timeline_.remote});
  }
  send();
}

// A dial that was overtaken is not this attempt's story: it waited, and then was lent another.
void Attempt::record_lending(const Lent& lent) {
  if (lent.was_dialled_for_seeker) {
    timeline_.end(Phase::connect, elapsed(), Outcome::ok);
  } else {
    const Span* queue = timeline_.find(Phase::queue);
    timeline_.left_dial = timeline_.find(Phase::connect) != nullptr;
    timeline_.set(Phase::queue, {queue->begin, elapsed(), Outcome::ok});
  }
  if (timeline_.left_dial) {
    for (const Phase phase :
         {Phase::dns_wait, Phase::dns, Phase::connect, Phase::proxy, Phase::tls})
      timeline_.forget(phase);
    timeline_.dial_count = 0;
    timeline_.dials_unrecorded = 0;
    timeline_.dns.reset();
  }
  timeline_.reused = lent.was_kept;
  timeline_.idle_time = lent.idle_time;
  timeline_.connection = lent.connection.number();
  timeline_.local = lent.connection.local();
  timeline_.remote = lent.connection.remote();
  timeline_.tls = lent.connection.tls();
}

void Attempt::on_seek_failed(const Error& error) {
  fail(error);
}

// -- the request ----------------------------------------------------------------------------------

void Attempt::send() {
  state_ = State::exchanging;
  connection_->parser_for(request_.method,
                          {.head_bytes = context_.config.max_head_bytes,
                           .interim_responses = static_cast<int>(Timeline::kMaxInterims)},
                          *this);
  exchange_began_ = tick_now();
  timeline_.begin(Phase::request, since_start(exchange_began_));
  deadlines_.set(Limit::idle, context_.config.timeouts.idle);
  if (const Expected<void> started = start_upload(connection_->head()); !started)
    fail(started.error());
}

Expected<void> Attempt::start_upload(std::string& head) {
  std::unique_ptr<BodySource> source;
  if (request_.supply) {
    Expected<std::unique_ptr<BodySource>> opened = request_.supply->open(context_.loop);
    if (const Error* error = opened.if_error())
      return Error{error->code, Phase::request, error->message};
    source = std::move(opened).value();
  }
  HeadOptions head_options{.default_user_agent = context_.config.user_agent,
                           .accepts_compressed = context_.config.decoding.is_on,
                           .closes = !context_.config.keeps_alive};
  if (source) head_options.supply_size = source->size();
  const PoolGroup& group = connection_->group();
  head_options.is_absolute_form = group.is_shared_proxy();
  if (head_options.is_absolute_form) head_options.proxy_authorization = group.proxy_authorization;
  head.clear();
  append_head(head, request_, head_options);
  if (options_.trace.wrote_header_field)
    tell_header_fields(head, options_.trace.wrote_header_field);
  holds_body_ = expects_continue(request_);
  timeline_.request_head_bytes = head.size();
  upload_.emplace(
      context_.loop, connection_->stream(), head, request_.body, std::move(source),
      MessageWriter::Events{.on_head_sent = [this] { on_head_sent(); },
                            .on_sent = [this](const Expected<void>& sent) { on_sent(sent); }});
  upload_->start(holds_body_ ? MessageWriter::Body::held : MessageWriter::Body::follows);
  return {};
}

void Attempt::on_head_sent() {
  if (options_.trace.wrote_headers) options_.trace.wrote_headers();
  if (!holds_body_) return;
  const Duration at = since_start(connection_->stream().accepted_at());
  timeline_.continue_wait = Span{at, at, Outcome::ok};
  if (options_.trace.wait_100_continue) options_.trace.wait_100_continue();
  deadlines_.set(Limit::expect_continue, context_.config.timeouts.expect_continue);
}

// Told to go on, or not told anything for long enough.
void Attempt::release_body() {
  if (!std::exchange(holds_body_, false)) return;
  deadlines_.clear(Limit::expect_continue);
  if (timeline_.continue_wait) timeline_.continue_wait->end = elapsed();
  upload_->release_body();
}

void Attempt::on_sent(const Expected<void>& sent) {
  if (const Error* error = sent.if_error()) {
    // A server may answer early and close; what it said is worth more than our broken pipe. Reading
    // goes on and decides.
    send_error_ = *error;
    holds_body_ = false;
    deadlines_.clear(Limit::expect_continue);
    timeline_.end(Phase::request, elapsed(), Outcome::error);
    if (options_.trace.wrote_request) options_.trace.wrote_request({.error = &*send_error_});
    if (error->code == Error::Code::body_source_failed) return fail(*error);
    if (timeline_.find(Phase::body) == nullptr) deadlines_.set(Limit::last_words, kLastWords);
    return;
  }
  const Duration at = since_start(connection_->stream().accepted_at());
  timeline_.end(Phase::request, at, Outcome::ok);
  if (options_.trace.wrote_request) options_.trace.wrote_request({.error = nullptr});
  if (timeline_.find(Phase::body) != nullptr) return;  // answered already
  timeline_.begin(Phase::response, at);
  deadlines_.set(Limit::response, context_.config.timeouts.response);
}

}  // namespace xtrace
