#pragma once

/// An `Emitter` takes finished segment documents away: to the daemon over UDP, into a file, or
/// nowhere.
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
#include <xtrace/daemon_address.h>
#include <xtrace/document_set.h>
#include <xtrace/expected.h>

namespace xtrace {

/// The most a UDP datagram carries over IPv4, and what the daemon's header line takes of it.
inline constexpr std::size_t kMaxDatagram = 65507;
inline constexpr std::string_view kDatagramHeader = "{\"format\":\"json\",\"version\":1}\n";

struct EmitterStats {
  std::uint64_t documents = 0;  ///< Handed to `emit`.
  std::uint64_t sent = 0;       ///< Datagrams the kernel took, or lines written.
  std::uint64_t bytes = 0;      ///< Their bytes, header lines included.
  /// Datagrams that came back: nobody listens (a part of `sent`, or never taken).
  std::uint64_t refused = 0;
  std::uint64_t dropped_queue_full = 0;  ///< Pushed out of a full queue, oldest first.
  std::uint64_t dropped_too_large = 0;   ///< Larger than a datagram.
  std::uint64_t dropped_error = 0;  ///< Lost to any other error; `last_error()` tells the latest.
  DocumentCounts built{};           ///< The sums of what happened while the documents were built.

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

  /// Send what is still queued, as far as that is possible without blocking.
  virtual void flush() = 0;
  virtual EmitterStats stats() const = 0;
  /// The latest error behind `refused` or `dropped_error`, or nothing.
  virtual std::optional<Error> last_error() const = 0;

 private:
  virtual void take(std::span<const std::string> documents, const DocumentCounts& built) = 0;
};

/// What became of the last datagram. `unsent`: it is still queued or was dropped (see
/// `EmitterStats`).
enum class Delivery : std::uint8_t { sent, refused, unsent };

struct UdpEmitterOptions {
  /// Bytes of datagrams kept while the kernel takes no more; then the oldest go.
  std::size_t queue_bytes = 8U << 20U;
};

/// One datagram per document on a connected, non-blocking socket; no event loop. Every `emit` hands
/// all it has to the kernel at once (one `sendmmsg` per 64 datagrams). When nobody listens, the
/// kernel says so after the fact; the emitter then sends the next datagram again and counts the
/// daemon as absent until one gets through.
class UdpEmitter final : public Emitter {
 public:
  UdpEmitter(const UdpEmitter&) = delete;
  UdpEmitter& operator=(const UdpEmitter&) = delete;
  ~UdpEmitter() override;

  void flush() override;
  EmitterStats stats() const override;
  std::optional<Error> last_error() const override;

  /// Tells what became of the last datagram: waits up to `limit` for word that nobody listens. On
  /// loopback that word is there when `emit` returns, so there is no wait. Silence means `sent`:
  /// UDP is never acknowledged.
  Delivery confirm(Duration limit);

  /// True from a refusal until a datagram gets through.
  bool is_daemon_absent() const;
  /// `127.0.0.1:2000`: the address in use.
  const std::string& peer() const;

 private:
  struct State;
  friend std::unique_ptr<UdpEmitter> make_udp_emitter_on(int descriptor, std::string_view peer,
                                                         const UdpEmitterOptions& options);

  explicit UdpEmitter(std::unique_ptr<State> state);
  void take(std::span<const std::string> documents, const DocumentCounts& built) override;

  std::unique_ptr<State> state_;
};

/// Looks the host up (blocking, where it is a name) and connects. Fails with `emit_failed`, naming
/// the endpoint. That nobody listens is not known yet here.
Expected<std::unique_ptr<UdpEmitter>> make_udp_emitter(const DaemonEndpoint& endpoint,
                                                       const UdpEmitterOptions& options = {});

/// An emitter on a datagram socket that is connected already (UDP or Unix), which it then owns.
/// `peer` is its name in messages.
std::unique_ptr<UdpEmitter> make_udp_emitter_on(int descriptor, std::string_view peer,
                                                const UdpEmitterOptions& options = {});

/// One document per line, written to the end of a file at once.
class FileEmitter final : public Emitter {
 public:
  FileEmitter(const FileEmitter&) = delete;
  FileEmitter& operator=(const FileEmitter&) = delete;
  ~FileEmitter() override;

  void flush() override;
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
  EmitterStats stats() const override;
  std::optional<Error> last_error() const override;

 private:
  struct State;
  void take(std::span<const std::string> documents, const DocumentCounts& built) override;

  std::unique_ptr<State> state_;
};

}  // namespace xtrace
