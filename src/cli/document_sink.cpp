#include "cli/document_sink.h"

#include <chrono>
#include <utility>

#include <xtrace/address.h>

#include "cli/emit_limits.h"
#include "cli/notes.h"

namespace xtrace::cli {

namespace {

using TargetKind = EmitTarget::Kind;

}  // namespace

EmitTarget decide_leniently(const EmitTarget& target, const Process& process, bool is_silent) {
  auto decided = decide_emit_target(target, process.environment);
  const auto* error = decided.if_error();
  if (error == nullptr) return std::move(decided).value();
  if (!is_silent) say(process, error->message + ", so the trace is not kept");
  EmitTarget nowhere;
  nowhere.kind = TargetKind::none;
  return nowhere;
}

DocumentSink::DocumentSink(const EmitTarget& target) {
  report_.to = to_string(target);
  switch (target.kind) {
    case TargetKind::udp:
      open_udp(target.endpoint);
      break;
    case TargetKind::tcp:
      open_tcp(target.endpoint);
      break;
    case TargetKind::file:
      open_file(target.path);
      break;
    case TargetKind::standard_output:
      open_file("-");
      break;
    case TargetKind::environment:
    case TargetKind::none:
      report_.reason = "--emit none";
  }
}

DocumentSink::~DocumentSink() = default;

void DocumentSink::send(const DocumentSet& set) {
  if (!set.refusals.empty()) note_failure(report_, set.refusals.front().message);
  if (emitter_ == nullptr || set.documents.empty()) return;
  report_.documents += set.documents.size();
  emitter_->emit(set);
  emitter_->flush();
}

EmitReport DocumentSink::conclude(bool requires_emit) {
  if (emitter_ == nullptr || report_.outcome == EmitReport::Outcome::failed) return report_;
  if (report_.documents == 0) {
    report_.reason = "the trace is not sampled";
    return report_;
  }
  emitter_->drain(patience_);
  const Delivery delivery = udp_ == nullptr
                                ? Delivery::sent
                                : udp_->confirm(requires_emit ? kPatience : Duration::zero());
  const EmitterStats stats = emitter_->stats();
  report_.bytes = static_cast<std::size_t>(stats.bytes);
  report_.datagrams = udp_ == nullptr ? 0 : static_cast<std::size_t>(stats.sent);
  report_.outcome = EmitReport::Outcome::sent;
  judge(delivery, stats);
  return report_;
}

void DocumentSink::open_udp(const DaemonEndpoint& endpoint) {
  const bool is_name = !Address::from_ip(endpoint.host, endpoint.port);
  patience_ = is_name ? kLookupPatience : kPatience;
  auto emitter = make_udp_emitter(endpoint, kOnce);
  udp_ = emitter.get();
  emitter_ = std::move(emitter);
}

void DocumentSink::open_tcp(const DaemonEndpoint& endpoint) {
  patience_ = kAnswerPatience * 2;
  auto emitter = make_reliable_emitter(
      endpoint, {.request_limit = kAnswerPatience, .patience = {}, .close_limit = {}});
  reliable_ = emitter.get();
  emitter_ = std::move(emitter);
}

void DocumentSink::open_file(const std::string& path) {
  auto emitter = make_file_emitter(path);
  if (const auto* error = emitter.if_error()) {
    note_failure(report_, error->message);
  } else {
    emitter_ = std::move(emitter).value();
  }
}

/// Of UDP the last document counts: it replaces those before.
void DocumentSink::judge(Delivery delivery, const EmitterStats& stats) {
  if (delivery == Delivery::refused || (reliable_ != nullptr && stats.refused > 0)) {
    report_.outcome = EmitReport::Outcome::refused;
    report_.reason = "nobody listens at " + report_.to.substr(report_.to.find("://") + 3);
  } else if (reliable_ != nullptr && stats.rejected > 0) {
    const DocumentVerdict verdict = reliable_->verdicts().back();
    const std::string message = verdict.message.empty() ? "" : ": " + verdict.message;
    note_failure(report_,
                 "the X-Ray service does not accept the segment: " + verdict.code + message);
  } else if (delivery == Delivery::unsent || stats.sent + stats.refused < stats.documents) {
    const auto error = emitter_->last_error();
    note_failure(report_,
                 error ? error->message : "not all documents could be sent to " + report_.to);
  }
}

}  // namespace xtrace::cli
