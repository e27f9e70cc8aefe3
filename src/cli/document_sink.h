#pragma once

/// `DocumentSink` is where a verb that sends several documents, one now and one later, sends them.
///
/// It keeps one emitter from the first to the last, waits for nobody in between, and tells at the
/// end what became of them all.

#include <memory>
#include <optional>
#include <string>

#include <xtrace/document_set.h>
#include <xtrace/emitter.h>
#include <xtrace/reliable_emitter.h>
#include <xtrace/udp_emitter.h>

#include "cli/emission.h"

namespace xtrace::cli {

/// The target with the environment's say in it. Where that makes no sense, the sentence is told on
/// stderr, unless `is_silent`, and the documents go nowhere: the work that is recorded goes on.
EmitTarget decide_leniently(const EmitTarget& target, const Process& process, bool is_silent);

class DocumentSink {
 public:
  /// `target` is decided (`decide_emit_target`). What cannot be opened is told by `conclude`.
  explicit DocumentSink(const EmitTarget& target);
  DocumentSink(const DocumentSink&) = delete;
  DocumentSink& operator=(const DocumentSink&) = delete;
  ~DocumentSink();

  /// Sends at once what can be sent without waiting.
  void send(const DocumentSet& set);

  /// Sends the rest and reports. A refusal is known at once on loopback; from farther away it is
  /// waited for, at most 100 ms, only where `requires_emit` makes it matter. A daemon whose name is
  /// still being looked up is waited for up to a second, the answers of its TCP side up to ten.
  EmitReport conclude(bool requires_emit);

 private:
  void open_udp(const DaemonEndpoint& endpoint);
  void open_tcp(const DaemonEndpoint& endpoint);
  void open_file(const std::string& path);
  void judge(Delivery delivery, const EmitterStats& stats);

  std::unique_ptr<Emitter> emitter_;
  UdpEmitter* udp_ = nullptr;            // emitter_, where it is one
  ReliableEmitter* reliable_ = nullptr;  // emitter_, where it is one
  Duration patience_{};
  EmitReport report_;
};

}  // namespace xtrace::cli
