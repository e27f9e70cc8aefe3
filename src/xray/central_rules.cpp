#include "xray/central_rules.h"

#include <algorithm>
#include <chrono>
#include <limits>
#include <tuple>
#include <utility>

#include "base/random.h"
#include "xray/chance.h"
#include "xray/quota.h"
#include "xray/wildcard.h"

namespace xtrace {

namespace {

using namespace std::chrono_literals;

constexpr Duration kValidFor = 1h;
constexpr Duration kDefaultInterval = 10s;

std::uint32_t second_of(WallTime wall) {
  constexpr std::int64_t kLast = std::numeric_limits<std::uint32_t>::max();
  const auto second = std::chrono::floor<std::chrono::seconds>(wall.time_since_epoch()).count();
  return static_cast<std::uint32_t>(std::clamp<std::int64_t>(second, 0, kLast));
}

bool fits(const CentralRule& rule, const SamplingRequest& request) {
  return passes_pattern(rule.url_path, request.url_path) &&
         passes_pattern(rule.http_method, request.http_method) &&
         passes_pattern(rule.host, request.host) &&
         passes_pattern(rule.service_name, request.service_name) &&
         passes_pattern(rule.service_type, request.service_type);
}

bool goes_before(const CentralRule& a, const CentralRule& b) {
  return std::tuple(a.is_default(), a.priority, a.name.text()) <
         std::tuple(b.is_default(), b.priority, b.name.text());
}

}  // namespace

/// What stays with a rule's name while its definition may change.
struct CentralRules::State {
  explicit State(double rate) : fixed_rate(rate), defined_rate(rate) {}

  // Each decision adds one to one of these, so that a report is consistent whenever it is taken.
  std::atomic<std::uint64_t> sampled{0};
  std::atomic<std::uint64_t> borrowed{0};
  std::atomic<std::uint64_t> passed_over{0};
  std::atomic<double> fixed_rate;
  Quota quota;

  // Of who polls.
  double defined_rate;
  std::optional<Tick> reported_at{};
  Duration interval = kDefaultInterval;

  SamplingReason choose_reason(std::uint32_t second, bool has_reservoir) {
    const Quota::Verdict verdict = quota.take(second);
    if (verdict == Quota::Verdict::within) return SamplingReason::quota;
    if (verdict == Quota::Verdict::exhausted || !has_reservoir) return SamplingReason::rate;
    return quota.borrow(second) ? SamplingReason::borrowed : SamplingReason::rate;
  }

  void count(const SamplingDecision& decision) {
    const bool is_borrowed = decision.reason == SamplingReason::borrowed;
    auto& counter = is_borrowed ? borrowed : decision.is_sampled ? sampled : passed_over;
    counter.fetch_add(1, std::memory_order_relaxed);
  }

  bool is_due(Tick tick) const {
    if ((sampled | borrowed | passed_over) == 0) return false;
    // Timers are never exact: a tenth of the interval is close enough.
    return !reported_at || tick - *reported_at >= interval - interval / 10;
  }

  SamplingStatistics take(const RuleName& name) {
    const std::uint64_t by_rule = sampled.exchange(0, std::memory_order_relaxed);
    const std::uint64_t on_credit = borrowed.exchange(0, std::memory_order_relaxed);
    const std::uint64_t others = passed_over.exchange(0, std::memory_order_relaxed);
    return {name, by_rule + on_credit + others, by_rule, on_credit};
  }

  void give_back(const SamplingStatistics& statistics) {
    const std::uint64_t taken = statistics.sampled + statistics.borrowed;
    sampled.fetch_add(statistics.sampled, std::memory_order_relaxed);
    borrowed.fetch_add(statistics.borrowed, std::memory_order_relaxed);
    passed_over.fetch_add(statistics.requests - std::min(taken, statistics.requests),
                          std::memory_order_relaxed);
    reported_at.reset();
  }

  void obey(const SamplingTarget& target) {
    std::optional<std::uint32_t> last_second;
    if (target.quota_until) last_second = second_of(*target.quota_until);
    quota.assign(target.quota, last_second);
    fixed_rate.store(target.fixed_rate, std::memory_order_relaxed);
    if (target.interval) interval = *target.interval;
  }
};

struct CentralRules::Rule {
  CentralRule definition;
  std::shared_ptr<State> state;
};

CentralRules::CentralRules(Clock clock) : clock_(std::move(clock)) {}

CentralRules::~CentralRules() = default;

std::optional<SamplingDecision> CentralRules::decide(const SamplingRequest& request) {
  const auto reading = rules_.read();
  if (reading.get() == nullptr) return std::nullopt;
  const TimePoint moment = look_at_clock();
  if (!is_fresh_at(moment.tick)) return std::nullopt;
  const auto rule = std::ranges::find_if(*reading.get(), [&request](const Rule& candidate) {
    return fits(candidate.definition, request);
  });
  if (rule == reading.get()->end()) return std::nullopt;
  State& state = *rule->state;
  SamplingDecision decision{.source = SamplingDecision::Source::central,
                            .rule = rule->definition.name,
                            .rate = state.fixed_rate.load(std::memory_order_relaxed)};
  decision.reason =
      state.choose_reason(second_of(moment.wall), rule->definition.reservoir_size != 0);
  decision.is_sampled = decision.reason != SamplingReason::rate || by_chance(decision.rate);
  state.count(decision);
  return decision;
}

bool CentralRules::is_fresh() const {
  const auto reading = rules_.read();
  return reading.get() != nullptr && !reading.get()->empty() && is_fresh_at(look_at_clock().tick);
}

bool CentralRules::is_fresh_at(Tick tick) const {
  const Tick fetched{Tick::duration{fetched_at_.load(std::memory_order_relaxed)}};
  return tick - fetched <= kValidFor;
}

void CentralRules::replace(std::vector<CentralRule> rules) {
  std::ranges::sort(rules, goes_before);
  const TimePoint moment = look_at_clock();
  const std::lock_guard lock(writers_);
  auto next = std::make_unique<Rules>();
  States states;
  for (CentralRule& rule : rules) {
    const auto [place, is_first] = states.try_emplace(std::string{rule.name.text()});
    if (!is_first) continue;
    const auto before = states_.find(rule.name.text());
    place->second =
        before == states_.end() ? std::make_shared<State>(rule.fixed_rate) : before->second;
    State& state = *place->second;
    if (std::exchange(state.defined_rate, rule.fixed_rate) != rule.fixed_rate) {
      state.fixed_rate.store(rule.fixed_rate, std::memory_order_relaxed);
    }
    next->push_back({std::move(rule), place->second});
  }
  fetched_at_.store(moment.tick.time_since_epoch().count(), std::memory_order_relaxed);
  fetched_wall_ = moment.wall;
  must_fetch_ = false;
  states_ = std::move(states);
  if (is_in_force(*next)) return rules_.collect();
  rules_.publish(std::move(next));
}

bool CentralRules::is_in_force(const Rules& rules) const {
  const Rules* current = rules_.current();
  return current != nullptr &&
         std::ranges::equal(*current, rules, {}, &Rule::definition, &Rule::definition);
}

std::vector<SamplingStatistics> CentralRules::take_due() {
  const Tick tick = look_at_clock().tick;
  const std::lock_guard lock(writers_);
  rules_.collect();
  std::vector<const Rule*> due;
  if (const Rules* rules = rules_.current()) {
    for (const Rule& rule : *rules) {
      if (rule.state->is_due(tick)) due.push_back(&rule);
    }
  }
  std::ranges::sort(due, {},
                    [](const Rule* rule) { return std::pair(rule->state->reported_at, rule); });
  if (due.size() > kMostStatistics) due.resize(kMostStatistics);
  std::vector<SamplingStatistics> statistics;
  for (const Rule* rule : due) {
    statistics.push_back(rule->state->take(rule->definition.name));
    rule->state->reported_at = tick;
  }
  return statistics;
}

void CentralRules::give_back(std::span<const SamplingStatistics> statistics) {
  const std::lock_guard lock(writers_);
  for (const SamplingStatistics& each : statistics) {
    if (State* state = find_state(each.rule)) state->give_back(each);
  }
}

bool CentralRules::apply(const TargetsReply& reply) {
  const std::lock_guard lock(writers_);
  for (const SamplingTarget& target : reply.targets) {
    if (State* state = find_state(target.rule)) state->obey(target);
  }
  for (const UnprocessedStatistics& each : reply.unprocessed) {
    if (each.code.starts_with('4')) must_fetch_ = true;
  }
  if (reply.last_modified) {
    if (was_modified(*reply.last_modified)) must_fetch_ = true;
    last_modified_ = reply.last_modified;
  }
  return must_fetch_;
}

/// The service's times are compared with each other where possible, since its clock may differ
/// from ours. Whole seconds, as they come.
bool CentralRules::was_modified(WallTime modified) const {
  if (last_modified_) return modified > *last_modified_;
  return second_of(modified) >= second_of(fetched_wall_);
}

CentralRules::State* CentralRules::find_state(const RuleName& name) const {
  const auto found = states_.find(name.text());
  return found == states_.end() ? nullptr : found->second.get();
}

std::string make_client_id() {
  const auto digits = random_hex_96();
  return {digits.data(), digits.size()};
}

}  // namespace xtrace
