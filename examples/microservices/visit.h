#pragma once

/// `Visit` is one request that a service answers: the call, the segment that tells about it, and
/// the id that the log knows it by.

#include <string>
#include <string_view>
#include <utility>

#include <xtrace/segment_context.h>
#include <xtrace/server_call.h>

#include "microservices/messages.h"

namespace xtrace::examples {

/// Moves, as a `ServerCall` does, and may be kept for as long as the answer takes.
class Visit {
 public:
  Visit(ServerCall call, SegmentContext segment, std::string id)
      : call_(std::move(call)), segment_(std::move(segment)), id_(std::move(id)) {}

  ServerCall& call() { return call_; }
  const SegmentContext& segment() const { return segment_; }
  /// The client's X-Request-Id, or one of ours.
  const std::string& id() const { return id_; }

  void answer(std::string_view media_type, std::string_view json);
  /// Answers with the refusal as JSON.
  void refuse(const Refusal& refusal);

 private:
  ServerCall call_;
  SegmentContext segment_;
  std::string id_;
};

}  // namespace xtrace::examples
