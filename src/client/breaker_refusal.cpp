#include "client/breaker_refusal.h"

#include <array>
#include <charconv>
#include <cstdint>
#include <string>

namespace xtrace {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr Duration kTenth = milliseconds(100);

// Appends to one string, so that a refusal allocates once.
class Sentence {
 public:
  explicit Sentence(std::string_view bucket) {
    constexpr std::size_t kRest = 160;  // is enough for everything else
    text_.reserve(bucket.size() + kRest);
    text_.append("the circuit breaker of ").append(bucket);
  }

  Sentence& say(std::string_view words) {
    text_ += words;
    return *this;
  }
  Sentence& say(std::uint64_t number) {
    std::array<char, 20> digits{};
    char* end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
    text_.append(digits.data(), end);
    return *this;
  }
  Sentence& say(std::uint64_t number, std::string_view thing) {
    say(number).say(" ").say(thing);
    return number == 1 ? *this : say("s");
  }
  // 3.2 s, 250 ms, 5 us: exactly where that is short.
  Sentence& say(Duration duration) {
    const auto nanoseconds = static_cast<std::uint64_t>(duration.count());
    if (duration >= seconds(1) && duration % kTenth == Duration::zero()) {
      const std::uint64_t tenths = nanoseconds / 100'000'000;
      say(tenths / 10);
      return tenths % 10 == 0 ? say(" s") : say(".").say(tenths % 10).say(" s");
    }
    if (duration % milliseconds(1) == Duration::zero())
      return say(nanoseconds / 1'000'000).say(" ms");
    return say(nanoseconds / 1000).say(" us");
  }

  Error as_error() && { return {Error::Code::breaker_open, Phase::none, std::move(text_)}; }

 private:
  std::string text_;
};

// Up, so that who waits that long is not too early.
Duration rounded_up(Duration left) {
  const Duration unit = left >= seconds(1) ? kTenth : Duration(milliseconds(1));
  const Duration rest = left % unit;
  if (rest == Duration::zero() || left > Duration::max() - unit) return left;
  return left - rest + unit;
}

void say_failures(Sentence& sentence, const BreakerRefusal& refusal, const BreakerConfig& config) {
  const bool is_of_calls = config.window == BreakerConfig::Window::calls;
  const bool is_for_slow = refusal.reason == "slow_rate";
  sentence.say(is_for_slow ? refusal.counts.slow : refusal.counts.failures).say(" of ");
  if (is_of_calls) sentence.say("the latest ");
  sentence.say(refusal.counts.calls, "request");
  if (is_for_slow) {
    sentence.say(" took ").say(config.slow_call).say(" or longer");
  } else {
    sentence.say(" failed");
  }
  if (!is_of_calls) sentence.say(" in ").say(config.window_time);
}

void say_why(Sentence& sentence, const BreakerRefusal& refusal, const BreakerConfig& config) {
  if (refusal.reason == "probe_failed") {
    sentence.say("the request that tried it failed");
    if (config.slow_call > Duration::zero() && config.slow_rate > 0) sentence.say(" or was slow");
  } else if (refusal.reason == "probe_late") {
    sentence.say("the request that tried it had no end within ").say(config.probe_deadline);
  } else if (refusal.reason == "consecutive_failures") {
    const std::size_t failures = refusal.consecutive_failures;
    if (failures == 1) {
      sentence.say("the latest request failed");
    } else {
      sentence.say(failures).say(" requests in a row failed");
    }
  } else {
    say_failures(sentence, refusal, config);
  }
}

}  // namespace

Error refusal_error(std::string_view bucket, const BreakerRefusal& refusal,
                    const BreakerConfig& config) {
  Sentence sentence(bucket);
  if (refusal.is_forced) return std::move(sentence.say(" is forced open")).as_error();
  if (refusal.state == BreakerState::half_open) {
    sentence.say(" is half open: it waits for the end of ").say(config.probes, "request");
    return std::move(sentence.say(" that may close it")).as_error();
  }
  sentence.say(" is open: ");
  say_why(sentence, refusal, config);
  if (refusal.opens_for)
    sentence.say("; it is tried again in ").say(rounded_up(*refusal.opens_for));
  return std::move(sentence).as_error();
}

}  // namespace xtrace
