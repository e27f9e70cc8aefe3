#include "client/client_core.h"

#include <utility>

#include "net/system_resolver.h"

namespace xtrace {

namespace {

// Each may dial, which takes some 20 us: a thousand that are started at once shall not hold up
// everybody else on the loop.
constexpr int kMostBegunAtOnce = 64;

}  // namespace

ClientCore::ClientCore(Loop& on, const FinalizedClientConfig& with, Resolver* its_resolver)
    : loop(on),
      settings(with),
      config(settings.config()),
      proxies(settings.proxies()),
      own_resolver(its_resolver == nullptr ? std::make_unique<SystemResolver>(on) : nullptr),
      resolver(its_resolver == nullptr ? *own_resolver : *its_resolver),
      tls(config.tls),
      book(config.name, config.pool.connections_per_host, config.pool.connections),
      pool({.loop = loop, .resolver = resolver, .config = config, .tls = tls}, book),
      next_turn_(on),
      closed_turn_(on) {}

ClientCore::~ClientCore() = default;

void ClientCore::begin_later(CallState& call) {
  fresh_.push_back(call);
  if (!next_turn_.is_pending()) next_turn_.call([this] { begin_waiting(); });
}

void ClientCore::begin_now(CallState& call) {
  running_.push_back(call);
  call.begin();
}

// Those that are started meanwhile wait for the turn after this one.
void ClientCore::begin_waiting() {
  const std::weak_ptr<const bool> life = life_;
  for (int i = 0; i < kMostBegunAtOnce && !fresh_.empty(); ++i)
    beginning_.push_back(*fresh_.front());
  if (!fresh_.empty()) next_turn_.call([this] { begin_waiting(); });
  while (CallState* call = beginning_.front()) {
    running_.push_back(*call);
    call->begin();
    if (life.expired()) return;
  }
}

void ClientCore::note_end(CallState& call) {
  call.unlink();
  tell_if_closed();
}

void ClientCore::close(Callback<void()> on_closed) {
  is_closed_ = true;
  on_closed_ = std::move(on_closed);
  pool.close();
  pool.on_empty([this] { tell_if_closed(); });
  tell_if_closed();
}

void ClientCore::abort() {
  const std::weak_ptr<const bool> life = life_;
  const Error closed{Error::Code::client_closed, Phase::none, "the client was closed"};
  is_closed_ = true;
  pool.close();
  Chain<CallState> ended;
  for (Chain<CallState>* const calls : {&running_, &beginning_, &fresh_}) {
    while (CallState* call = calls->front()) ended.push_back(*call);
  }
  while (CallState* call = ended.front()) call->fail(closed);
  if (!life.expired()) pool.close_all();
}

bool ClientCore::has_calls() {
  return !fresh_.empty() || !beginning_.empty() || !running_.empty();
}

void ClientCore::tell_if_closed() {
  if (!on_closed_ || !pool.is_empty() || has_calls() || closed_turn_.is_pending()) return;
  closed_turn_.call([this] {
    if (!pool.is_empty() || has_calls()) return;  // somebody came to be refused
    Callback<void()> told = std::move(on_closed_);
    told();
  });
}

}  // namespace xtrace
