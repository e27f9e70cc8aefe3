#include "collect/sampling_desk.h"

#include <algorithm>
#include <set>
#include <utility>

#include <sys/stat.h>

namespace xtrace::collect {

namespace {

constexpr std::size_t kClientIdLength = 24;

/// Statistics that are not taken, and why. The SDKs look at the code's first digit.
struct Refusal {
  std::string rule{};
  std::string_view code{};
  std::string message{};
};

void write_rule(JsonWriter& json, const SamplingRule& rule) {
  const auto text = [&json](std::string_view key, std::string_view value) {
    json.key(key);
    json.string(value);
  };
  json.begin_object();
  text("RuleName", rule.name);
  text("RuleARN", rule.arn);
  text("ResourceARN", rule.resource_arn);
  json.key("Priority");
  json.unsigned_integer(rule.priority);
  json.key("FixedRate");
  json.number(rule.fixed_rate);
  json.key("ReservoirSize");
  json.unsigned_integer(rule.reservoir_size);
  text("ServiceName", rule.service_name);
  text("ServiceType", rule.service_type);
  text("Host", rule.host);
  text("HTTPMethod", rule.http_method);
  text("URLPath", rule.url_path);
  json.key("Version");
  json.integer(1);
  json.key("Attributes");
  json.begin_object();
  for (const auto& [key, value] : rule.attributes) text(key, value);
  json.end_object();
  json.end_object();
}

void write_refusals(JsonWriter& json, const std::vector<Refusal>& refusals) {
  json.begin_array();
  for (const Refusal& refusal : refusals) {
    json.begin_object();
    json.key("RuleName");
    json.string(refusal.rule);
    json.key("ErrorCode");
    json.string(refusal.code);
    json.key("Message");
    json.string(refusal.message);
    json.end_object();
  }
  json.end_array();
}

/// What is wrong with the statistics of one rule; nothing where they can be taken.
std::optional<std::string> complaint_about(ApiBody& statistics, std::string_view client) {
  statistics.time("Timestamp");
  for (const std::string_view name : {"RequestCount", "SampledCount", "BorrowCount"}) {
    statistics.count(name);
  }
  for (const std::string_view name :
       {"RuleName", "ClientID", "Timestamp", "RequestCount", "SampledCount"}) {
    statistics.require(name);
  }
  if (statistics.complaint()) return statistics.complaint();
  if (client.size() == kClientIdLength) return std::nullopt;
  return "ClientID is not 24 characters long.";
}

}  // namespace

Expected<std::unique_ptr<SamplingDesk>> SamplingDesk::make(std::string path, Clock clock) {
  std::unique_ptr<SamplingDesk> desk(new SamplingDesk(std::move(path), std::move(clock)));
  if (desk->path_.empty()) {
    desk->rules_ = rules_for_everything();
    desk->modified_ = desk->look_at_clock();
    return desk;
  }
  desk->stamp_ = desk->stamp_of_file();
  Expected<std::vector<SamplingRule>> rules = read_sampling_rules(desk->path_);
  if (const Error* error = rules.if_error()) return *error;
  desk->rules_ = std::move(*rules);
  if (desk->stamp_) desk->modified_ = WallTime{std::chrono::seconds(desk->stamp_->seconds)};
  return desk;
}

SamplingDesk::SamplingDesk(std::string path, Clock clock)
    : path_(std::move(path)), clock_(std::move(clock)) {}

ApiReply SamplingDesk::answer_rules(ApiBody& body) {
  body.text("NextToken");
  if (body.complaint()) return invalid_request(*body.complaint());
  read_again_if_changed();
  ApiReply reply;
  JsonWriter json(reply.body);
  json.begin_object();
  json.key("SamplingRuleRecords");
  json.begin_array();
  for (const SamplingRule& rule : rules_) {
    json.begin_object();
    json.key("SamplingRule");
    write_rule(json, rule);
    json.key("CreatedAt");
    json.seconds(rule.created);
    json.key("ModifiedAt");
    json.seconds(rule.modified > 0 ? rule.modified : epoch_seconds(modified_));
    json.end_object();
  }
  json.end_array();
  json.key("NextToken");
  json.null();
  json.end_object();
  return reply;
}

ApiReply SamplingDesk::answer_targets(ApiBody& body) {
  body.require("SamplingStatisticsDocuments");
  const std::vector<std::string_view> documents = body.elements("SamplingStatisticsDocuments");
  if (body.complaint()) return invalid_request(*body.complaint());
  if (documents.size() > kMostStatistics) {
    return invalid_request("SamplingStatisticsDocuments has " + std::to_string(documents.size()) +
                           " elements, where 25 are the most that one request may have.");
  }
  read_again_if_changed();
  const WallTime now = look_at_clock();
  std::vector<Refusal> refusals;
  ApiReply reply;
  JsonWriter json(reply.body);
  json.begin_object();
  json.key("SamplingTargetDocuments");
  json.begin_array();
  for (const std::string_view document : documents) {
    ApiBody statistics(document, "An element of SamplingStatisticsDocuments");
    const Report report{statistics.text("RuleName").value_or(""),
                        statistics.text("ClientID").value_or("")};
    if (std::optional<std::string> complaint = complaint_about(statistics, report.client)) {
      refusals.push_back({report.rule, "400", std::move(*complaint)});
    } else if (find(report.rule) == nullptr) {
      refusals.push_back({report.rule, "404", "There is no sampling rule of this name."});
    } else {
      write_target(json, report, now);
    }
  }
  json.end_array();
  json.key("LastRuleModification");
  json.time(modified_);
  json.key("UnprocessedStatistics");
  write_refusals(json, refusals);
  json.end_object();
  return reply;
}

std::size_t SamplingDesk::clients() const {
  const WallTime oldest = look_at_clock() - kQuotaLife;
  std::set<std::string_view> ids;
  for (const auto& [rule, clients] : clients_) {
    for (const Client& client : clients) {
      if (client.reported > oldest) ids.insert(client.id);
    }
  }
  return ids.size();
}

std::optional<SamplingDesk::Stamp> SamplingDesk::stamp_of_file() const {
  struct stat facts {};
  if (::stat(path_.c_str(), &facts) != 0) return std::nullopt;
  return Stamp{.seconds = facts.st_mtim.tv_sec,
               .nanoseconds = facts.st_mtim.tv_nsec,
               .size = static_cast<std::uint64_t>(facts.st_size),
               .node = facts.st_ino};
}

void SamplingDesk::read_again_if_changed() {
  if (path_.empty()) return;
  const std::optional<Stamp> stamp = stamp_of_file();
  if (stamp && stamp == stamp_) return;
  stamp_ = stamp;
  Expected<std::vector<SamplingRule>> rules = read_sampling_rules(path_);
  if (const Error* error = rules.if_error()) {
    fault_ = error->message;
    return;
  }
  fault_.clear();
  if (rules_ == *rules) return;
  rules_ = std::move(*rules);
  // Now, and not the file's time: who replaces a file by an older one wants clients to notice, too.
  modified_ = look_at_clock();
  std::erase_if(clients_, [this](const auto& entry) { return find(entry.first) == nullptr; });
}

const SamplingRule* SamplingDesk::find(std::string_view name) const {
  const auto found = std::ranges::find(rules_, name, &SamplingRule::name);
  return found == rules_.end() ? nullptr : &*found;
}

/// The client's share of the reservoir; what cannot be split evenly goes to those that came first.
std::uint64_t SamplingDesk::quota_of(const SamplingRule& rule, const std::string& client,
                                     WallTime now) {
  std::vector<Client>& clients = clients_[rule.name];
  std::erase_if(clients, [&](const Client& other) {
    return other.id != client && other.reported <= now - kQuotaLife;
  });
  auto own = std::ranges::find(clients, client, &Client::id);
  if (own == clients.end()) {
    if (clients.size() == kMostClients) {
      clients.erase(std::ranges::min_element(clients, {}, &Client::reported));
    }
    own = clients.insert(clients.end(), {client, now});
  }
  own->reported = now;
  const auto place = static_cast<std::uint64_t>(own - clients.begin());
  const std::uint64_t rest = rule.reservoir_size % clients.size();
  return rule.reservoir_size / clients.size() + (place < rest ? 1 : 0);
}

void SamplingDesk::write_target(JsonWriter& json, const Report& report, WallTime now) {
  const SamplingRule& rule = *find(report.rule);
  const auto until = std::chrono::ceil<std::chrono::seconds>(now + kQuotaLife).time_since_epoch();
  json.begin_object();
  json.key("RuleName");
  json.string(rule.name);
  json.key("FixedRate");
  json.number(rule.fixed_rate);
  json.key("ReservoirQuota");
  json.unsigned_integer(quota_of(rule, report.client, now));
  json.key("ReservoirQuotaTTL");
  json.integer(until.count());
  json.key("Interval");
  json.integer(kInterval.count());
  json.end_object();
}

}  // namespace xtrace::collect
