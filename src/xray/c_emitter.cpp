#include "xray/c_emitter.h"

#include <utility>

namespace xtrace {

CallbackEmitter::CallbackEmitter(xtrace_document_function on_document,
                                 std::shared_ptr<CallerData> caller)
    : on_document_(on_document),
      caller_(std::move(caller)),
      counts_([] { return std::make_unique<Counts>(); }) {}

CallbackEmitter::~CallbackEmitter() = default;

EmitterStats CallbackEmitter::stats() const {
  Counts& counts = counts_.get();
  const std::scoped_lock lock{counts.mutex};
  return counts.stats;
}

void CallbackEmitter::take(std::span<const std::string> documents, const DocumentCounts& built) {
  {
    Counts& counts = counts_.get();
    const std::scoped_lock lock{counts.mutex};
    counts.stats.built += built;
    counts.stats.documents += documents.size();
    counts.stats.sent += documents.size();
    counts.stats.flushes += documents.size();
    for (const std::string& document : documents) counts.stats.bytes += document.size();
  }
  // Without the lock, for the function may end segments itself.
  for (const std::string& document : documents) {
    on_document_(caller_->user, document.c_str(), document.size());
  }
}

}  // namespace xtrace
