#include "client/download.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

namespace xtrace {

namespace {

constexpr std::size_t kStep = std::size_t{64} * 1024;
// What all bodies of a thread decode in one turn of its loop, in less than 5 ms; one among very
// many gets the least.
constexpr std::size_t kMostPerTurn = std::size_t{1024} * 1024;
constexpr std::size_t kLeastPerTurn = std::size_t{16} * 1024;
// Every page compresses well at its beginning.
constexpr std::uint64_t kExpansionUnderWatch = std::uint64_t{1024} * 1024;

// Whoever is called with a piece of it returns before the next step of the thread.
std::span<std::byte> step_buffer() {
  thread_local const auto bytes = std::make_unique<std::array<std::byte, kStep>>();
  return *bytes;
}

thread_local std::size_t sharing = 0;

}  // namespace

Download::Share::Share() {
  ++sharing;
}

Download::Share::~Share() {
  --sharing;
}

std::size_t Download::Share::bytes_per_turn() {
  return std::max(kMostPerTurn / std::max<std::size_t>(sharing, 1), kLeastPerTurn);
}

Download::~Download() = default;

void Download::begin(Consumer consumer, std::unique_ptr<BodyDecoder> decoder,
                     const Decoding& limits, Events events) {
  consumer_ = std::move(consumer);
  decoder_ = std::move(decoder);
  if (decoder_) share_.emplace();
  limits_ = limits;
  events_ = std::move(events);
}

Expected<void> Download::take(std::span<const std::byte> piece) {
  if (is_over_) return {};
  if (is_paused()) {
    keep(piece);
    return {};
  }
  const Expected<std::size_t> passed = pass(piece);
  is_over_ = !passed;
  if (const Error* error = passed.if_error()) return *error;
  keep(piece.subspan(*passed));
  if (has_backlog() && !waits_for_consumer_) go_on_later();
  return {};
}

void Download::resume() {
  is_resumed_inside_ = is_delivering_;
  if (std::exchange(waits_for_consumer_, false)) go_on_later();
}

void Download::end(Callback<void(Expected<void>)> on_end) {
  on_end_ = std::move(on_end);
  if (!is_paused()) finish({});
}

void Download::abandon() {
  is_over_ = true;
  if (turn_) turn_->cancel();
  consumer_ = nullptr;
  events_ = {};
  on_end_ = nullptr;
  decoder_.reset();
  share_.reset();
  kept_.clear();
  kept_begin_ = 0;
  may_hold_back_ = false;
  waits_for_consumer_ = false;
}

void Download::keep(std::span<const std::byte> rest) {
  kept_.insert(kept_.end(), rest.begin(), rest.end());
}

void Download::go_on_later() {
  if (!turn_) turn_.emplace(loop_);
  turn_->call([this] { go_on(); });
}

void Download::go_on() {
  made_in_turn_ = 0;
  if (Expected<void> passed = pass_kept(); !passed) return finish(std::move(passed));
  if (waits_for_consumer_) return;
  if (has_backlog()) return go_on_later();
  if (on_end_) return finish({});
  events_.on_writable();
}

Expected<void> Download::pass_kept() {
  if (!has_backlog()) return {};
  const Expected<std::size_t> passed = pass(kept());
  if (const Error* error = passed.if_error()) return *error;
  kept_begin_ += *passed;
  if (kept().empty()) {
    kept_.clear();
    kept_begin_ = 0;
  }
  return {};
}

/// How much of `input` was used up.
Expected<std::size_t> Download::pass(std::span<const std::byte> input) {
  if (decoder_) return decode(input);
  if (const Expected<void> delivered = deliver(input); !delivered) return delivered.error();
  return input.size();
}

Expected<std::size_t> Download::decode(std::span<const std::byte> input) {
  const std::size_t most = Share::bytes_per_turn();
  const std::span<std::byte> room = step_buffer().first(std::min(kStep, most));
  std::size_t taken = 0;
  do {
    const Expected<BodyDecoder::Step> step = decoder_->decode(input.subspan(taken), room);
    if (const Error* error = step.if_error()) return *error;
    taken += step->taken;
    decoded_from_ += step->taken;
    decoded_ += step->made;
    made_in_turn_ += step->made;
    may_hold_back_ = step->made > 0;
    if (step->made == 0) continue;
    if (const Expected<void> checked = check_expansion(); !checked) return checked.error();
    if (const Expected<void> given = deliver(room.first(step->made)); !given) return given.error();
  } while ((may_hold_back_ || taken < input.size()) && !waits_for_consumer_ &&
           made_in_turn_ < most);
  return taken;
}

Expected<void> Download::check_expansion() const {
  using enum Error::Code;
  if (limits_.most_bytes != 0 && decoded_ > limits_.most_bytes) {
    return Error{body_expands, Phase::body,
                 "the decoded body is larger than the " + std::to_string(limits_.most_bytes) +
                     " bytes that are allowed"};
  }
  const bool is_watched = limits_.most_ratio != 0 && decoded_ > kExpansionUnderWatch;
  if (is_watched && (decoded_ - 1) / limits_.most_ratio >= decoded_from_) {
    return Error{body_expands, Phase::body,
                 "the first " + std::to_string(decoded_from_) + " bytes of the body expand to " +
                     std::to_string(decoded_) + " or more; " + std::to_string(limits_.most_ratio) +
                     " times as many are allowed"};
  }
  return {};
}

Expected<void> Download::deliver(std::span<const std::byte> piece) {
  delivered_ += piece.size();
  is_delivering_ = true;
  is_resumed_inside_ = false;
  const Expected<Flow> flow = consumer_(piece);
  is_delivering_ = false;
  if (const Error* error = flow.if_error()) {
    const Phase phase = error->phase == Phase::none ? Phase::body : error->phase;
    return Error{error->code, phase, error->message};
  }
  waits_for_consumer_ = *flow == Flow::pause && !is_resumed_inside_;
  return {};
}

/// The last act: whoever is told may destroy this.
void Download::finish(Expected<void> result) {
  is_over_ = true;
  if (result && decoder_) result = decoder_->finish();
  if (on_end_) {
    auto on_end = std::move(on_end_);
    return on_end(std::move(result));
  }
  auto on_failed = std::move(events_.on_failed);
  on_failed(result.error());
}

}  // namespace xtrace
