#include "collect/otlp_resource.h"

#include <algorithm>
#include <string>

#include "base/ascii.h"
#include "collect/otlp_attributes.h"
#include "collect/value_reader.h"

namespace xtrace::collect {

namespace {

/// The blocks of a segment's `aws` that say where it ran.
struct OtlpPlace {
  std::string_view ec2{};
  std::string_view ecs{};
  std::string_view eks{};
  std::string_view beanstalk{};
  std::string_view xray{};
  std::string_view account{};

  bool is_aws() const {
    return !ec2.empty() || !ecs.empty() || !eks.empty() || !beanstalk.empty() || !account.empty();
  }
};

OtlpPlace read_otlp_place(std::string_view aws, std::deque<std::string>& decoded) {
  OtlpPlace place;
  if (aws.empty()) return place;
  ValueReader reader(aws, decoded);
  reader.object([&](std::string_view key) {
    if (key == "ec2") {
      place.ec2 = reader.block('{');
    } else if (key == "ecs") {
      place.ecs = reader.block('{');
    } else if (key == "eks") {
      place.eks = reader.block('{');
    } else if (key == "elastic_beanstalk") {
      place.beanstalk = reader.block('{');
    } else if (key == "xray") {
      place.xray = reader.block('{');
    } else if (key == "account_id") {
      place.account = reader.text();
    } else {
      reader.skip();
    }
  });
  return place;
}

/// `X-Ray for Node.js` is of `nodejs`.
std::string sdk_language(std::string_view sdk) {
  constexpr std::string_view kFor = " for ";
  const std::size_t at = sdk.find(kFor);
  if (at == std::string_view::npos) return {};
  std::string language;
  for (const char letter : sdk.substr(at + kFor.size())) {
    if (letter != '.') language += to_lower(letter);
  }
  if (language == "c++") return "cpp";
  return language == "net" ? "dotnet" : language;
}

void add_sdk_language(OtlpAttributes& attributes, std::string_view xray,
                      std::deque<std::string>& decoded) {
  if (xray.empty()) return;
  ValueReader reader(xray, decoded);
  reader.object([&](std::string_view key) {
    if (key == "sdk") return attributes.text("telemetry.sdk.language", sdk_language(reader.text()));
    reader.skip();
  });
}

void add_otlp_cloud(OtlpAttributes& attributes, const TraceNode& segment, const OtlpPlace& place) {
  const auto platform = std::ranges::find(kOtlpPlatforms, segment.origin, &OtlpPlatform::origin);
  const bool is_known = platform != kOtlpPlatforms.end();
  if (!is_known && !place.is_aws()) return;
  attributes.text("cloud.provider", "aws");
  attributes.text("cloud.account.id", place.account);
  if (!is_known) return;
  attributes.text("cloud.platform", platform->platform);
  attributes.text("aws.ecs.launchtype", platform->launch_type);
}

}  // namespace

void write_otlp_resource(JsonWriter& json, const TraceNode& segment) {
  std::deque<std::string> decoded;
  json.begin_object();
  {
    OtlpAttributes attributes(json);
    const bool is_known = segment.is_segment && !segment.name.empty();
    attributes.text("service.name", is_known ? segment.name : kOtlpNoService);
    if (segment.is_segment) {
      const OtlpPlace place = read_otlp_place(segment.aws, decoded);
      add_otlp_cloud(attributes, segment, place);
      attributes.members(place.ec2, kOtlpEc2, decoded);
      attributes.members(place.ecs, kOtlpEcs, decoded);
      attributes.members(place.eks, kOtlpEks, decoded);
      attributes.members(place.beanstalk, kOtlpBeanstalk, decoded);
      attributes.members(place.xray, kOtlpSdk, decoded);
      add_sdk_language(attributes, place.xray, decoded);
      attributes.members(segment.service, kOtlpService, decoded);
      attributes.text("aws.xray.resource_arn", segment.resource_arn);
    }
  }
  json.end_object();
}

}  // namespace xtrace::collect
