/// What a dial tells whoever watches: phases in their timeline, their hooks.

#include <algorithm>

#include "client/dialling.h"
#include "client/limit_error.h"
#include "loop/timer.h"

namespace xtrace {

void Dialling::begin_phase(Phase phase) {
  if (audience_.timeline != nullptr) audience_.timeline->begin(phase, since_start(tick_now()));
}

void Dialling::end_phase(Phase phase, Outcome outcome) {
  if (audience_.timeline != nullptr)
    audience_.timeline->end(phase, since_start(tick_now()), outcome);
}

// The worker's own stamps: what happened between them and this turn of the loop is nobody's phase.
// A second lookup, of a proxy's name, makes the phase longer.
void Dialling::record_lookup(Outcome outcome) {
  Timeline* timeline = audience_.timeline;
  if (timeline == nullptr) return;
  const Tick present = tick_now();
  const Tick started = lookup_->started_at();
  const Tick finished = lookup_->finished_at();
  const Duration ended = since_start(finished == Tick{} ? present : finished);
  if (const Span* first = timeline->find(Phase::dns)) {
    timeline->set(Phase::dns, {first->begin, ended, outcome});
    return;
  }
  const Duration begin = since_start(lookup_->submitted_at());
  if (started == Tick{}) {
    timeline->set(Phase::dns_wait, {begin, since_start(present), outcome});
    return;
  }
  timeline->set(Phase::dns_wait, {begin, since_start(started), Outcome::ok});
  timeline->set(Phase::dns, {since_start(started), ended, outcome});
}

void Dialling::on_dial_start(std::size_t index, const Address& address, Tick at) {
  open_dials_.emplace_back(index, address);
  Timeline* timeline = audience_.timeline;
  if (timeline == nullptr) return;
  if (index < Timeline::kMaxDials) {
    timeline->dials[index] = {.address = address,
                              .span = {since_start(at), since_start(at), Outcome::ok},
                              .error = std::nullopt};
    timeline->dial_count = index + 1;
  } else {
    ++timeline->dials_unrecorded;
  }
  if (const auto& hook = audience_.trace->connect_start) hook(address.network(), address);
}

void Dialling::on_dial_done(std::size_t index, const Address& address, Tick at,
                            const Error* error) {
  close_dial(index, at, error == nullptr ? Outcome::ok : outcome_of(*error), error);
  if (audience_.trace == nullptr) return;
  if (const auto& hook = audience_.trace->connect_done) hook(address.network(), address, error);
}

void Dialling::on_dial_abandoned(std::size_t index, const Address& address, Tick at) {
  const Error lost{
      Error::Code::cancelled, Phase::dial,
      "connect " + address.to_string() + ": abandoned, another address answered first"};
  close_dial(index, at, Outcome::abandoned, nullptr);
  if (audience_.trace == nullptr) return;
  if (const auto& hook = audience_.trace->connect_done) hook(address.network(), address, &lost);
}

void Dialling::close_dial(std::size_t index, Tick at, Outcome outcome, const Error* error) {
  std::erase_if(open_dials_, [index](const auto& open) { return open.first == index; });
  if (audience_.timeline == nullptr || index >= Timeline::kMaxDials) return;
  Dial& dial = audience_.timeline->dials[index];
  dial.span.end = since_start(at);
  dial.span.outcome = outcome;
  if (error != nullptr) dial.error = *error;
}

}  // namespace xtrace
