#include "cli/option_table.h"

#include <algorithm>
#include <array>

#include "cli/connection_rows.h"
#include "cli/output_rows.h"
#include "cli/policy_rows.h"
#include "cli/repeat_rows.h"
#include "cli/request_rows.h"

namespace xtrace::cli {

namespace {

template <std::size_t... kCounts>
constexpr auto join(const std::array<FlagRow, kCounts>&... headings) {
  std::array<FlagRow, (kCounts + ...)> table{};
  auto* end = table.begin();
  ((end = std::copy(headings.begin(), headings.end(), end)), ...);
  return table;
}

// In the order of OptionId.
constexpr auto kTable = join(kRequestRows, kRouteRows, kTlsRows, kLimitRows, kPolicyRows,
                             kRepeatRows, kOutputRows, kJudgeRows, kSloRows, kTraceRows);
static_assert(kTable.size() == static_cast<std::size_t>(OptionId::no_redact) + 1);

}  // namespace

std::span<const FlagRow> option_table() {
  return kTable;
}

std::optional<OptionId> option_id(const FlagRow& row) {
  const auto* found = std::ranges::find(kTable, row.name, &FlagRow::name);
  if (row.name.empty() || found == kTable.end()) return std::nullopt;
  return static_cast<OptionId>(found - kTable.begin());
}

}  // namespace xtrace::cli
