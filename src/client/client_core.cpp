#include "client/client_core.h"

#include <utility>

#include "net/system_resolver.h"

namespace xtrace {

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

// Those that are started meanwhile wait for the turn after this one.
void ClientCore::begin_waiting() {
  Chain<CallState> now;
  while (CallState* call = fresh_.front()) now.push_back(*call);
  while (CallState* call = now.front()) {
    running_.push_back(*call);
    call->begin();
  }
}

void ClientCore::note_end(CallState& call) {
  call.unlink();
  tell_if_closed();
}

void ClientCore::close(Callback<void()> on_closed) {
  on_closed_ = std::move(on_closed);
  pool.close();
  pool.on_empty([this] { tell_if_closed(); });
  tell_if_closed();
}

void ClientCore::abort() {
  const Error closed{Error::Code::client_closed, Phase::none, "the client was closed"};
  pool.close();
  while (CallState* call = fresh_.empty() ? running_.front() : fresh_.front()) call->fail(closed);
  pool.close_all();
}

void ClientCore::tell_if_closed() {
  if (!on_closed_ || !pool.is_empty() || !fresh_.empty() || !running_.empty()) return;
  if (closed_turn_.is_pending()) return;
  closed_turn_.call([this] {
    Callback<void()> told = std::move(on_closed_);
    told();
  });
}

}  // namespace xtrace
