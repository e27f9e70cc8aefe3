#include "collect/trace_summary.h"

#include <limits>
#include <string>

#include <doctest/doctest.h>

#include "collect/digests.h"

namespace trace_summary_test {

using namespace xtrace;
using namespace xtrace::collect;
using namespace xtrace::collect::testing;

namespace {

std::string summary_of(const TraceDigest& trace, std::optional<double> matched = {}) {
  std::string text;
  {
    JsonWriter json(text);
    write_trace_summary(json, trace, StoredTrace(trace.id), matched);
  }
  return text;
}

void check_part(const std::string& summary, const std::string& part) {
  CAPTURE(summary);
  CHECK(summary.find(part) != std::string::npos);
}

}  // namespace

TEST_SUITE("collect/trace_summary") {
  TEST_CASE("a summary has the members of the service's TraceSummary") {
    TraceDigest trace = checkout_digest();
    trace.annotations.clear();
    trace.root_causes.clear();
    const std::string checkout =
        "\"Name\":\"checkout\",\"Names\":[\"checkout\"],\"AccountId\":\"111122223333\","
        "\"Type\":\"AWS::ECS::Container\"}";
    CHECK(summary_of(trace, 1480615200.25) ==
          "{\"Id\":\"1-58406520-a006649127e371903a2de979\",\"StartTime\":1480615200.500000,"
          "\"Duration\":2.500000,\"ResponseTime\":0.600000,\"HasFault\":false,\"HasError\":false,"
          "\"HasThrottle\":true,\"IsPartial\":false,\"Http\":{\"HttpURL\":"
          "\"http://shop.example/v2/checkout\",\"HttpStatus\":200,\"HttpMethod\":\"POST\","
          "\"UserAgent\":\"curl/7.88.1\",\"ClientIp\":\"192.0.2.7\"},\"Annotations\":{},"
          "\"Users\":[{\"UserName\":\"alice\"},{\"UserName\":\"bob\"}],\"ServiceIds\":[{" +
              checkout +
              ",{\"Name\":\"pay\",\"Names\":[\"pay\"],\"Type\":\"AWS::EC2::Instance\"},"
              "{\"Name\":\"Payments\",\"Names\":[\"Payments\"],\"Type\":\"AWS::DynamoDB::Table\"}],"
              "\"ResourceARNs\":[{\"ARN\":\"arn:aws:ecs:eu-west-1:111122223333:task/1\"}],"
              "\"InstanceIds\":[{\"Id\":\"i-0abc\"}],\"AvailabilityZones\":[{\"Name\":"
              "\"eu-west-1c\"}],\"EntryPoint\":{" +
              checkout +
              ",\"FaultRootCauses\":[],\"ErrorRootCauses\":[],\"ResponseTimeRootCauses\":[],"
              "\"Revision\":0,\"MatchedEventTime\":1480615200.250000}");
  }

  TEST_CASE("annotations are listed by key, each value with the services that have it") {
    TraceDigest trace = checkout_digest();
    const double nan = std::numeric_limits<double>::quiet_NaN();
    trace.annotations.insert(
        trace.annotations.end(),
        {{"tier", std::string("gold"), 1}, {"tier", 7.5, 0}, {"nan", nan, 0}, {"nan", nan, 1}});
    const std::string summary = summary_of(trace);
    const std::string checkout =
        "{\"Name\":\"checkout\",\"Names\":[\"checkout\"],\"AccountId\":\"111122223333\","
        "\"Type\":\"AWS::ECS::Container\"}";
    const std::string pay =
        "{\"Name\":\"pay\",\"Names\":[\"pay\"],\"Type\":\"AWS::EC2::Instance\"}";
    check_part(summary,
               "\"tier\":[{\"AnnotationValue\":{\"StringValue\":\"gold\"},\"ServiceIds\":[" +
                   checkout + "," + pay +
                   "]},{\"AnnotationValue\":{\"NumberValue\":7.5},\"ServiceIds\":[" + checkout +
                   "]}]");
    check_part(summary, "\"vip\":[{\"AnnotationValue\":{\"BooleanValue\":true},\"ServiceIds\":[" +
                            pay + "]}]");
    check_part(summary, "\"nan\":[{\"AnnotationValue\":{\"NumberValue\":null},\"ServiceIds\":[" +
                            checkout + "," + pay + "]}]");
    check_part(summary, "\"Annotations\":{\"a.b\":");
  }

  TEST_CASE("root causes tell the way to where it began, and throttling counts as an error") {
    const std::string summary = summary_of(checkout_digest());
    check_part(
        summary,
        "\"FaultRootCauses\":[{\"Services\":[{\"Name\":\"checkout\",\"Names\":[\"checkout\"],"
        "\"AccountId\":\"111122223333\",\"Type\":\"AWS::ECS::Container\",\"EntityPath\":[{\"Name\":"
        "\"checkout\",\"Exceptions\":[],\"Remote\":false}],\"Inferred\":false},{\"Name\":\"pay\","
        "\"Names\":[\"pay\"],\"Type\":\"AWS::EC2::Instance\",\"EntityPath\":[{\"Name\":\"pay\","
        "\"Exceptions\":[],\"Remote\":false},{\"Name\":\"charge card\",\"Exceptions\":[{\"Name\":"
        "\"CardRefused\",\"Message\":\"card refused by the bank\"}],\"Remote\":true}],"
        "\"Inferred\":false}],\"ClientImpacting\":false}]");
    check_part(summary,
               "\"Type\":\"AWS::DynamoDB::Table\",\"EntityPath\":[{\"Name\":\"Payments\","
               "\"Exceptions\":[],\"Remote\":false}],\"Inferred\":true}],\"ClientImpacting\":false}"
               "],\"ResponseTimeRootCauses\"");

    TraceDigest failed = checkout_digest();
    failed.visits[0].flags.fault = true;
    check_part(summary_of(failed), "\"ClientImpacting\":true");
  }

  TEST_CASE("the outcome is the root segments', and everybody's where none has come") {
    TraceDigest trace = checkout_digest();
    CHECK(outcome_of(trace) == Flags{.throttle = true});
    trace.visits[0].flags.throttle = true;
    CHECK(outcome_of(trace) == Flags{.error = true, .throttle = true});
    trace.visits[0].is_root = false;
    CHECK(outcome_of(trace) == Flags{.error = true, .throttle = true, .fault = true});
    CHECK(outcome_of(TraceDigest{}) == Flags{});
  }

  TEST_CASE("a trace of which little is known is a summary all the same") {
    const std::string summary = summary_of(TraceDigest{});
    check_part(summary, "\"Http\":{},\"Annotations\":{},\"Users\":[],\"ServiceIds\":[]");
    check_part(summary, "\"AvailabilityZones\":[],\"FaultRootCauses\":[]");
    check_part(summary, "\"Revision\":0}");
  }
}

}  // namespace trace_summary_test
