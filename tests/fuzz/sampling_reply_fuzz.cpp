#include "fuzz/target.h"
#include "xray/central_rules.h"

/// Replies are read or refused; what was read is applied, decides, and is reported and given back
/// without a loss.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace xtrace;
  const std::string_view input = testing::as_text(data, size);
  const Expected<RulesReply> reply = parse_rules_reply(input);
  const Expected<TargetsReply> targets = parse_targets_reply(input);
  testing::require(reply || !reply.error().message.empty());
  CentralRules rules;
  rules.replace(reply ? reply->rules : std::vector{CentralRule{.name = RuleName("a")}});
  testing::require(rules.is_fresh() == (!reply || !reply->rules.empty()));
  if (targets) rules.apply(*targets);
  const auto decision = rules.decide({.host = "h", .url_path = input});
  const auto report = rules.take_due();
  testing::require(report.size() == (decision ? 1U : 0U));
  testing::require(rules.take_due().empty());
  rules.give_back(report);
  testing::require(rules.take_due() == report);
  if (decision) testing::require(decision->rule == report[0].rule && report[0].requests == 1);
  const std::string request = write_targets_request(report, make_client_id(), WallTime{});
  testing::require(request.find('\n') == std::string::npos);
  return 0;
}
