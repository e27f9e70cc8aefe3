#pragma once

/// What a `Collector` counts: the material of `/api/stats`, `/metrics` and the last line of
/// `xtrace listen`.

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <xtrace/clock.h>
#include <xtrace/http_server.h>

#include "collect/journal.h"
#include "collect/trace_store.h"
#include "collect/udp_receiver.h"
#include "collect/xray_api.h"

namespace xtrace::collect {

/// Documents offered, by the door they came in at.
struct DoorCounts {
  std::uint64_t udp = 0;
  std::uint64_t tcp = 0;
  std::uint64_t file = 0;
};

/// What a `DocumentTap` says of itself.
struct TapStats {
  std::string target{};
  std::map<std::string, std::uint64_t, std::less<>> counters{};
  std::string last_error{};  ///< Why something was lost last.
};

struct CollectorStats {
  StoreStats store{};
  DoorCounts doors{};
  UdpReceiverStats udp{};
  HttpServerStats tcp{};
  HttpServerStats web{};
  XrayApiStats api{};
  std::optional<JournalStats> journal{};
  std::vector<TapStats> taps{};
  /// Requests of either port that the guard turned away.
  std::uint64_t turned_away = 0;
  std::uint64_t event_streams = 0;  ///< Open now.
  /// Traces told to `on_finished`, each once: complete, or given up waiting for.
  std::uint64_t finished = 0;
  WallTime started{};
};

}  // namespace xtrace::collect
