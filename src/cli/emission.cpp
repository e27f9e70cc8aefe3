#include "cli/emission.h"

#include <cerrno>
#include <utility>

#include <xtrace/address.h>
#include <xtrace/reliable_emitter.h>
#include <xtrace/udp_emitter.h>

#include "base/system_reason.h"

namespace xtrace::cli {

namespace {

using Outcome = EmitReport::Outcome;

// For word from afar that nobody listens, and for room in a daemon's full buffer.
constexpr Duration kPatience = std::chrono::milliseconds(100);
constexpr Duration kLookupPatience = std::chrono::seconds(1);
// What cannot be sent at once is told at once; a thread that would try again is of no use.
constexpr UdpEmitterOptions kOnce{
    .max_delay = Duration::zero(), .absent_patience = Duration::zero(), .close_limit = {}};

// A document is offered once: a person waits for the report.
constexpr Duration kAnswerPatience = std::chrono::seconds(5);

void fail(EmitReport& report, std::string reason) {
  report.outcome = Outcome::failed;
  report.reason = std::move(reason);
}

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
  fail(report, error ? error->message : "not all documents could be sent");
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
  if (report.outcome == Outcome::failed) return;
  if (delivery == Delivery::refused) {
    report.outcome = Outcome::refused;
    report.reason = "nobody listens at " + address;
  } else if (!is_done && is_name && emitter->peer() == address) {
    fail(report, "emit to " + address + ": look the host up: no answer within 1 s");
  } else if (delivery == Delivery::unsent) {
    fail(report, "the system takes no datagram for " + address);
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
    report.outcome = Outcome::refused;
    report.reason = "nobody listens at " + target.endpoint.to_string();
  } else if (stats.rejected > 0) {
    const DocumentVerdict verdict = emitter->verdicts().front();
    std::string reason = "the X-Ray service does not accept the segment: " + verdict.code;
    if (!verdict.message.empty()) reason += ": " + verdict.message;
    fail(report, std::move(reason));
  } else if (!is_done) {
    fail(report, "no answer from " + target.endpoint.to_string() + " within 10 s");
  }
}

void emit_to_file(EmitResult& emission, const EmitTarget& target, const DocumentSet& set) {
  EmitReport& report = emission.report;
  auto emitter = make_file_emitter(target.path);
  if (const auto* error = emitter.if_error()) {
    emission.books.documents = emission.books.dropped_error = set.documents.size();
    return fail(report, error->message);
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
      return fail(report, "cannot write the segment to stdout: " + system_reason(errno));
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
  report.outcome = Outcome::sent;
  if (documents.documents.empty() && !documents.refusals.empty()) {
    fail(report, documents.refusals.front().message);
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
      report.outcome = Outcome::off;
      report.reason = "--emit none";
      break;
  }
  return emission;
}

}  // namespace xtrace::cli
