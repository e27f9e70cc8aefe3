#pragma once

/// `AttemptHeaders` gives each physical request of a call an id of its own and the trace header
/// that names it, and remembers which were given out.

#include <span>
#include <string>
#include <vector>

#include <xtrace/http.h>
#include <xtrace/segment_context.h>
#include <xtrace/trace_id.h>

namespace xtrace {

class AttemptHeaders {
 public:
  /// For a call below `parent`. May be called again for another call, and then allocates nothing.
  void begin(SegmentContext parent, bool with_traceparent);
  /// Lets go of the parent.
  void end() { parent_ = SegmentContext(); }

  /// What `CallOptions::before_attempt` does.
  void write_into(Request& request);

  const SegmentContext& parent() const { return parent_; }
  std::span<const SegmentId> sent() const { return sent_; }

 private:
  void write_traceparent(Request& request, const SegmentId& id);

  SegmentContext parent_;
  bool with_traceparent_ = false;
  std::vector<SegmentId> sent_;
  std::string text_;
};

}  // namespace xtrace
