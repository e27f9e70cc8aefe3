#pragma once

/// What the `aws` block of a node tells of where it ran, or of whom it called.

#include <deque>
#include <string>
#include <string_view>

#include "collect/trace_tree.h"

namespace xtrace::collect {

/// Empty where it does not say. Views into the block, or into `decoded`.
struct AwsFacts {
  std::string_view account{};
  std::string_view instance_id{};
  std::string_view zone{};
  std::string_view table{};
  std::string_view queue{};
  std::string_view bucket{};
};

AwsFacts read_aws(std::string_view block, std::deque<std::string>& decoded);

/// Who is called, as X-Ray's service map names it.
struct CallTarget {
  std::string_view name{};
  std::string type{};
};

/// Of a call of namespace `remote` or `aws`: the resource where the call names one that the map
/// knows, such as a table, or else the service.
CallTarget target_of(const TraceNode& call, const AwsFacts& aws);

}  // namespace xtrace::collect
