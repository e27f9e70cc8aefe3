#include <array>
#include <utility>

#include "base/ascii.h"
#include "instrument/detect_client.h"
#include "instrument/detect_json.h"
#include "instrument/detect_search.h"

namespace xtrace {

namespace {

/// `arn:partition:service:region:account:resource`; an empty part where the text is no ARN.
struct Arn {
  std::string_view partition{};
  std::string_view region{};
  std::string_view account{};
};

Arn read_arn(std::string_view text) {
  std::array<std::string_view, 5> parts{};
  for (std::string_view& part : parts) {
    const std::size_t colon = text.find(':');
    if (colon == std::string_view::npos) return {};
    part = text.substr(0, colon);
    text.remove_prefix(colon + 1);
  }
  if (parts[0] != "arn") return {};
  return {.partition = parts[1], .region = parts[3], .account = parts[4]};
}

/// The ARN of `resource` beside another one; empty where that is none.
std::string arn_beside(std::string_view other, std::string_view service, std::string_view region,
                       std::string_view resource) {
  const Arn arn = read_arn(other);
  if (arn.account.empty()) return {};
  std::string text = "arn:";
  for (const std::string_view part :
       {arn.partition, service, region.empty() ? arn.region : region, arn.account}) {
    (text += part) += ':';
  }
  text += resource;
  return text;
}

std::string cluster_arn(const EcsTask& task) {
  if (task.cluster.empty() || task.cluster.starts_with("arn:")) return task.cluster;
  return arn_beside(task.arn, "ecs", {}, "cluster/" + task.cluster);
}

std::string_view origin_of(const EcsTask& task) {
  if (same_word(task.launch_type, "FARGATE")) return "AWS::ECS::Fargate";
  if (same_word(task.launch_type, "EC2")) return "AWS::ECS::EC2";
  return "AWS::ECS::Container";
}

class EcsSearch final : public Search {
 public:
  EcsSearch(Loop& loop, const DetectorOptions& options)
      : base_(options.environment("ECS_CONTAINER_METADATA_URI_V4")),
        host_name_(options.host_name),
        client_(loop, {}) {
    if (base_.empty()) return;
    ask("", [this](const std::string& body) { return take_container(body); });
    ask("/task", [this](const std::string& body) { return take_task(body); });
  }

  bool is_done() const override { return !client_.is_waiting(); }

  Finding finish() override {
    if (base_.empty()) return {};
    for (Error& error : client_.give_up()) finding_.failures.push_back(std::move(error));
    finding_.origin = origin_of(task_);
    add_container();
    const std::string& any_arn = container_.arn.empty() ? task_.arn : container_.arn;
    const std::string_view account = read_arn(any_arn).account;
    if (!account.empty()) finding_.blocks.push_back(text_block("account_id", account));
    if (container_.log_driver == "awslogs" && !container_.log_group.empty()) add_log(any_arn);
    return std::move(finding_);
  }

 private:
  /// `take` says whether the body was understood.
  void ask(std::string_view path, Callback<bool(const std::string&)> take) {
    Expected<Url> url = metadata_url(base_, path);
    if (const Error* error = url.if_error()) return finding_.failures.push_back(*error);
    client_.ask("GET", *url, {},
                [this, taker = std::move(take)](Expected<MetadataAnswer> answer) mutable {
                  on_answer(std::move(answer), taker);
                });
  }

  void on_answer(Expected<MetadataAnswer> answer, Callback<bool(const std::string&)>& take) {
    const std::string question = answer ? answer->question : std::string{};
    const Expected<std::string> body = body_of(std::move(answer));
    if (const Error* error = body.if_error()) return finding_.failures.push_back(*error);
    if (take(*body)) return;
    finding_.failures.push_back(not_understood(question, "the answer is no JSON object"));
  }

  bool take_container(const std::string& body) {
    std::optional<EcsContainer> container = read_ecs_container(body);
    if (container) container_ = std::move(*container);
    return container.has_value();
  }

  bool take_task(const std::string& body) {
    std::optional<EcsTask> task = read_ecs_task(body);
    if (task) task_ = std::move(*task);
    return task.has_value();
  }

  void add_container() {
    BlockWriter block("ecs");
    block.text("container", container_.name.empty() ? host_name_ : container_.name)
        .text("container_id", container_.id)
        .text("container_arn", container_.arn)
        .text("cluster_arn", cluster_arn(task_))
        .text("task_arn", task_.arn)
        .text("task_family", task_.family)
        .text("task_revision", task_.revision)
        .text("launch_type", task_.launch_type)
        .text("availability_zone", task_.availability_zone);
    finding_.blocks.push_back(block.finish());
  }

  void add_log(std::string_view any_arn) {
    BlockWriter log("cloudwatch_logs");
    log.text("log_group", container_.log_group)
        .text("arn", arn_beside(any_arn, "logs", container_.log_region,
                                "log-group:" + container_.log_group));
    finding_.blocks.push_back(listed(log.finish()));
  }

  std::string base_;
  std::string host_name_;
  EcsContainer container_;
  EcsTask task_;
  Finding finding_;
  MetadataClient client_;
};

}  // namespace

std::unique_ptr<Search> search_ecs(Loop& loop, const DetectorOptions& options) {
  return std::make_unique<EcsSearch>(loop, options);
}

}  // namespace xtrace
