#include "cli/get_perform.h"

#include <csignal>
#include <utility>

#include "cli/get_plan.h"
#include "loop/signal_watch.h"

namespace xtrace::cli {

namespace {

/// Before each physical request: its own trace header, and its head in the conversation.
Callback<Expected<void>(Request&)> prepare_attempts(const PreparedGet& prepared,
                                                    Conversation* conversation,
                                                    std::vector<SegmentId>& ids) {
  const bool is_decided = decides_trace_header(prepared.request);
  return [&prepared, &ids, conversation, is_decided](Request& request) -> Expected<void> {
    ids.push_back(SegmentId::generate());
    if (!is_decided) set_trace_header(request, prepared.trace, ids.back());
    if (conversation != nullptr) conversation->expect(request);
    return {};
  };
}

Reached perform_once(const Performance& performance) {
  PreparedGet& prepared = performance.prepared;
  std::optional<Conversation> conversation;
  if (performance.conversation != nullptr) conversation.emplace(*performance.conversation);
  Client client(performance.loop, prepared.config);
  std::vector<SegmentId> ids;
  CallOptions call_options;
  if (conversation) call_options.trace = conversation->hooks();
  call_options.before_attempt =
      prepare_attempts(prepared, conversation ? &*conversation : nullptr, ids);
  call_options.on_body = [&prepared](std::span<const std::byte> bytes) -> Expected<xtrace::Flow> {
    prepared.sink.begin();
    if (const auto written = prepared.sink.write(bytes); !written) return written.error();
    return xtrace::Flow::proceed;
  };
  // The report needs what was asked for, not what was uploaded: a large body is held once.
  std::string body = std::exchange(prepared.request.body, {});
  Request request = prepared.request;
  request.body = std::move(body);
  std::optional<Reached> reached;
  Call call = client.start(
      std::move(request), std::move(call_options),
      [&reached](Exchange exchange) { reached = Reached{.exchange = std::move(exchange)}; });
  const auto end_by = [&reached, &call](int signal) {
    if (!reached) reached = Reached{.exchange = call.abort(), .signal = signal};
  };
  SignalWatch interrupt(performance.loop, SIGINT, [&end_by] { end_by(SIGINT); });
  SignalWatch terminate(performance.loop, SIGTERM, [&end_by] { end_by(SIGTERM); });
  constexpr Duration kForever = std::chrono::hours(24 * 366 * 10);
  while (!reached) {
    performance.loop.run_until([&reached] { return reached.has_value(); }, kForever);
  }
  reached->ids = std::move(ids);
  reached->pool = client.pool_stats();
  // An answer without a body, too, takes the place of what the file held.
  if (reached->exchange.response && !reached->exchange.error) prepared.sink.begin();
  return std::move(*reached);
}

}  // namespace

Reached perform(const Performance& performance) {
  PreparedGet& prepared = performance.prepared;
  const bool is_plan = performance.options.plan.is_plan();
  Reached reached = is_plan ? GetPlan(performance).run() : perform_once(performance);
  if (!prepared.metrics) return reached;
  ClientMetrics& metrics = prepared.metrics->client();
  if (!is_plan) {
    metrics.record({}, prepared.request.method, prepared.request.url, reached.exchange);
  }
  metrics.collect(reached.pool);
  return reached;
}

}  // namespace xtrace::cli
