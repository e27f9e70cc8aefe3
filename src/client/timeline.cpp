#include <algorithm>

#include <xtrace/timeline.h>

namespace xtrace {

namespace {

std::uint16_t bit(Phase phase) {
  return static_cast<std::uint16_t>(1U << static_cast<unsigned>(phase));
}

constexpr std::array<Phase, 8> kLeafPhases = {Phase::queue,    Phase::dns_wait, Phase::dns,
                                              Phase::proxy,    Phase::tls,      Phase::request,
                                              Phase::response, Phase::body};

}  // namespace

std::string_view to_string(Outcome outcome) {
  switch (outcome) {
    case Outcome::ok:
      return "ok";
    case Outcome::error:
      return "error";
    case Outcome::timeout:
      return "timeout";
    case Outcome::abandoned:
      return "abandoned";
  }
  return "unknown";
}

void Timeline::begin(Phase phase, Duration at) {
  spans_[static_cast<std::size_t>(phase)] = {at, at, Outcome::ok};
  happened_ = static_cast<std::uint16_t>(happened_ | bit(phase));
  open_ = static_cast<std::uint16_t>(open_ | bit(phase));
}

void Timeline::end(Phase phase, Duration at, Outcome outcome) {
  if (!is_open(phase)) return;
  Span& span = spans_[static_cast<std::size_t>(phase)];
  span.end = std::max(span.begin, at);
  span.outcome = outcome;
  open_ = static_cast<std::uint16_t>(open_ & ~bit(phase));
}

void Timeline::set(Phase phase, const Span& span) {
  begin(phase, span.begin);
  end(phase, span.end, span.outcome);
}

void Timeline::forget(Phase phase) {
  happened_ = static_cast<std::uint16_t>(happened_ & ~bit(phase));
  open_ = static_cast<std::uint16_t>(open_ & ~bit(phase));
}

void Timeline::end_all(Duration at, Outcome outcome) {
  for (int i = 0; i < kPhaseCount; ++i) end(static_cast<Phase>(i), at, outcome);
}

bool Timeline::is_open(Phase phase) const {
  return (open_ & bit(phase)) != 0;
}

Duration Timeline::other() const {
  std::array<Span, kLeafPhases.size() + kMaxDials> leaves{};
  std::size_t count = 0;
  for (const Phase phase : kLeafPhases) {
    if (const Span* span = find(phase)) leaves[count++] = *span;
  }
  for (std::size_t i = 0; i < dial_count; ++i) leaves[count++] = dials[i].span;
  std::sort(leaves.begin(), leaves.begin() + static_cast<std::ptrdiff_t>(count),
            [](const Span& a, const Span& b) { return a.begin < b.begin; });

  Duration covered{};
  Duration reached{};
  for (std::size_t i = 0; i < count; ++i) {
    const Duration begin = std::max(leaves[i].begin, reached);
    if (leaves[i].end <= begin) continue;
    covered += leaves[i].end - begin;
    reached = leaves[i].end;
  }
  return total - covered;
}

std::optional<Span> Timeline::dialling() const {
  if (dial_count == 0) return std::nullopt;
  Span whole = dials[0].span;
  for (std::size_t i = 0; i < dial_count; ++i) {
    if (dials[i].span.outcome == Outcome::ok)
      return Span{whole.begin, dials[i].span.end, Outcome::ok};
    whole.end = std::max(whole.end, dials[i].span.end);
    whole.outcome = dials[i].span.outcome;
  }
  return whole;
}

std::optional<Duration> Timeline::time_to_first_byte() const {
  const Span* body = find(Phase::body);
  return body != nullptr ? std::optional(body->begin) : std::nullopt;
}

}  // namespace xtrace
