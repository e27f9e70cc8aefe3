#pragma once

/// `EmitSink` is where the documents of `xtrace emit` go.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <xtrace/expected.h>

#include "cli/process.h"
#include "cli/stop_signal.h"
#include "cli/verb_emit.h"

namespace xtrace::cli {

/// What became of the documents.
struct EmitOutcome {
  std::uint64_t sent = 0;
  std::uint64_t lost = 0;      ///< Handed over and not sent; `reason` says why.
  std::uint64_t rejected = 0;  ///< By the service, which only TCP tells: `rejections`.
  /// Of anybody, in the receiver's socket, while these were sent.
  std::uint64_t receiver_drops = 0;
  std::string reason{};
  std::vector<std::string> rejections{};
  bool cannot_write = false;  ///< A file or the standard output, not a daemon.
};

class EmitSink {
 public:
  EmitSink() = default;
  EmitSink(const EmitSink&) = delete;
  EmitSink& operator=(const EmitSink&) = delete;
  virtual ~EmitSink() = default;

  /// Takes a document, and may wait until there is room for more.
  virtual void put(std::string_view document) = 0;
  /// Sends what it took so far.
  virtual void flush() = 0;
  /// True where nothing will arrive any more: to go on would be in vain.
  virtual bool is_lost() const = 0;
  /// Sends the rest: nothing is put afterwards.
  virtual EmitOutcome finish() = 0;

  /// Bytes of a document, at most.
  virtual std::size_t largest() const = 0;
};

/// Fails where the file cannot be opened. `process` and `stop` must outlive the sink.
Expected<std::unique_ptr<EmitSink>> open_emit_sink(const EmitOptions& options,
                                                   const Process& process, const StopSignal& stop);

/// The sink of a daemon.
std::unique_ptr<EmitSink> make_daemon_sink(const EmitOptions& options, const StopSignal& stop);

}  // namespace xtrace::cli
