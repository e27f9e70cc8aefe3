#pragma once

/// `WebApi` answers for the page and for what the page asks (src/collect/web/README.md).

#include <functional>
#include <string_view>
#include <utility>
#include <vector>

#include <xtrace/server_call.h>

#include "collect/collector_stats.h"
#include "collect/live_events.h"
#include "collect/trace_export.h"
#include "collect/trace_store.h"

namespace xtrace::collect {

class WebApi {
 public:
  /// What it stands on; all of it outlives the object.
  struct Parts {
    TraceStore& store;
    LiveEvents& events;
    std::function<CollectorStats()> stats;
    std::function<void()> on_cleared;
  };

  explicit WebApi(Parts parts);
  WebApi(const WebApi&) = delete;
  WebApi& operator=(const WebApi&) = delete;
  ~WebApi();

  void add_export(TraceExport format) { exports_.push_back(std::move(format)); }

  /// Whether the path is one of the page's own, to which a link may lead from anywhere.
  static bool is_page(std::string_view path);
  /// Whether the path is one that programs ask on either port: `/health`, `/api/stats`, `/metrics`.
  static bool is_watched(std::string_view path);

  /// Answers anything: 404 where there is nothing of that path.
  void handle(ServerCall call);

 private:
  void answer_path(ServerCall call, std::string_view path);
  void answer_list(ServerCall call) const;
  void answer_trace(ServerCall call, std::string_view id) const;
  void answer_graph(ServerCall call) const;
  void answer_stats(ServerCall call) const;
  void answer_strays(ServerCall call) const;
  void answer_events(ServerCall call) const;
  void answer_clear(ServerCall call);
  void answer_export(ServerCall call, std::string_view name) const;
  /// Null where there is none.
  const StoredTrace* find(std::string_view id) const;

  const Parts parts_;
  std::vector<TraceExport> exports_;
};

}  // namespace xtrace::collect
