#pragma once

/// Detectors find out where a service runs, for the `origin` and the `aws` blocks of its segments.
///
/// Nothing is detected unless it is asked for: `detect_environment()` asks, once, and what it
/// returns is given to a `TracerConfig`. It blocks for at most `DetectorOptions::limit`, and may be
/// called from any thread but that of a `Loop`, which it would hold up.

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include <xtrace/clock.h>
#include <xtrace/error.h>
#include <xtrace/service_environment.h>

namespace xtrace {

/// Each looks for one thing, and costs nothing where the sign it goes by is missing.
enum class Detector : std::uint8_t {
  /// `AWS::Lambda::Function`, by `AWS_LAMBDA_FUNCTION_NAME` or `LAMBDA_TASK_ROOT`: block `lambda`
  /// with function_name, function_version and memory_mb, and `cloudwatch_logs` with log_group and
  /// log_stream.
  lambda,
  /// `AWS::EKS::Container`, by `KUBERNETES_SERVICE_HOST` and the token of a service account: block
  /// `eks` with pod, container_id and cluster_name, the last one from the config map
  /// amazon-cloudwatch/cluster-info where the service account may read it. Any Kubernetes looks so;
  /// leave this detector out where the cluster is not Amazon's.
  eks,
  /// `AWS::ECS::Fargate`, `AWS::ECS::EC2`, or `AWS::ECS::Container` where the launch type stays
  /// unknown, by `ECS_CONTAINER_METADATA_URI_V4`: block `ecs` with container, container_id,
  /// container_arn, cluster_arn, task_arn, task_family, task_revision and launch_type,
  /// `account_id`,
  /// and `cloudwatch_logs` with log_group and arn where the container logs there.
  ecs,
  /// `AWS::ElasticBeanstalk::Environment`, by its file: block `elastic_beanstalk` with
  /// environment_name, version_label and deployment_id.
  elastic_beanstalk,
  /// `AWS::EC2::Instance`, by asking the instance's metadata service (IMDSv2): block `ec2` with
  /// instance_id, availability_zone, instance_size and ami_id, and `account_id`. Elsewhere nobody
  /// answers, which is known after a quarter of the limit at the latest.
  ec2,
};

/// The name in messages: `elastic_beanstalk`.
std::string_view to_string(Detector detector);

struct DetectorOptions {
  std::vector<Detector> detectors = {Detector::lambda, Detector::eks, Detector::ecs,
                                     Detector::elastic_beanstalk, Detector::ec2};
  /// For all of them together; they work side by side.
  Duration limit = std::chrono::seconds(1);
  /// The value of an environment variable, empty where it is not set; left empty itself, the
  /// process is asked.
  std::function<std::string(std::string_view name)> environment{};

  // Where the signs are found; a test or an emulation may have them elsewhere. Hosts of URLs are IP
  // addresses here and in the environment: a name is refused, for a lookup cannot be broken off.
  std::string ec2_url = "http://169.254.169.254";
  std::string beanstalk_file = "/var/elasticbeanstalk/xray/environment.conf";
  /// Holds `token` and `ca.crt`.
  std::string service_account_folder = "/var/run/secrets/kubernetes.io/serviceaccount";
  std::string cgroup_file = "/proc/self/cgroup";
  std::string host_name{};  ///< Empty: the machine's.
};

struct Detection {
  /// The origin is that of the most specific detector that found something: lambda, eks, ecs,
  /// elastic_beanstalk, ec2. The blocks of all are kept; where two give one of the same key, the
  /// more specific one's.
  ServiceEnvironment environment{};
  /// What was found, the most specific first.
  std::vector<Detector> found{};
  /// Why a detector found nothing, or less than there is: `detect ec2: connect ...`. Those whose
  /// signs are missing say nothing.
  std::vector<Error> failures{};
};

/// Asks and waits. Answers are limited too: 256 KiB each, redirects are not followed, and proxies
/// not used.
Detection detect_environment(const DetectorOptions& options = {});

}  // namespace xtrace
