#pragma once

/// A report with a plan, attempt by attempt instead of leg by leg; and which request of any report
/// gave the answer.

#include <optional>
#include <vector>

#include "cli/report.h"

namespace xtrace::cli {

/// One attempt of a plan. All moments are from the start of the call.
struct AttemptView {
  int index = 0;
  int wave = 0;
  bool is_redundant = false;
  /// What was sent for it, in order; there is one at least. Redirects and connections that turned
  /// out to be dead make it more.
  std::vector<const AttemptReport*> requests{};
  Duration begin{};
  Duration end{};

  const AttemptReport& last() const { return *requests.back(); }
  const Error* error() const;
  /// 0 without a response.
  int status() const;
  /// Unset where the plan was not asked.
  std::optional<RetryDecision::Veto> decision() const;
  bool is_retried() const { return decision() == RetryDecision::Veto::none; }
  Duration length() const { return end - begin; }
};

/// In the order they started.
std::vector<AttemptView> view_attempts(const Report& report);

/// When `request` began, from the start of the call.
Duration begin_of(const Report& report, const AttemptReport& request);

/// The request whose end is that of the call, and its leg; null where nothing was sent.
struct FinalRequest {
  const LegReport* leg = nullptr;
  const AttemptReport* request = nullptr;
};
FinalRequest final_request(const Report& report);

/// The same report with nothing but the requests of attempt `index`, as one without a plan shows
/// them.
Report only_attempt(const Report& report, int index);
/// The one that the plan ended with; the report itself where there is no plan.
Report only_final_attempt(const Report& report);

}  // namespace xtrace::cli
