#pragma once

/// `CallbackEmitter` hands each document to a function of C, on the thread that ended the segment.

#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>

#include <xtrace/c_tracer.h>
#include <xtrace/emitter.h>

#include "base/per_process.h"

namespace xtrace {

/// What the functions that a C program gave are called with; told when nobody calls them any more.
struct CallerData {
  explicit CallerData(void* theirs) : user(theirs) {}
  CallerData(const CallerData&) = delete;
  CallerData& operator=(const CallerData&) = delete;
  ~CallerData() {
    if (release != nullptr) release(user);
  }

  void* const user;
  xtrace_release_function release = nullptr;
};

class CallbackEmitter final : public Emitter {
 public:
  CallbackEmitter(xtrace_document_function on_document, std::shared_ptr<CallerData> caller);
  CallbackEmitter(const CallbackEmitter&) = delete;
  CallbackEmitter& operator=(const CallbackEmitter&) = delete;
  ~CallbackEmitter() override;

  void flush() override {}
  bool drain(Duration) override { return true; }
  EmitterStats stats() const override;
  std::optional<Error> last_error() const override { return std::nullopt; }

 private:
  struct Counts {
    std::mutex mutex{};
    EmitterStats stats{};
  };
  void take(std::span<const std::string> documents, const DocumentCounts& built) override;

  const xtrace_document_function on_document_;
  const std::shared_ptr<CallerData> caller_;
  mutable PerProcess<Counts> counts_;
};

}  // namespace xtrace
