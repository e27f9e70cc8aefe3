#include "client/attempt.h"

#include <algorithm>
#include <utility>

#include "base/assert.h"

namespace xtrace {

namespace {

FamilyWanted to_wanted(AddressFamily family) {
  switch (family) {
    case AddressFamily::ipv4_only:
      return FamilyWanted::ipv4;
    case AddressFamily::ipv6_only:
      return FamilyWanted::ipv6;
    case AddressFamily::any:
      break;
  }
  return FamilyWanted::any;
}

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

template <class Hook, class... Args>
void call_hook(const Hook& hook, Args&&... args) {
  if (hook) hook(std::forward<Args>(args)...);
}

}  // namespace

Attempt::Attempt(const AttemptContext& context, Request request, CallOptions options,
                 Callback<void(Exchange)> on_done)
    : context_(context),
      request_(std::move(request)),
      options_(std::move(options)),
      on_done_(std::move(on_done)),
      kick_off_(context.loop),
      deadlines_(context.loop, [this](Limit limit) { on_limit(limit); }) {}

Attempt::~Attempt() = default;

// -- the edges --------------------------------------------------------------------------------

void Attempt::start(Expected<std::shared_ptr<const TlsContext>> tls) {
  tls_ = std::move(tls);
  timeline_.started = now();
  timeline_.begin(Phase::queue, Duration::zero());
  deadlines_.set(Limit::total, context_.config.timeouts.total);
  kick_off_.call([this] { begin(); });
}

void Attempt::begin() {
  call_hook(options_.trace.get_conn, request_.url.host_port());
  if (const Expected<void> checked = check_request(request_); !checked)
    return fail(checked.error());
  if (const Error* error = tls_.if_error()) return fail(*error);
  Expected<Route> route = plan_route(context_.config, request_.url);
  timeline_.end(Phase::queue, elapsed(), Outcome::ok);
  timeline_.begin(Phase::connect, elapsed());
  if (const Error* error = route.if_error())
    return fail({error->code, Phase::connect, error->message});
  route_ = std::move(route).value();
  deadlines_.set(Limit::connect, context_.config.timeouts.connect);
  if (route_.addresses.empty()) return resolve();
  dial();
}

void Attempt::resolve() {
  state_ = State::resolving;
  timeline_.dns = DnsFacts{.host = route_.host,
                           .addresses = {},
                           .coalesced = false,
                           .resolver = std::string(context_.resolver.name())};
  timeline_.begin(Phase::dns_wait, elapsed());
  deadlines_.set(Limit::dns, context_.config.timeouts.dns);
  call_hook(options_.trace.dns_start, route_.host);
  lookup_ = context_.resolver.resolve(
      {.host = route_.host, .port = route_.port, .family = to_wanted(context_.config.family)},
      [this](Expected<Resolved> resolved) { on_resolved(std::move(resolved)); });
}

void Attempt::on_resolved(Expected<Resolved> resolved) {
  deadlines_.clear(Limit::dns);
  record_lookup(resolved ? Outcome::ok : Outcome::error);
  lookup_.reset();
  if (const Error* error = resolved.if_error()) return fail(*error);
  timeline_.dns->addresses = std::move(resolved->addresses);
  timeline_.dns->coalesced = resolved->coalesced;
  route_.addresses = timeline_.dns->addresses;
  call_hook(options_.trace.dns_done,
            DnsDoneInfo{
                .addresses = route_.addresses, .error = nullptr, .coalesced = resolved->coalesced});
  dial();
}

void Attempt::dial() {
  state_ = State::dialling;
  connecting_ = connect_to(
      context_.loop, route_.addresses, {.stagger = context_.config.happy_eyeballs_delay}, *this,
      [this](Expected<std::unique_ptr<Stream>> stream) { on_connected(std::move(stream)); });
}

void Attempt::on_connected(Expected<std::unique_ptr<Stream>> stream) {
  connecting_.reset();
  if (const Error* error = stream.if_error()) return fail(*error);
  stream_ = std::move(stream).value();
  timeline_.local = stream_->local_address();
  timeline_.remote = stream_->remote_address();
  if (request_.url.is_https()) return shake();
  use_connection();
}

void Attempt::shake() {
  state_ = State::shaking_hands;
  deadlines_.set(Limit::tls, context_.config.timeouts.tls);
  call_hook(options_.trace.tls_handshake_start);
  timeline_.begin(Phase::tls, elapsed());
  handshake_ = shake_hands(context_.loop, tls_.value(), std::move(stream_),
                           {.host = request_.url.host(), .server_name = context_.config.sni},
                           [this](Expected<TlsSession> session) { on_shaken(std::move(session)); });
}

void Attempt::on_shaken(Expected<TlsSession> session) {
  const Duration at = elapsed();
  deadlines_.clear(Limit::tls);
  if (const Error* error = session.if_error()) return fail(*error);
  timeline_.end(Phase::tls, at, Outcome::ok);
  handshake_.reset();
  stream_ = std::move(session->stream);
  timeline_.tls = std::move(session->info);
  call_hook(options_.trace.tls_handshake_done, &*timeline_.tls, nullptr);
  use_connection();
}

void Attempt::use_connection() {
  timeline_.end(Phase::connect, elapsed(), Outcome::ok);
  deadlines_.clear(Limit::connect);
  call_hook(options_.trace.got_conn, GotConnInfo{.reused = false,
                                                 .was_idle = false,
                                                 .idle_time = Duration::zero(),
                                                 .local = timeline_.local,
                                                 .remote = timeline_.remote});
  send();
}

void Attempt::send() {
  state_ = State::exchanging;
  std::string head = serialize_head(request_, context_.config.user_agent);
  if (options_.trace.wrote_header_field)
    tell_header_fields(head, options_.trace.wrote_header_field);
  parser_.emplace(request_.method,
                  ParserLimits{.head_bytes = context_.config.max_head_bytes,
                               .interim_responses = static_cast<int>(Timeline::kMaxInterims)},
                  static_cast<ResponseEvents&>(*this));
  upload_.emplace(
      *stream_, std::move(head), request_.body,
      Upload::Events{.on_head_sent = [this] { call_hook(options_.trace.wrote_headers); },
                     .on_sent = [this](const Expected<void>& sent) { on_sent(sent); }});
  timeline_.request_head_bytes = upload_->head_size();
  exchange_began_ = tick_now();
  timeline_.begin(Phase::request, since_start(exchange_began_));
  deadlines_.set(Limit::idle, context_.config.timeouts.idle);
  upload_->start();
  stream_->start_reading([this](Expected<std::span<const std::byte>> received) {
    return on_received(std::move(received));
  });
}

void Attempt::on_sent(const Expected<void>& sent) {
  if (const Error* error = sent.if_error()) {
    // A server may answer early and close; what it said is worth more than our broken pipe. Reading
    // goes on and decides.
    send_error_ = *error;
    timeline_.end(Phase::request, elapsed(), Outcome::error);
    call_hook(options_.trace.wrote_request, WroteRequestInfo{.error = &*send_error_});
    if (timeline_.find(Phase::body) == nullptr) deadlines_.set(Limit::last_words, kLastWords);
    return;
  }
  const Duration at = since_start(stream_->accepted_at());
  timeline_.end(Phase::request, at, Outcome::ok);
  call_hook(options_.trace.wrote_request, WroteRequestInfo{.error = nullptr});
  if (timeline_.find(Phase::body) != nullptr) return;  // answered already
  timeline_.begin(Phase::response, at);
  deadlines_.set(Limit::response, context_.config.timeouts.response);
}

Flow Attempt::on_received(Expected<std::span<const std::byte>> received) {
  received_at_ = tick_now();
  if (const Error* error = received.if_error()) {
    on_receive_failed(*error);
    return Flow::proceed;
  }
  if (received->empty()) {
    on_peer_closed();
    return Flow::proceed;
  }
  const Expected<std::size_t> taken = parser_->feed(*received);
  if (body_refusal_) {
    fail(*body_refusal_);
  } else if (const Error* error = taken.if_error()) {
    fail_answer(*error);
  } else if (is_complete_) {
    finish();
  }
  return Flow::proceed;  // `this` may be gone
}

// -- dials ------------------------------------------------------------------------------------

void Attempt::on_dial_start(std::size_t index, const Address& address, Tick at) {
  if (index < Timeline::kMaxDials) {
    timeline_.dials[index] = {.address = address,
                              .span = {since_start(at), since_start(at), Outcome::ok},
                              .error = std::nullopt};
    timeline_.dial_count = index + 1;
  } else {
    ++timeline_.dials_unrecorded;
  }
  open_dials_.emplace_back(index, address);
  call_hook(options_.trace.connect_start, address.network(), address);
}

void Attempt::on_dial_done(std::size_t index, const Address& address, Tick at, const Error* error) {
  Outcome outcome = Outcome::ok;
  if (error != nullptr) outcome = is_timeout(error->code) ? Outcome::timeout : Outcome::error;
  close_dial(index, at, outcome, error);
  call_hook(options_.trace.connect_done, address.network(), address, error);
}

void Attempt::on_dial_abandoned(std::size_t index, const Address& address, Tick at) {
  const Error lost{
      Error::Code::cancelled, Phase::dial,
      "connect " + address.to_string() + ": abandoned, another address answered first"};
  close_dial(index, at, Outcome::abandoned, nullptr);
  call_hook(options_.trace.connect_done, address.network(), address, &lost);
}

void Attempt::close_dial(std::size_t index, Tick at, Outcome outcome, const Error* error) {
  std::erase_if(open_dials_, [index](const auto& open) { return open.first == index; });
  if (index >= Timeline::kMaxDials) return;
  Dial& dial = timeline_.dials[index];
  dial.span.end = since_start(at);
  dial.span.outcome = outcome;
  if (error != nullptr) dial.error = *error;
}

// -- the response -----------------------------------------------------------------------------

void Attempt::on_status_line_begins() {
  status_line_at_ = since_start(received_at_);
  if (is_first_byte_seen_) return;
  is_first_byte_seen_ = true;
  call_hook(options_.trace.got_first_response_byte);
}

void Attempt::on_interim(Response response) {
  if (timeline_.interim_count < Timeline::kMaxInterims) {
    timeline_.interims[timeline_.interim_count++] = {.status = response.status,
                                                     .at = status_line_at_};
  }
  if (response.status == 100) call_hook(options_.trace.got_100_continue);
  call_hook(options_.trace.got_1xx_response, response.status, response.headers);
}

// Only the status tells the final response from an interim one; its first byte is what ended the
// wait.
void Attempt::on_status_line(int status) {
  if (status < 200) return;
  deadlines_.clear(Limit::response);
  deadlines_.clear(Limit::last_words);
  const Span* wait = timeline_.find(Phase::response);
  if (wait != nullptr && wait->begin <= status_line_at_) {
    timeline_.end(Phase::response, status_line_at_, Outcome::ok);
  } else {
    timeline_.early_response = true;
    timeline_.set(Phase::response, {status_line_at_, status_line_at_, Outcome::ok});
  }
  timeline_.begin(Phase::body, status_line_at_);
}

void Attempt::on_head(Response response) {
  response_ = std::move(response);
  call_hook(options_.trace.got_response_head, *response_);
}

void Attempt::on_body(std::span<const std::byte> piece) {
  if (body_refusal_) return;
  if (options_.on_body) {
    if (const Expected<Flow> taken = options_.on_body(piece); !taken) body_refusal_ = taken.error();
    return;
  }
  if (response_->body.size() + piece.size() > context_.config.max_buffered_body) {
    body_refusal_ =
        Error{Error::Code::body_too_large, Phase::body,
              "the body is larger than the " + std::to_string(context_.config.max_buffered_body) +
                  " bytes that may be kept in memory"};
    return;
  }
  response_->body.append(reinterpret_cast<const char*>(piece.data()), piece.size());
}

void Attempt::on_complete(Headers trailers) {
  response_->trailers = std::move(trailers);
  is_complete_ = true;
}

}  // namespace xtrace
