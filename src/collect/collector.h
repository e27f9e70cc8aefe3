#pragma once

/// `Collector` is X-Ray on one machine: it receives as the daemon does, keeps what it received, and
/// answers for it as the service does, on a page, in numbers, and to those who subscribe.
///
/// It is what `xtrace listen` runs. Everything happens on the loop's thread but the reading of the
/// UDP socket.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <xtrace/address.h>
#include <xtrace/callback.h>
#include <xtrace/clock.h>
#include <xtrace/expected.h>
#include <xtrace/http_server.h>
#include <xtrace/loop.h>

#include "collect/journal.h"
#include "collect/trace_store.h"
#include "collect/udp_receiver.h"
#include "collect/xray_api.h"

namespace xtrace::collect {

/// Somebody who gets every document that came in at a door other than `file`: forwarders.
class DocumentTap {
 public:
  virtual ~DocumentTap() = default;
  /// On the loop's thread; the text until return. Never blocks.
  virtual void take(std::string_view document) = 0;
  /// Sends what is left and calls back once, when it is done or given up.
  virtual void close(Callback<void()> on_closed) = 0;
  /// For `/api/stats`: an object's members by name, `sent`, `failed`, `dropped`.
  virtual std::map<std::string, std::uint64_t, std::less<>> counters() const = 0;
  /// Where to: `udp://10.0.0.1:2000`.
  virtual std::string target() const = 0;
};

struct CollectorConfig {
  std::optional<Address> udp = Address::from_ipv4({127, 0, 0, 1}, 2000);
  std::optional<Address> tcp = Address::from_ipv4({127, 0, 0, 1}, 2000);
  std::optional<Address> web = Address::from_ipv4({127, 0, 0, 1}, 2080);
  StoreLimits limits{};
  XrayApiConfig api{};
  std::string save_path{};  ///< Empty: nothing is saved.
  /// A trace counts as finished once it `is_complete` and nothing of it came for so long.
  Duration settle = std::chrono::milliseconds(300);
  /// One that is not complete is given up waiting for after so long without a document.
  Duration patience = std::chrono::seconds(10);
  Clock clock{};
};

struct CollectorStats {
  StoreStats store{};
  UdpReceiverStats udp{};
  HttpServerStats tcp{};
  HttpServerStats web{};
  XrayApiStats api{};
  std::optional<JournalStats> journal{};
  std::uint64_t finished = 0;  ///< Traces told to `on_finished`, each once.
};

class Collector {
 public:
  /// Called on the loop's thread for each trace that is finished or given up waiting for, once;
  /// again where documents came after that (`is_again`).
  using Finished = std::function<void(const StoredTrace& trace, const TraceDigest& digest,
                                      bool is_complete, bool is_again)>;

  /// Binds everything or nothing. Errors: `listen_failed` with the address and who holds it, and
  /// those of the journal and the rules.
  static Expected<std::unique_ptr<Collector>> start(Loop& loop, const CollectorConfig& config);
  Collector(const Collector&) = delete;
  Collector& operator=(const Collector&) = delete;
  ~Collector();

  std::optional<Address> udp_address() const;
  std::optional<Address> tcp_address() const;
  std::optional<Address> web_address() const;

  TraceStore& store();
  CollectorStats stats() const;
  void on_finished(Finished finished);
  void add_tap(std::unique_ptr<DocumentTap> tap);
  /// A document from a file.
  void load(std::string_view document);

  /// Takes what has arrived, tells what is finished, writes the journal, lets requests under way
  /// and taps end. `on_closed` runs once.
  void close(Callback<void()> on_closed);

 private:
  struct Impl;
  explicit Collector(std::unique_ptr<Impl> impl);

  std::unique_ptr<Impl> impl_;
};

}  // namespace xtrace::collect
