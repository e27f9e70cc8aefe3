#pragma once

/// What OpenTelemetry calls the fields of segment documents: the names that its X-Ray receiver and
/// exporter use, one table for both directions.

#include <array>
#include <cstdint>
#include <string_view>

#include <xtrace/segment_facts.h>

namespace xtrace::collect {

/// Of OTLP's `SpanKind`.
enum class OtlpKind : std::uint8_t { unset, internal, server, client, producer, consumer };

/// Of OTLP's `StatusCode`.
enum class OtlpStatus : std::uint8_t { unset, ok, error };

/// A member of an object, and the attribute that has it.
struct OtlpName {
  std::string_view member{};
  std::string_view attribute{};
};

inline constexpr auto kOtlpAws = std::to_array<OtlpName>({{"account_id", "aws.account_id"},
                                                          {"operation", "aws.operation"},
                                                          {"region", "aws.region"},
                                                          {"request_id", "aws.request_id"},
                                                          {"queue_url", "aws.queue_url"},
                                                          {"table_name", "aws.table_name"},
                                                          {"bucket_name", "aws.s3.bucket"}});

/// Of the blocks inside a segment's `aws`: resource attributes.
inline constexpr auto kOtlpEc2 =
    std::to_array<OtlpName>({{"availability_zone", "cloud.availability_zone"},
                             {"instance_id", "host.id"},
                             {"instance_size", "host.type"},
                             {"ami_id", "host.image.id"}});
inline constexpr auto kOtlpEks = std::to_array<OtlpName>({{"cluster_name", "k8s.cluster.name"},
                                                          {"pod", "k8s.pod.name"},
                                                          {"container_id", "container.id"}});
inline constexpr auto kOtlpEcs = std::to_array<OtlpName>({{"container", "container.name"},
                                                          {"container_id", "container.id"},
                                                          {"container_arn", "aws.ecs.task.arn"}});
inline constexpr auto kOtlpBeanstalk = std::to_array<OtlpName>(
    {{"environment_name", "service.namespace"}, {"deployment_id", "service.instance.id"}});

inline constexpr auto kOtlpSdk = std::to_array<OtlpName>(
    {{"sdk", "telemetry.sdk.name"}, {"sdk_version", "telemetry.sdk.version"}});
inline constexpr auto kOtlpService =
    std::to_array<OtlpName>({{"version", "service.version"},
                             {"runtime", "process.runtime.name"},
                             {"runtime_version", "process.runtime.version"}});

inline constexpr auto kOtlpSql = std::to_array<OtlpName>(
    {{"database_type", "db.system"}, {"sanitized_query", "db.statement"}, {"user", "db.user"}});

/// A segment's `origin`, `cloud.platform`, and the launch type where it says more.
struct OtlpPlatform {
  std::string_view origin{};
  std::string_view platform{};
  std::string_view launch_type{};
};

inline constexpr auto kOtlpPlatforms = std::to_array<OtlpPlatform>(
    {{"AWS::EC2::Instance", "aws_ec2", ""},
     {"AWS::ECS::EC2", "aws_ecs", "ec2"},
     {"AWS::ECS::Fargate", "aws_ecs", "fargate"},
     {"AWS::ECS::Container", "aws_ecs", ""},
     {"AWS::ElasticBeanstalk::Environment", "aws_elastic_beanstalk", ""},
     {"AWS::EKS::Container", "aws_eks", ""},
     {"AWS::AppRunner::Service", "aws_app_runner", ""},
     {"AWS::Lambda::Function", "aws_lambda", ""}});

inline constexpr std::string_view kOtlpAnnotations = "aws.xray.annotations";
inline constexpr std::string_view kOtlpMetadataPrefix = "aws.xray.metadata.";
/// Of our own: X-Ray's marks, where the status of OTLP and of HTTP do not say them.
inline constexpr std::string_view kOtlpFlags = "aws.xray.flags";
/// What OpenTelemetry calls a service that says no name.
inline constexpr std::string_view kOtlpNoService = "unknown_service";

/// X-Ray's marks of a span, by the rule of OpenTelemetry's exporter: those of its HTTP status where
/// that is a failure, or else a fault where the span failed.
inline Flags flags_of_span(int http_status, bool has_failed) {
  if (http_status >= 400 && http_status <= 599) return flags_of_status(http_status);
  return {.fault = has_failed};
}

}  // namespace xtrace::collect
