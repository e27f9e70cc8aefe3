#pragma once

/// Digests as literals, for what is asked of digests.

#include <string_view>

#include "collect/trace_digest.h"

namespace xtrace::collect::testing {

inline constexpr std::string_view kCheckoutId = "1-58406520-a006649127e371903a2de979";

/// A checkout that answered 200 after 0.6 s though what it called failed: `pay` with 503, and a
/// table of DynamoDB, of which no segment tells, by throttling.
inline TraceDigest checkout_digest() {
  constexpr double kStart = 1480615200.5;
  TraceDigest trace;
  trace.id = *TraceId::parse(kCheckoutId);
  trace.start = kStart;
  trace.duration = 2.5;
  trace.response_time = 0.6;
  trace.flags = {.error = true, .throttle = true, .fault = true};
  trace.is_complete = true;
  trace.method = "POST";
  trace.url = "http://shop.example/v2/checkout";
  trace.user_agent = "curl/7.88.1";
  trace.client_ip = "192.0.2.7";
  trace.status = 200;
  trace.segments = 2;
  trace.subsegments = 3;
  trace.services = {{"checkout", "AWS::ECS::Container", "111122223333"},
                    {"pay", "AWS::EC2::Instance", ""},
                    {"Payments", "AWS::DynamoDB::Table", ""}};
  trace.visits = {
      {.service = 0, .is_root = true, .status = 200, .start = kStart, .duration = 0.6},
      {.service = 1, .flags = {.fault = true}, .status = 503, .start = kStart, .duration = 0.2},
      {.service = 1, .status = 200, .start = kStart + 1, .duration = 1.5},
      {.service = 2,
       .is_inferred = true,
       .flags = {.error = true, .throttle = true},
       .start = kStart,
       .duration = 0.05}};
  trace.edges = {{.to = 0, .start = kStart, .duration = 0.6},
                 {.from = 0, .to = 1, .flags = {.fault = true}, .start = kStart, .duration = 0.25},
                 {.from = 0, .to = 1, .start = kStart + 1, .duration = 1.5},
                 {.from = 1,
                  .to = 2,
                  .flags = {.error = true, .throttle = true},
                  .start = kStart,
                  .duration = 0.05}};
  trace.annotations = {{"tier", std::string("gold"), 0},
                       {"tier", std::string("gold"), 1},
                       {"count", 30.0, 0},
                       {"vip", true, 1},
                       {"old", false, 1},
                       {"a.b", std::string("x"), 0}};
  trace.users = {"alice", "bob"};
  trace.resource_arns = {"arn:aws:ecs:eu-west-1:111122223333:task/1"};
  trace.instance_ids = {"i-0abc"};
  trace.zones = {"eu-west-1c"};
  trace.root_causes = {{.kind = RootCause::Kind::fault,
                        .services = {0, 1},
                        .entity = "charge card",
                        .type = "CardRefused",
                        .message = "card refused by the bank",
                        .is_remote = true},
                       {.kind = RootCause::Kind::throttle,
                        .services = {0, 1, 2},
                        .entity = "Payments",
                        .type = "",
                        .message = "",
                        .is_remote = false}};
  return trace;
}

}  // namespace xtrace::collect::testing
