#include "cli/document_sink.h"

#include <chrono>
#include <utility>

#include <xtrace/address.h>

#include "cli/notes.h"

namespace xtrace::cli {

namespace {

using Outcome = EmitReport::Outcome;
using Kind = EmitTarget::Kind;

// For word from afar that nobody listens, and for room in a daemon's full buffer.
constexpr Duration kPatience = std::chrono::milliseconds(100);
constexpr Duration kLookupPatience = std::chrono::seconds(1);
// Nobody else's documents come after these, so there is nothing to wait for.
constexpr UdpEmitterOptions kOnce{
    .max_delay = Duration::zero(), .absent_patience = Duration::zero(), .close_limit = {}};

void fail(EmitReport& report, std::string reason) {
  report.outcome = Outcome::failed;
  report.reason = std::move(reason);
}

}  // namespace

EmitTarget decide_leniently(const EmitTarget& target, const Process& process, bool is_quiet) {
  auto decided = decide_emit_target(target, process.environment);
  const auto* error = decided.if_error();
  if (error == nullptr) return std::move(decided).value();
  if (!is_quiet) say(process, error->message + ", so the trace is not kept");
  EmitTarget nowhere;
  nowhere.kind = Kind::none;
  return nowhere;
}

DocumentSink::DocumentSink(const EmitTarget& target) {
  report_.to = to_string(target);
  if (target.kind == Kind::udp) {
    const bool is_name = !Address::from_ip(target.endpoint.host, target.endpoint.port);
    patience_ = is_name ? kLookupPatience : kPatience;
    auto emitter = make_udp_emitter(target.endpoint, kOnce);
    udp_ = emitter.get();
    emitter_ = std::move(emitter);
  } else if (target.kind == Kind::file || target.kind == Kind::standard_output) {
    auto emitter = make_file_emitter(target.kind == Kind::file ? target.path : "-");
    if (const auto* error = emitter.if_error()) {
      fail(report_, error->message);
    } else {
      emitter_ = std::move(emitter).value();
    }
  } else {
    report_.reason = "--emit none";
  }
}

DocumentSink::~DocumentSink() = default;

void DocumentSink::send(const DocumentSet& set) {
  if (!set.refusals.empty()) fail(report_, set.refusals.front().message);
  if (emitter_ == nullptr || set.documents.empty()) return;
  report_.documents += set.documents.size();
  emitter_->emit(set);
  emitter_->flush();
}

EmitReport DocumentSink::conclude(bool requires_emit) {
  if (emitter_ == nullptr || report_.outcome == Outcome::failed) return report_;
  if (report_.documents == 0) {
    report_.reason = "the trace is not sampled";
    return report_;
  }
  emitter_->drain(patience_);
  // The last document is the one that counts: it replaces those before.
  const Delivery delivery = udp_ == nullptr
                                ? Delivery::sent
                                : udp_->confirm(requires_emit ? kPatience : Duration::zero());
  const EmitterStats stats = emitter_->stats();
  report_.bytes = static_cast<std::size_t>(stats.bytes);
  report_.datagrams = udp_ == nullptr ? 0 : static_cast<std::size_t>(stats.sent);
  report_.outcome = Outcome::sent;
  if (delivery == Delivery::refused) {
    report_.outcome = Outcome::refused;
    report_.reason = "nobody listens at " + udp_->peer();
  } else if (delivery == Delivery::unsent || stats.sent + stats.refused < stats.documents) {
    const auto error = emitter_->last_error();
    fail(report_, error ? error->message : "not all documents could be sent to " + report_.to);
  }
  return report_;
}

}  // namespace xtrace::cli
