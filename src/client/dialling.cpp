#include "client/dialling.h"

#include "client/limit_error.h"
#include "loop/timer.h"

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

template <class Hook, class... Args>
void call_hook(const ClientTrace* trace, Hook ClientTrace::*hook, Args&&... args) {
  if (trace != nullptr && trace->*hook) (trace->*hook)(std::forward<Args>(args)...);
}

}  // namespace

Dialling::Dialling(const DialContext& context, const Url& url, const Proxy* proxy,
                   Callback<void(Expected<Dialled>)> on_done)
    : context_(context),
      url_(url),
      proxy_(proxy),
      on_done_(std::move(on_done)),
      deadlines_(context.loop, [this](Limit limit) { on_limit(limit); }) {}

Dialling::~Dialling() = default;

// -- the edges ------------------------------------------------------------------------------------

Expected<void> Dialling::start(Audience audience) {
  audience_ = audience;
  if (const Expected<void> planned = plan(); !planned) return planned;
  deadlines_.set(Limit::connect, context_.config.timeouts.connect);
  go_on();
  return {};
}

Expected<void> Dialling::plan() {
  if (url_.is_https() || is_proxy_tls()) {
    Expected<std::shared_ptr<const TlsContext>> tls = context_.tls.get();
    if (const Error* error = tls.if_error()) return *error;
    tls_ = std::move(tls).value();
  }
  const bool is_looked_up_here = proxy_ == nullptr || proxy_->kind == Proxy::Kind::socks5;
  if (is_looked_up_here) {
    Expected<Route> route = plan_route(context_.config, url_);
    if (const Error* error = route.if_error()) return *error;
    target_ = std::move(route).value();
  }
  if (proxy_ == nullptr) {
    route_ = std::move(target_);
    return {};
  }
  Expected<Route> route = plan_proxy_route(context_.config, *proxy_);
  if (const Error* error = route.if_error()) return of_proxy(*error);
  route_ = std::move(route).value();
  return {};
}

// What must be known is looked up, one name after the other; then what is known is dialled.
void Dialling::go_on() {
  const bool is_target_unknown = !target_.host.empty() && target_.addresses.empty();
  if (is_target_unknown) return resolve(State::resolving_target, target_);
  if (route_.addresses.empty()) return resolve(State::resolving, route_);
  dial();
}

void Dialling::resolve(State state, Route& route) {
  state_ = state;
  if (Timeline* timeline = audience_.timeline; timeline != nullptr && !timeline->dns) {
    timeline->dns = DnsFacts{.host = route.host,
                             .addresses = {},
                             .coalesced = false,
                             .resolver = std::string(context_.resolver.name())};
    begin_phase(Phase::dns_wait);
  }
  deadlines_.set(Limit::dns, context_.config.timeouts.dns);
  call_hook(audience_.trace, &ClientTrace::dns_start, route.host);
  lookup_ = context_.resolver.resolve(
      {.host = route.host, .port = route.port, .family = to_wanted(context_.config.family)},
      [this](Expected<Resolved> resolved) { on_resolved(std::move(resolved)); });
}

void Dialling::on_resolved(Expected<Resolved> resolved) {
  deadlines_.clear(Limit::dns);
  record_lookup(resolved ? Outcome::ok : Outcome::error);
  lookup_.reset();
  const bool is_of_proxy = state_ == State::resolving && proxy_ != nullptr;
  if (const Error* error = resolved.if_error()) {
    return fail(is_of_proxy
                    ? Error{Error::Code::proxy_not_found, error->phase, of_proxy(*error).message}
                    : *error);
  }
  Route& route = state_ == State::resolving_target ? target_ : route_;
  route.addresses = std::move(resolved->addresses);
  // Of two lookups, the target's and a SOCKS proxy's, the facts are the first one's.
  Timeline* timeline = audience_.timeline;
  if (timeline != nullptr && timeline->dns->host == route.host) {
    timeline->dns->addresses = route.addresses;
    timeline->dns->coalesced = resolved->coalesced;
  }
  state_ = State::idle;
  call_hook(audience_.trace, &ClientTrace::dns_done,
            DnsDoneInfo{
                .addresses = route.addresses, .error = nullptr, .coalesced = resolved->coalesced});
  go_on();
}

void Dialling::dial() {
  state_ = State::dialling;
  deadlines_.set(Limit::dial, context_.config.timeouts.dial);
  connecting_ = connect_to(
      context_.loop, route_.addresses,
      {.stagger = context_.config.happy_eyeballs_delay,
       .keep_alive_probes = context_.config.keep_alive_probes},
      *this, [this](Expected<std::unique_ptr<Stream>> stream) { on_connected(std::move(stream)); });
}

void Dialling::on_connected(Expected<std::unique_ptr<Stream>> stream) {
  connecting_.reset();
  deadlines_.clear(Limit::dial);
  if (const Error* error = stream.if_error()) return fail(of_proxy(*error));
  made_.stream = std::move(stream).value();
  if (Timeline* timeline = audience_.timeline; timeline != nullptr) {
    timeline->local = made_.stream->local_address();
    timeline->remote = made_.stream->remote_address();
  }
  after_dial();
}

void Dialling::after_dial() {
  if (proxy_ != nullptr) deadlines_.set(Limit::proxy, context_.config.timeouts.proxy);
  if (!is_proxy_tls()) return needs_tunnel() ? tunnel() : after_proxy();
  shake_with_proxy();
}

void Dialling::shake_with_proxy() {
  state_ = State::shaking_with_proxy;
  call_hook(audience_.trace, &ClientTrace::tls_handshake_start);
  begin_phase(Phase::proxy);
  handshake_ = shake_hands(context_.loop, tls_, std::move(made_.stream),
                           {.host = proxy_->host, .server_name = {}, .port = proxy_->port},
                           [this](Expected<TlsSession> session) { on_shaken(std::move(session)); });
}

void Dialling::tunnel() {
  state_ = State::tunnelling;
  call_hook(audience_.trace, &ClientTrace::proxy_start, proxy_->host_port());
  if (!is_proxy_tls()) begin_phase(Phase::proxy);
  TunnelRequest request{.proxy = *proxy_,
                        .host = url_.host(),
                        .port = url_.port(),
                        .resolved = std::nullopt,
                        .user_agent = context_.config.user_agent,
                        .limits = {.head_bytes = context_.config.max_head_bytes}};
  if (!target_.addresses.empty()) request.resolved = target_.addresses.front();
  tunnelling_ = open_tunnel(
      context_.loop, std::move(made_.stream), std::move(request),
      [this](Expected<std::unique_ptr<Stream>> stream) { on_tunnelled(std::move(stream)); });
}

void Dialling::on_tunnelled(Expected<std::unique_ptr<Stream>> stream) {
  if (const Error* error = stream.if_error()) return fail(*error);
  tunnelling_.reset();
  made_.stream = std::move(stream).value();
  state_ = State::idle;
  call_hook(audience_.trace, &ClientTrace::proxy_done, nullptr);
  after_proxy();
}

void Dialling::after_proxy() {
  deadlines_.clear(Limit::proxy);
  end_phase(Phase::proxy, Outcome::ok);
  if (!url_.is_https()) return finish();
  shake();
}

void Dialling::shake() {
  state_ = State::shaking;
  deadlines_.set(Limit::tls, context_.config.timeouts.tls);
  call_hook(audience_.trace, &ClientTrace::tls_handshake_start);
  begin_phase(Phase::tls);
  handshake_ =
      shake_hands(context_.loop, tls_, std::move(made_.stream),
                  {.host = url_.host(), .server_name = context_.config.sni, .port = url_.port()},
                  [this](Expected<TlsSession> session) { on_shaken(std::move(session)); });
}

void Dialling::on_shaken(Expected<TlsSession> session) {
  const bool is_with_proxy = state_ == State::shaking_with_proxy;
  if (const Error* error = session.if_error()) {
    if (!is_with_proxy) return fail(*error);
    const Error named = of_proxy(*error);
    return fail({named.code, Phase::proxy, named.message});
  }
  if (!is_with_proxy) end_phase(Phase::tls, Outcome::ok);
  handshake_.reset();
  made_.stream = std::move(session->stream);
  state_ = State::idle;
  call_hook(audience_.trace, &ClientTrace::tls_handshake_done, &session->info, nullptr);
  if (is_with_proxy) return needs_tunnel() ? tunnel() : after_proxy();
  deadlines_.clear(Limit::tls);
  if (audience_.timeline != nullptr) audience_.timeline->tls = session->info;
  made_.tls = std::move(session->info);
  finish();
}

// -- the end --------------------------------------------------------------------------------------

void Dialling::finish() {
  state_ = State::done;
  deadlines_.clear_all();
  auto on_done = std::move(on_done_);
  on_done(std::move(made_));  // may destroy this
}

void Dialling::fail(Error error) {
  if (error.phase == Phase::none) error.phase = phase();
  dismiss(error);
  state_ = State::done;
  deadlines_.clear_all();
  lookup_.reset();
  connecting_.reset();
  tunnelling_.reset();
  handshake_.reset();
  auto on_done = std::move(on_done_);
  on_done(std::move(error));  // may destroy this
}

void Dialling::on_limit(Limit limit) {
  fail(limit_error(limit, phase(), context_.config.timeouts));
}

void Dialling::dismiss(const Error& error) {
  if (audience_.timeline == nullptr) return;
  if (state_ == State::resolving || state_ == State::resolving_target) {
    if (lookup_ != nullptr) record_lookup(outcome_of(error));
    call_hook(audience_.trace, &ClientTrace::dns_done,
              DnsDoneInfo{.addresses = {}, .error = &error, .coalesced = false});
  }
  const auto open_dials = open_dials_;
  for (const auto& [index, address] : open_dials) {
    close_dial(index, tick_now(), outcome_of(error), &error);
    call_hook(audience_.trace, &ClientTrace::connect_done, address.network(), address, &error);
  }
  if (state_ == State::shaking || state_ == State::shaking_with_proxy)
    call_hook(audience_.trace, &ClientTrace::tls_handshake_done, nullptr, &error);
  if (state_ == State::tunnelling) call_hook(audience_.trace, &ClientTrace::proxy_done, &error);
  silence();
}

Phase Dialling::phase() const {
  switch (state_) {
    case State::resolving_target:
    case State::resolving:
      return lookup_ != nullptr && lookup_->started_at() == Tick{} ? Phase::dns_wait : Phase::dns;
    case State::shaking_with_proxy:
    case State::tunnelling:
      return Phase::proxy;
    case State::shaking:
      return Phase::tls;
    default:
      return Phase::connect;
  }
}

bool Dialling::needs_tunnel() const {
  if (proxy_ == nullptr) return false;
  const bool is_socks = proxy_->kind == Proxy::Kind::socks5 || proxy_->kind == Proxy::Kind::socks5h;
  return is_socks || url_.is_https();
}

Error Dialling::of_proxy(const Error& error) const {
  return proxy_ == nullptr ? error : error.with_prefix("proxy " + proxy_->redacted());
}

}  // namespace xtrace
