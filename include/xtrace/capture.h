#pragma once

/// `capture` records a piece of work as a subsegment, with the exception that ends it:
///
///     const Stock stock = capture(tracer.current(), "stock", [&](Subsegment& step) {
///       step.annotate("item", item);
///       return read_stock(item);
///     });

#include <exception>
#include <functional>
#include <string_view>
#include <utility>

#include <xtrace/segment.h>

namespace xtrace {

/// Runs `work(Subsegment&)` inside a subsegment of `parent`, which is the current one of this
/// thread meanwhile, and returns what it returns. An exception is recorded and goes on. Where
/// `parent` records nothing, the work is done all the same.
template <class Work>
decltype(auto) capture(const SegmentContext& parent, std::string_view name, Work&& work,
                       const SubsegmentOptions& options = {}) {
  Subsegment step = parent.begin_subsegment(name, options);
  const ContextScope scope{step.context()};
  try {
    return std::invoke(std::forward<Work>(work), step);
  } catch (const std::exception& exception) {
    step.add_exception(exception);
    throw;
  } catch (...) {
    step.add_exception("unknown", "not a std::exception");
    throw;
  }
}

}  // namespace xtrace
