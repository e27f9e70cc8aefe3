#pragma once

/// An `Emitter` takes finished segment documents away: to the daemon over UDP (udp_emitter.h) or
/// over TCP (reliable_emitter.h), into a file, or nowhere.
///
/// Emitters are thread-safe, never block the caller on the network, and never fail: what is lost is
/// counted in `EmitterStats` by reason. One document is one JSON object without the daemon's header
/// line; the emitter adds that.

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <xtrace/clock.h>
#include <xtrace/document_set.h>
#include <xtrace/expected.h>

namespace xtrace {

/// The most a UDP datagram carries over IPv4, and what the daemon's header line takes of it.
inline constexpr std::size_t kMaxDatagram = 65507;
inline constexpr std::string_view kDatagramHeader = "{\"format\":\"json\",\"version\":1}\n";

/// What became of every document, in numbers. Whatever happens,
/// `documents == sent + queued + refused + rejected + dropped_queue_full + dropped_too_large +
/// dropped_error + dropped_at_close`; a `NullEmitter` counts `documents` alone.
struct EmitterStats {
  std::uint64_t documents = 0;  ///< Handed to `emit`.
  /// Taken by the kernel and not known to have come back, written, or acknowledged by the service.
  std::uint64_t sent = 0;
  std::uint64_t bytes = 0;   ///< Of what was sent, header lines included, padding not.
  std::uint64_t queued = 0;  ///< Waiting now.
  /// Given up because nobody listens at the daemon's address.
  std::uint64_t refused = 0;
  /// Arrived, and not accepted by the X-Ray service; only a `ReliableEmitter` is told.
  std::uint64_t rejected = 0;
  std::uint64_t dropped_queue_full = 0;  ///< Pushed out of a full queue, oldest first.
  std::uint64_t dropped_too_large = 0;   ///< Larger than a datagram.
  std::uint64_t dropped_error = 0;  ///< Lost to any other error; `last_error()` tells the latest.
  std::uint64_t dropped_at_close = 0;  ///< Still queued when the emitter's last limit passed.
  std::uint64_t flushes = 0;           ///< System calls, or requests, that sent.
  /// How many datagrams, of anybody, the receiver's socket lost since the emitter first asked.
  /// Nothing where the kernel cannot be asked.
  std::optional<std::uint64_t> receiver_drops{};
  DocumentCounts built{};  ///< The sums of what happened while the documents were built.

  friend bool operator==(const EmitterStats&, const EmitterStats&) = default;
};

class Emitter {
 public:
  Emitter() = default;
  Emitter(const Emitter&) = delete;
  Emitter& operator=(const Emitter&) = delete;
  virtual ~Emitter() = default;

  /// The documents are copied or sent before it returns.
  void emit(std::span<const std::string> documents) { take(documents, {}); }
  void emit(const DocumentSet& set) { take(set.documents, set.counts); }

  /// Send what is queued, as far as that is possible without waiting.
  virtual void flush() = 0;
  /// Wait until nothing is queued any more, at most `limit`. True where nothing is.
  virtual bool drain(Duration limit) = 0;
  virtual EmitterStats stats() const = 0;
  /// The latest error behind `refused` or `dropped_error`, or nothing.
  virtual std::optional<Error> last_error() const = 0;

 private:
  virtual void take(std::span<const std::string> documents, const DocumentCounts& built) = 0;
};

/// One document per line, written to the end of a file at once.
class FileEmitter final : public Emitter {
 public:
  FileEmitter(const FileEmitter&) = delete;
  FileEmitter& operator=(const FileEmitter&) = delete;
  ~FileEmitter() override;

  void flush() override;
  bool drain(Duration limit) override;
  EmitterStats stats() const override;
  std::optional<Error> last_error() const override;

 private:
  struct State;
  friend Expected<std::unique_ptr<FileEmitter>> make_file_emitter(std::string_view path);

  explicit FileEmitter(std::unique_ptr<State> state);
  void take(std::span<const std::string> documents, const DocumentCounts& built) override;

  std::unique_ptr<State> state_;
};

/// Opens (makes, appends to) the file; `-` is the standard output. Fails with `emit_failed`, naming
/// the file.
Expected<std::unique_ptr<FileEmitter>> make_file_emitter(std::string_view path);

/// Takes everything nowhere, and counts it.
class NullEmitter final : public Emitter {
 public:
  NullEmitter();
  NullEmitter(const NullEmitter&) = delete;
  NullEmitter& operator=(const NullEmitter&) = delete;
  ~NullEmitter() override;

  void flush() override;
  bool drain(Duration limit) override;
  EmitterStats stats() const override;
  std::optional<Error> last_error() const override;

 private:
  struct State;
  void take(std::span<const std::string> documents, const DocumentCounts& built) override;

  std::unique_ptr<State> state_;
};

}  // namespace xtrace
