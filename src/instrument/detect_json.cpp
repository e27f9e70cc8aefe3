#include "instrument/detect_json.h"

#include <nlohmann/json.hpp>

namespace xtrace {

namespace {

using Json = nlohmann::json;

constexpr std::size_t kLongestDetected = 1024;

/// Null where the text is no JSON object.
Json read_object(std::string_view text) {
  Json json = Json::parse(text, nullptr, false);
  return json.is_object() ? json : Json{};
}

const Json& member(const Json& object, const char* key) {
  static const Json nothing;
  const auto found = object.find(key);
  return found == object.end() ? nothing : *found;
}

std::string text(const Json& object, const char* key) {
  const Json& value = member(object, key);
  if (!value.is_string()) return {};
  const auto& content = value.get_ref<const std::string&>();
  return content.size() > kLongestDetected ? std::string{} : content;
}

}  // namespace

std::optional<Ec2Identity> read_ec2_identity(std::string_view json) {
  const Json identity = read_object(json);
  if (identity.is_null()) return {};
  return Ec2Identity{.instance_id = text(identity, "instanceId"),
                     .availability_zone = text(identity, "availabilityZone"),
                     .instance_type = text(identity, "instanceType"),
                     .image_id = text(identity, "imageId"),
                     .account_id = text(identity, "accountId")};
}

std::optional<EcsContainer> read_ecs_container(std::string_view json) {
  const Json container = read_object(json);
  if (container.is_null()) return {};
  const Json& log = member(container, "LogOptions");
  return EcsContainer{.name = text(container, "Name"),
                      .id = text(container, "DockerId"),
                      .arn = text(container, "ContainerARN"),
                      .log_driver = text(container, "LogDriver"),
                      .log_group = text(log, "awslogs-group"),
                      .log_region = text(log, "awslogs-region")};
}

std::optional<EcsTask> read_ecs_task(std::string_view json) {
  const Json task = read_object(json);
  if (task.is_null()) return {};
  return EcsTask{.cluster = text(task, "Cluster"),
                 .arn = text(task, "TaskARN"),
                 .family = text(task, "Family"),
                 .revision = text(task, "Revision"),
                 .launch_type = text(task, "LaunchType"),
                 .availability_zone = text(task, "AvailabilityZone")};
}

std::optional<BeanstalkEnvironment> read_beanstalk(std::string_view json) {
  const Json file = read_object(json);
  if (file.is_null()) return {};
  BeanstalkEnvironment environment{.name = text(file, "environment_name"),
                                   .version_label = text(file, "version_label")};
  const Json& deployment = member(file, "deployment_id");
  if (deployment.is_number_integer()) environment.deployment_id = deployment.get<std::int64_t>();
  return environment;
}

std::optional<std::string> read_cluster_name(std::string_view json) {
  const Json map = read_object(json);
  if (map.is_null()) return {};
  return text(member(map, "data"), "cluster.name");
}

}  // namespace xtrace
