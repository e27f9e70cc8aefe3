#pragma once

/// The metrics of connection pools and emitters: client_metrics_list.h, continued.

#include <xtrace/metrics_sink.h>

#include "instrument/client_metrics_list.h"

namespace xtrace::metric {

// -- connection pools -----------------------------------------------------------------------------

inline constexpr MetricInfo kPoolConnections{
    .name = "xtrace.pool.connections", .kind = gauge, .help = "Connections there are, by state."};
inline constexpr MetricInfo kPoolWaiting{
    .name = "xtrace.pool.waiting", .kind = gauge, .help = "Requests without a connection."};
inline constexpr MetricInfo kPoolLimit{.name = "xtrace.pool.limit",
                                       .kind = gauge,
                                       .help = "Most connections to the address; 0: no limit."};
inline constexpr MetricInfo kPoolTotalLimit{.name = "xtrace.pool.total_limit",
                                            .kind = gauge,
                                            .help = "Most connections in all; 0: no limit."};
inline constexpr MetricInfo kPoolOpened{
    .name = "xtrace.pool.opened", .kind = counter, .help = "Connections that became usable."};
inline constexpr MetricInfo kPoolFailed{
    .name = "xtrace.pool.failed", .kind = counter, .help = "Connections that could not be made."};
inline constexpr MetricInfo kPoolReused{.name = "xtrace.pool.reused",
                                        .kind = counter,
                                        .help = "Requests on a connection that had served before."};
inline constexpr MetricInfo kPoolStaleRetries{
    .name = "xtrace.pool.stale_retries",
    .kind = counter,
    .help = "Requests sent again: the kept connection was dead."};
inline constexpr MetricInfo kPoolClosed{
    .name = "xtrace.pool.closed", .kind = counter, .help = "Connections closed, by reason."};
inline constexpr MetricInfo kPoolWaits{.name = "xtrace.pool.waits",
                                       .kind = counter,
                                       .help = "Requests that found neither connection nor room."};
inline constexpr MetricInfo kPoolWaitTimeouts{.name = "xtrace.pool.wait_timeouts",
                                              .kind = counter,
                                              .help = "Requests that gave up waiting for room."};
inline constexpr MetricInfo kPoolRejected{
    .name = "xtrace.pool.rejected", .kind = counter, .help = "Requests refused: too many waited."};

// -- emitters -------------------------------------------------------------------------------------

inline constexpr MetricInfo kEmitterQueued{
    .name = "xtrace.emitter.queued", .kind = gauge, .help = "Documents waiting now."};
inline constexpr MetricInfo kEmitterDocuments{
    .name = "xtrace.emitter.documents", .kind = counter, .help = "Documents handed over."};
inline constexpr MetricInfo kEmitterSent{
    .name = "xtrace.emitter.sent", .kind = counter, .help = "Documents sent."};
inline constexpr MetricInfo kEmitterBytes{.name = "xtrace.emitter.bytes",
                                          .kind = counter,
                                          .unit = bytes,
                                          .help = "Bytes of what was sent."};
inline constexpr MetricInfo kEmitterFlushes{
    .name = "xtrace.emitter.flushes", .kind = counter, .help = "System calls that sent."};
inline constexpr MetricInfo kEmitterDropped{
    .name = "xtrace.emitter.dropped", .kind = counter, .help = "Documents lost, by reason."};
inline constexpr MetricInfo kEmitterReceiverDrops{.name = "xtrace.emitter.receiver_drops",
                                                  .kind = counter,
                                                  .help = "Datagrams the receiver's socket lost."};
inline constexpr MetricInfo kEmitterBuilt{.name = "xtrace.emitter.built",
                                          .kind = counter,
                                          .help = "What had to be done to documents, by deed."};

}  // namespace xtrace::metric
