#include "cli/emission.h"

#include <cerrno>
#include <utility>

#include <xtrace/address.h>
#include <xtrace/reliable_emitter.h>
#include <xtrace/udp_emitter.h>

#include "base/system_reason.h"
#include "cli/emit_limits.h"

namespace xtrace::cli {

namespace {

void count(EmitResult& emission, const Emitter& emitter) {
  EmitReport& report = emission.report;
  const EmitterStats stats = emitter.stats();
  emission.books = stats;
  // Nobody waits for what waits now.
  emission.books.dropped_at_close += std::exchange(emission.books.queued, 0);
  report.datagrams = static_cast<std::size_t>(stats.sent);
  report.bytes = static_cast<std::size_t>(stats.bytes);
  if (stats.dropped_too_large + stats.dropped_queue_full + stats.dropped_error == 0) return;
  const auto error = emitter.last_error();
  note_failure(report, error ? error->message : "not all documents could be sent");
}

void emit_by_udp(EmitResult& emission, const EmitTarget& target, const DocumentSet& set,
                 bool requires_emit) {
  EmitReport& report = emission.report;
  const std::string address = target.endpoint.to_string();
  const bool is_name = !Address::from_ip(target.endpoint.host, target.endpoint.port);
  auto emitter = make_udp_emitter(target.endpoint, kOnce);
  emitter->emit(set);
  const bool is_done = emitter->drain(is_name ? kLookupPatience : kPatience);
  const Delivery delivery = emitter->confirm(requires_emit ? kPatience : Duration::zero());
  count(emission, *emitter);
  if (report.outcome == EmitReport::Outcome::failed) return;
  if (delivery == Delivery::refused) {
    report.outcome = EmitReport::Outcome::refused;
    report.reason = "nobody listens at " + address;
  } else if (!is_done && is_name && emitter->peer() == address) {
    note_failure(report, "emit to " + address + ": look the host up: no answer within 1 s");
  } else if (delivery == Delivery::unsent) {
    note_failure(report, "the system takes no datagram for " + address);
  }
}

void emit_by_tcp(EmitResult& emission, const EmitTarget& target, const DocumentSet& set) {
  EmitReport& report = emission.report;
  const auto emitter = make_reliable_emitter(
      target.endpoint, {.request_limit = kAnswerPatience, .patience = {}, .close_limit = {}});
  emitter->emit(set);
  const bool is_done = emitter->drain(kAnswerPatience * 2);
  count(emission, *emitter);
  report.datagrams = 0;
  const EmitterStats stats = emitter->stats();
  if (stats.refused > 0) {
    report.outcome = EmitReport::Outcome::refused;
    report.reason = "nobody listens at " + target.endpoint.to_string();
  } else if (stats.rejected > 0) {
    const DocumentVerdict verdict = emitter->verdicts().front();
    std::string reason = "the X-Ray service does not accept the segment: " + verdict.code;
    if (!verdict.message.empty()) reason += ": " + verdict.message;
    note_failure(report, std::move(reason));
  } else if (!is_done) {
    note_failure(report, "no answer from " + target.endpoint.to_string() + " within 10 s");
  }
}

void emit_to_file(EmitResult& emission, const EmitTarget& target, const DocumentSet& set) {
  EmitReport& report = emission.report;
  auto emitter = make_file_emitter(target.path);
  if (const auto* error = emitter.if_error()) {
    emission.books.documents = emission.books.dropped_error = set.documents.size();
    return note_failure(report, error->message);
  }
  (*emitter)->emit(set);
  (*emitter)->flush();
  count(emission, **emitter);
  report.datagrams = 0;
}

void emit_to_stdout(EmitResult& emission, const DocumentSet& set, const Process& process) {
  EmitReport& report = emission.report;
  EmitterStats& books = emission.books;
  books.documents = books.dropped_error = set.documents.size();
  for (const std::string& document : set.documents) {
    const WriteResult result = write_all(process.out, document + "\n");
    if (result == WriteResult::closed) return;
    if (result == WriteResult::failed) {
      return note_failure(report, "cannot write the segment to stdout: " + system_reason(errno));
    }
    report.bytes += document.size() + 1;
    books.bytes = report.bytes;
    books.flushes = ++books.sent;
    --books.dropped_error;
  }
}

}  // namespace

Expected<EmitTarget> decide_emit_target(const EmitTarget& target, const Environment& environment) {
  if (target.kind != EmitTarget::Kind::environment) return target;
  const char* text = environment("AWS_XRAY_DAEMON_ADDRESS");
  auto address = parse_daemon_address(text == nullptr ? "" : text);
  if (const auto* error = address.if_error()) {
    return Error{Error::Code::invalid_config, Phase::none,
                 "AWS_XRAY_DAEMON_ADDRESS: " + error->message};
  }
  EmitTarget daemon;
  daemon.kind = EmitTarget::Kind::udp;
  daemon.endpoint = address->udp;
  return daemon;
}

std::string to_string(const EmitTarget& target) {
  switch (target.kind) {
    case EmitTarget::Kind::udp:
      return "udp://" + target.endpoint.to_string();
    case EmitTarget::Kind::tcp:
      return "tcp://" + target.endpoint.to_string();
    case EmitTarget::Kind::file:
      return "file:" + target.path;
    case EmitTarget::Kind::standard_output:
      return "-";
    case EmitTarget::Kind::environment:
    case EmitTarget::Kind::none:
      break;
  }
  return {};
}

EmitResult emit_documents(const EmitTarget& target, const DocumentSet& documents,
                          bool requires_emit, const Process& process) {
  EmitResult emission;
  EmitReport& report = emission.report;
  report.to = to_string(target);
  report.documents = documents.documents.size();
  report.outcome = EmitReport::Outcome::sent;
  if (documents.documents.empty() && !documents.refusals.empty()) {
    note_failure(report, documents.refusals.front().message);
    return emission;
  }
  switch (target.kind) {
    case EmitTarget::Kind::udp:
      emit_by_udp(emission, target, documents, requires_emit);
      break;
    case EmitTarget::Kind::tcp:
      emit_by_tcp(emission, target, documents);
      break;
    case EmitTarget::Kind::file:
      emit_to_file(emission, target, documents);
      break;
    case EmitTarget::Kind::standard_output:
      emit_to_stdout(emission, documents, process);
      break;
    case EmitTarget::Kind::environment:
    case EmitTarget::Kind::none:
      report.outcome = EmitReport::Outcome::off;
      report.reason = "--emit none";
      break;
  }
  return emission;
}

}  // namespace xtrace::cli
