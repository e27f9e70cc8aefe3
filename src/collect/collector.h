#pragma once

/// `Collector` is X-Ray on one machine: it receives as the daemon does, keeps what it received, and
/// answers for it as the service does, on a page, in numbers, and to those who subscribe.
///
/// It is what `xtrace listen` runs. Everything happens on the loop's thread but the reading of the
/// UDP socket.

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <xtrace/address.h>
#include <xtrace/callback.h>
#include <xtrace/clock.h>
#include <xtrace/expected.h>
#include <xtrace/loop.h>

#include "collect/collector_stats.h"
#include "collect/trace_export.h"
#include "collect/trace_store.h"
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
  /// Why something was lost last; empty where nothing was, or nobody knows.
  virtual std::string last_error() const { return {}; }
};

struct CollectorConfig {
  std::optional<Address> udp = Address::from_ipv4({127, 0, 0, 1}, 2000);
  std::optional<Address> tcp = Address::from_ipv4({127, 0, 0, 1}, 2000);
  std::optional<Address> web = Address::from_ipv4({127, 0, 0, 1}, 2080);
  /// Names by which browsers may call an address that is not loopback, beside this machine's own.
  std::vector<std::string> host_names{};
  StoreLimits limits{};
  XrayApiConfig api{};
  std::string save_path{};  ///< Empty: nothing is saved.
  /// A trace counts as finished once it `is_complete` and nothing of it came for so long.
  Duration settle = std::chrono::milliseconds(300);
  /// One that is not complete is given up waiting for after so long without a document.
  Duration patience = std::chrono::seconds(10);
  /// What requests under way have to end in when it closes; then they are cut off, so that a client
  /// that stalls takes nobody's last documents.
  Duration close_limit = std::chrono::seconds(2);
  Clock clock{};
};

class Collector {
 public:
  /// Called on the loop's thread for each trace that is finished or given up waiting for, once;
  /// again where documents came after that (`is_again`). It may call `close`, and may not destroy
  /// the collector.
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
  /// Each is told of every trace.
  void on_finished(Finished finished);
  void add_tap(std::unique_ptr<DocumentTap> tap);
  /// One more format at `/export/ID.SUFFIX`, beside `json`.
  void add_export(TraceExport format);
  /// A document from a file.
  void load(std::string_view document);

  /// Takes what has arrived, ends event streams, lets requests under way end (within
  /// `close_limit`), tells of every trace that was not told yet, complete or not, writes the
  /// journal, and lets the taps end. `on_closed` runs once, on a later turn, and may destroy the
  /// collector. Once.
  void close(Callback<void()> on_closed);

 private:
  struct Impl;
  explicit Collector(std::unique_ptr<Impl> impl);

  std::unique_ptr<Impl> impl_;
};

}  // namespace xtrace::collect
