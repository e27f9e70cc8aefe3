#include "cli/load_prepare.h"

#include <algorithm>
#include <utility>

#include <sys/resource.h>

#include <xtrace/reliable_emitter.h>
#include <xtrace/udp_emitter.h>

#include "cli/client_settings.h"
#include "cli/emission.h"
#include "cli/request_builder.h"

namespace xtrace::cli {

namespace {

// More than the library's own: a run records faster than a daemon may read.
constexpr std::size_t kQueueBytes = 32U << 20U;

Expected<std::unique_ptr<Emitter>> make_emitter(const EmitTarget& target) {
  switch (target.kind) {
    case EmitTarget::Kind::udp:
      return std::unique_ptr<Emitter>(
          make_udp_emitter(target.endpoint, {.queue_bytes = kQueueBytes, .close_limit = {}}));
    case EmitTarget::Kind::tcp:
      return std::unique_ptr<Emitter>(
          make_reliable_emitter(target.endpoint, {.queue_bytes = kQueueBytes, .close_limit = {}}));
    case EmitTarget::Kind::file: {
      auto emitter = make_file_emitter(target.path);
      if (const auto* error = emitter.if_error()) return *error;
      return std::unique_ptr<Emitter>(std::move(emitter).value());
    }
    default:
      return std::unique_ptr<Emitter>();
  }
}

/// How many attempts of one request may be in flight.
std::size_t attempts_at_once(const PlanOptions& plan) {
  if (!plan.race) return 1;
  return 1 + std::max<std::size_t>(plan.race->delays.size(), 1);
}

/// As many connections as may be in flight, all of them kept.
ClientConfig fit_pool(ClientConfig config, std::size_t in_flight) {
  config.pool.connections_per_host = in_flight;
  config.pool.idle_per_host = std::max(config.pool.idle_per_host, in_flight);
  config.pool.idle = std::max(config.pool.idle, in_flight);
  return config;
}

}  // namespace

Expected<PreparedLoad> prepare_load(const GetOptions& options, const Process& process) {
  auto request = build_request(options, process);
  if (const auto* error = request.if_error()) return *error;
  if (request->supply && !request->supply->is_repeatable) {
    return Error{Error::Code::invalid_config, Phase::none,
                 "the body can be read only once, so it cannot be sent with many requests; put it "
                 "into a file"};
  }
  GetOptions fitted = options;
  fitted.client = fit_pool(std::move(fitted.client),
                           options.repeat.in_flight() * attempts_at_once(options.plan));
  auto config = settle_client(fitted, process.environment);
  if (const auto* error = config.if_error()) return *error;
  auto target = decide_emit_target(options.trace.emit, process.environment);
  if (const auto* error = target.if_error()) return *error;
  // Nothing is recorded, so nothing is opened.
  if (options.trace.sampled == Sampled::no) target->kind = EmitTarget::Kind::none;
  auto metrics = open_metrics(options.metrics);
  if (const auto* error = metrics.if_error()) return *error;
  auto emitter = make_emitter(*target);
  if (const auto* error = emitter.if_error()) return *error;
  return PreparedLoad{std::move(request).value(), std::move(config).value(),
                      std::move(target).value(), std::move(emitter).value(),
                      std::move(metrics).value()};
}

void make_room_for(std::size_t connections) {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  constexpr rlim_t kOthers = 64;
  const rlim_t wanted = connections + kOthers;
  if (limit.rlim_cur >= wanted) return;
  limit.rlim_cur = std::min(wanted, limit.rlim_max);
  static_cast<void>(setrlimit(RLIMIT_NOFILE, &limit));
}

}  // namespace xtrace::cli
