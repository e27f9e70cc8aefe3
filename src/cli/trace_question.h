#pragma once

/// `TraceQuestion` asks a running `xtrace listen` for traces, by the X-Ray API.
///
/// It blocks: each call runs its loop until the answer is there.

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <xtrace/daemon_address.h>
#include <xtrace/expected.h>
#include <xtrace/loop.h>
#include <xtrace/trace_id.h>

#include "collect/trace_store.h"
#include "instrument/daemon_proxy.h"

namespace xtrace::cli {

class TraceQuestion {
 public:
  /// `endpoint` is the TCP side of a listener, or its page.
  explicit TraceQuestion(const DaemonEndpoint& endpoint);
  TraceQuestion(const TraceQuestion&) = delete;
  TraceQuestion& operator=(const TraceQuestion&) = delete;
  ~TraceQuestion();

  /// The ids of the traces that the filter expression takes, those that began last first, so many
  /// at most. Errors: those of `DaemonProxy::post`, and `invalid_reply`.
  Expected<std::vector<TraceId>> list(std::string_view filter, std::size_t most);
  /// Puts the documents of these traces into `store`; what is not there stays away.
  Expected<void> fetch(std::span<const TraceId> ids, collect::TraceStore& store);

 private:
  Expected<std::string> ask(std::string_view path, std::string body);

  Loop loop_;
  DaemonProxy proxy_;
};

}  // namespace xtrace::cli
