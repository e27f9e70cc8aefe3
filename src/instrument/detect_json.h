#pragma once

/// Reads what metadata services and files tell of where we are. Everything is optional: a member
/// that is missing, of another type or longer than 1 KiB is empty, and text that is no JSON object
/// is nothing at all.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace xtrace {

struct Ec2Identity {
  std::string instance_id{};
  std::string availability_zone{};
  std::string instance_type{};
  std::string image_id{};
  std::string account_id{};
};
std::optional<Ec2Identity> read_ec2_identity(std::string_view json);

struct EcsContainer {
  std::string name{};
  std::string id{};
  std::string arn{};
  std::string log_driver{};
  std::string log_group{};
  std::string log_region{};
};
std::optional<EcsContainer> read_ecs_container(std::string_view json);

struct EcsTask {
  std::string cluster{};  ///< A name or an ARN.
  std::string arn{};
  std::string family{};
  std::string revision{};
  std::string launch_type{};
  std::string availability_zone{};
};
std::optional<EcsTask> read_ecs_task(std::string_view json);

struct BeanstalkEnvironment {
  std::string name{};
  std::string version_label{};
  std::optional<std::int64_t> deployment_id{};
};
std::optional<BeanstalkEnvironment> read_beanstalk(std::string_view json);

/// Of the config map amazon-cloudwatch/cluster-info.
std::optional<std::string> read_cluster_name(std::string_view json);

}  // namespace xtrace
