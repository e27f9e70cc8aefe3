#include <algorithm>
#include <array>
#include <span>

#include "base/ascii.h"
#include "collect/otlp_blocks.h"

namespace xtrace::collect {

namespace {

/// Writes an object when its first member comes, and ends it.
class LazyBlock {
 public:
  LazyBlock(JsonWriter& json, std::string_view name) : json_(json), name_(name) {}
  LazyBlock(const LazyBlock&) = delete;
  LazyBlock& operator=(const LazyBlock&) = delete;
  ~LazyBlock() {
    if (has_begun_) json_.end_object();
  }

  void begin() {
    if (has_begun_) return;
    has_begun_ = true;
    json_.key(name_);
    json_.begin_object();
  }
  void text(std::string_view key, std::string_view value) {
    if (value.empty()) return;
    begin();
    json_.key(key);
    json_.string(value);
  }
  void take_all(std::span<const OtlpName> names, OtlpAttributeList& attributes) {
    for (const OtlpName& name : names) text(name.member, attributes.take_text(name.attribute));
  }

 private:
  JsonWriter& json_;
  const std::string_view name_;
  bool has_begun_ = false;
};

bool has_any_name(std::span<const OtlpName> names, const OtlpAttributeList& attributes) {
  return std::ranges::any_of(names, [&attributes](const OtlpName& name) {
    return !attributes.look(name.attribute).empty();
  });
}

void write_otlp_place(LazyBlock& aws, JsonWriter& json, std::string_view block,
                      std::span<const OtlpName> names, OtlpAttributeList& resource) {
  if (!has_any_name(names, resource)) return;
  aws.begin();
  LazyBlock(json, block).take_all(names, resource);
}

/// `opentelemetry for go`; what X-Ray's own SDKs call themselves names the language already.
std::string take_sdk(OtlpAttributeList& resource) {
  std::string sdk(resource.take_text("telemetry.sdk.name"));
  const std::string_view language = resource.take_text("telemetry.sdk.language");
  const bool is_said = language.empty() || sdk.find(" for ") != std::string::npos;
  return sdk.empty() || is_said ? sdk : sdk.append(" for ").append(language);
}

void write_otlp_places(LazyBlock& aws, JsonWriter& json, OtlpAttributeList& resource) {
  const bool is_aws = resource.look("cloud.provider") == "aws";
  if (is_aws) {
    aws.text("account_id", resource.take_text("cloud.account.id"));
    write_otlp_place(aws, json, "ec2", kOtlpEc2, resource);
    const bool is_eks =
        !resource.look("k8s.cluster.name").empty() || !resource.look("k8s.pod.name").empty();
    if (is_eks) {
      write_otlp_place(aws, json, "eks", kOtlpEks, resource);
    } else {
      write_otlp_place(aws, json, "ecs", kOtlpEcs, resource);
    }
    if (resource.look("cloud.platform") == "aws_elastic_beanstalk") {
      write_otlp_place(aws, json, "elastic_beanstalk", kOtlpBeanstalk, resource);
    }
  }
  const std::string sdk = take_sdk(resource);
  const std::string_view version = resource.take_text("telemetry.sdk.version");
  if (sdk.empty() && version.empty()) return;
  aws.begin();
  LazyBlock xray(json, "xray");
  xray.text("sdk", sdk);
  xray.text("sdk_version", version);
}

bool is_sql_system(std::string_view system) {
  static constexpr auto kOthers = std::to_array<std::string_view>(
      {"redis", "mongodb", "cassandra", "memcached", "dynamodb", "elasticsearch", "hbase",
       "couchdb", "couchbase", "neo4j", "cosmosdb", "geode", "opensearch"});
  return std::ranges::none_of(
      kOthers, [system](std::string_view other) { return same_word(system, other); });
}

}  // namespace

void write_sql_block(JsonWriter& json, OtlpSpan& span) {
  OtlpAttributeList& attributes = span.attributes;
  const std::string_view system = attributes.look("db.system");
  const bool has_it = !system.empty() || !attributes.look("db.system.name").empty();
  const bool has_query = !attributes.look("db.statement").empty();
  if ((!has_it && !has_query) || !is_sql_system(system) ||
      !is_sql_system(attributes.look("db.system.name"))) {
    return;
  }
  LazyBlock sql(json, "sql");
  sql.text("database_type", attributes.take_text("db.system", "db.system.name"));
  sql.text("sanitized_query", attributes.take_text("db.statement", "db.query.text"));
  sql.text("user", attributes.take_text("db.user"));
  const std::string_view connection = attributes.take_text("db.connection_string");
  if (connection.find("//") == std::string_view::npos) {
    return sql.text("connection_string", connection);
  }
  const std::string_view name = attributes.take_text("db.name", "db.namespace");
  std::string url(connection);
  if (!name.empty()) url.append("/").append(name);
  sql.text("url", url);
}

void write_aws_block(JsonWriter& json, OtlpSpan& span, OtlpAttributeList& resource) {
  OtlpAttributeList& attributes = span.attributes;
  LazyBlock aws(json, "aws");
  const bool is_call = attributes.look("rpc.system") == "aws-api";
  if (span.is_segment()) {
    // One account is enough.
    if (!resource.look("cloud.account.id").empty()) attributes.take("aws.account_id");
    write_otlp_places(aws, json, resource);
  }
  aws.take_all(kOtlpAws, attributes);
  aws.text("request_id", attributes.take_text("aws.requestId"));
  aws.text("queue_url", attributes.take_text("aws.queue.url"));
  aws.text("table_name", attributes.take_text("aws.table.name"));
  if (is_call) {
    attributes.take("rpc.system");
    aws.text("operation", attributes.take_text("rpc.method"));
  }
  if (const auto retries = attributes.take_count("aws.xray.retries")) {
    aws.begin();
    json.key("retries");
    json.integer(*retries);
  }
}

void write_service_members(JsonWriter& json, OtlpAttributeList& resource) {
  const std::string_view platform = resource.take_text("cloud.platform");
  const std::string_view launch = resource.take_text("aws.ecs.launchtype");
  if (resource.look("cloud.provider") == "aws") resource.take("cloud.provider");
  const auto known = std::ranges::find_if(kOtlpPlatforms, [&](const OtlpPlatform& row) {
    return row.platform == platform && (row.launch_type.empty() || row.launch_type == launch);
  });
  if (known != kOtlpPlatforms.end()) {
    json.key("origin");
    json.string(known->origin);
  }
  const std::string_view arn = resource.take_text("aws.xray.resource_arn");
  if (!arn.empty()) {
    json.key("resource_arn");
    json.string(arn);
  }
  LazyBlock(json, "service").take_all(kOtlpService, resource);
}

}  // namespace xtrace::collect
