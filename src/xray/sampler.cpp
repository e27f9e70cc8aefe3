#include <algorithm>
#include <array>
#include <charconv>

#include <xtrace/sampler.h>

#include "xray/chance.h"
#include "xray/text.h"

namespace xtrace {

namespace {

void append_percent(std::string& line, double rate) {
  std::array<char, 32> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), rate * 100,
                                 std::chars_format::general, 6);
  line.append(digits.data(), end.ptr);
  line += " %";
}

/// `by rule "checkout"`; nothing where no rule was asked.
void append_rule(std::string& line, const SamplingDecision& decision) {
  if (decision.source == SamplingDecision::Source::none) return;
  if (decision.source == SamplingDecision::Source::central) {
    line += " by rule \"";
    append_shown(line, decision.rule.text());
    line += '"';
    return;
  }
  line += " by ";
  if (decision.local_rule == 0) {
    line += "the default rule";
  } else {
    line += "rule ";
    line += std::to_string(decision.local_rule);
  }
  line += " of the local manifest";
  if (decision.source == SamplingDecision::Source::fallback) {
    line += ", for there is no central rule";
  }
}

void append_reason(std::string& line, const SamplingDecision& decision) {
  switch (decision.reason) {
    case SamplingReason::caller:
      line += ": the caller decided";
      return;
    case SamplingReason::disabled:
      line += ": tracing is switched off";
      return;
    case SamplingReason::reservoir:
      line += ": within its requests per second";
      return;
    case SamplingReason::quota:
      line += ": within the quota of this process";
      return;
    case SamplingReason::borrowed:
      line += ": borrowed, no valid quota";
      return;
    case SamplingReason::rate:
      line += ": by chance, at a rate of ";
      append_percent(line, decision.rate);
      return;
  }
}

}  // namespace

RuleName::RuleName(std::string_view name)
    : length_(static_cast<std::uint8_t>(std::min(name.size(), kMaxLength))) {
  std::ranges::copy(name.substr(0, kMaxLength), text_.begin());
}

std::string SamplingDecision::explain() const {
  std::string line = is_sampled ? "sampled" : "not sampled";
  append_rule(line, *this);
  append_reason(line, *this);
  return line;
}

SamplingDecision RateSampler::decide(const SamplingRequest& /*request*/) {
  return {.is_sampled = by_chance(rate_), .reason = SamplingReason::rate, .rate = rate_};
}

}  // namespace xtrace
