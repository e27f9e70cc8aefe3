#include "instrument/central_poller.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace xtrace {

namespace {

// A service that never stops giving tokens is out of order; AWS gives 25 rules to an account, and
// thousands on request.
constexpr std::size_t kMostPages = 100;

}  // namespace

CentralPoller::CentralPoller(Loop& loop, const CentralSamplerConfig& config, CentralRules& rules,
                             PollRecord& record)
    : config_(config),
      rules_(rules),
      record_(record),
      rules_timer_(loop),
      targets_timer_(loop),
      rules_backoff_(config.first_retry, config.longest_retry),
      targets_backoff_(config.first_retry, config.longest_retry),
      daemon_(loop, config.daemon, {.total = config.request_limit}) {
  rules_timer_.unref();
  targets_timer_.unref();
  poll_rules();
  wait_for_targets(config_.targets_interval);
}

CentralPoller::~CentralPoller() = default;

// -- rules
// -----------------------------------------------------------------------------------------

void CentralPoller::poll_rules() {
  if (is_in_other_process() || is_fetching_) return;
  rules_timer_.disarm();
  is_fetching_ = true;
  pages_ = {};
  page_count_ = 0;
  ask_for_rules({});
}

void CentralPoller::ask_for_rules(std::string_view next_token) {
  daemon_.post(kSamplingRulesPath, write_rules_request(next_token),
               [this](const Expected<std::string>& reply) {
                 const Expected<void> understood = on_rules(reply);
                 if (const Error* error = understood.if_error()) retry_rules(*error);
               });
}

Expected<void> CentralPoller::on_rules(const Expected<std::string>& reply) {
  if (const Error* error = reply.if_error()) return *error;
  Expected<RulesReply> page = parse_rules_reply(*reply);
  if (const Error* error = page.if_error()) return *error;
  record_.on_success();
  std::ranges::move(page->rules, std::back_inserter(pages_.rules));
  std::ranges::move(page->ignored, std::back_inserter(pages_.ignored));
  if (page->next_token.empty()) {
    use_rules();
    return {};
  }
  if (++page_count_ == kMostPages) {
    return Error{Error::Code::invalid_reply, Phase::body,
                 "the sampling rules have more than " + std::to_string(kMostPages) + " pages"};
  }
  ask_for_rules(page->next_token);
  return {};
}

void CentralPoller::use_rules() {
  is_fetching_ = false;
  is_retrying_ = false;
  rules_backoff_.reset();
  record_.on_rules(pages_.rules.size(), std::move(pages_.ignored));
  rules_.replace(std::move(pages_.rules));
  rules_timer_.arm(config_.rules_interval - random_up_to(config_.rules_jitter),
                   [this] { poll_rules(); });
}

void CentralPoller::retry_rules(const Error& error) {
  is_fetching_ = false;
  is_retrying_ = true;
  record_.on_failure(error);
  rules_timer_.arm(rules_backoff_.take(), [this] { poll_rules(); });
}

// -- targets
// ---------------------------------------------------------------------------------------

void CentralPoller::poll_targets() {
  if (!is_in_other_process()) report_next();
}

void CentralPoller::report_next() {
  reported_ = rules_.take_due();
  if (reported_.empty()) return wait_for_targets(config_.targets_interval);
  daemon_.post(kSamplingTargetsPath,
               write_targets_request(reported_, client_id_, record_.look_at_clock().wall),
               [this](const Expected<std::string>& reply) { on_targets(reply); });
}

void CentralPoller::on_targets(const Expected<std::string>& reply) {
  if (const Error* error = reply.if_error()) return retry_targets(*error);
  const Expected<TargetsReply> targets = parse_targets_reply(*reply);
  if (const Error* error = targets.if_error()) return retry_targets(*error);
  record_.on_success();
  targets_backoff_.reset();
  apply(*targets);
  if (reported_.size() == CentralRules::kMostStatistics) return report_next();
  wait_for_targets(config_.targets_interval);
}

void CentralPoller::apply(const TargetsReply& reply) {
  for (const UnprocessedStatistics& each : reply.unprocessed) {
    record_.on_unprocessed(each);
    const auto found = std::ranges::find(reported_, each.rule, &SamplingStatistics::rule);
    if (found == reported_.end() || !each.is_worth_repeating()) continue;
    rules_.give_back({&*found, 1});
  }
  // While fetching fails, its own pace holds.
  if (rules_.apply(reply) && !is_retrying_) poll_rules();
}

void CentralPoller::retry_targets(const Error& error) {
  record_.on_failure(error);
  rules_.give_back(reported_);
  wait_for_targets(std::max(config_.targets_interval, targets_backoff_.take()));
}

void CentralPoller::wait_for_targets(Duration delay) {
  targets_timer_.arm(delay + random_up_to(config_.targets_jitter), [this] { poll_targets(); });
}

// -- the record
// ------------------------------------------------------------------------------------

void PollRecord::on_success() {
  const std::scoped_lock lock{mutex_};
  ++stats_.polls;
}

void PollRecord::on_failure(const Error& error) {
  const std::scoped_lock lock{mutex_};
  ++stats_.polls;
  ++stats_.failures;
  stats_.last_error = error;
}

void PollRecord::on_rules(std::size_t count, std::vector<std::string> ignored) {
  const Tick tick = look_at_clock().tick;
  const std::scoped_lock lock{mutex_};
  stats_.rules = count;
  stats_.ignored = std::move(ignored);
  fetched_ = tick;
}

void PollRecord::on_unprocessed(const UnprocessedStatistics& statistics) {
  std::string message = "the X-Ray service did not take the statistics of rule \"";
  message += statistics.rule.text();
  message += "\": ";
  message += statistics.code;
  message += ' ';
  message += statistics.message;
  const std::scoped_lock lock{mutex_};
  ++stats_.unprocessed;
  stats_.last_error = Error{Error::Code::service_refused, Phase::body, std::move(message)};
}

CentralSamplerStats PollRecord::read() const {
  const Tick tick = look_at_clock().tick;
  const std::scoped_lock lock{mutex_};
  CentralSamplerStats stats = stats_;
  if (fetched_) stats.age = tick - *fetched_;
  return stats;
}

}  // namespace xtrace
