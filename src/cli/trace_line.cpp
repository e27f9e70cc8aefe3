#include "cli/trace_line.h"

#include "cli/paint.h"
#include "cli/text.h"
#include "cli/units.h"

namespace xtrace::cli {

namespace {

std::string count(std::size_t number, std::string_view thing) {
  std::string text = std::to_string(number).append(" ").append(thing);
  return number == 1 ? text : text + "s";
}

std::string destination(const EmitReport& emit) {
  constexpr std::string_view kUdp = "udp://";
  if (emit.to == "-") return "stdout";
  return emit.to.starts_with(kUdp) ? emit.to.substr(kUdp.size()) : emit.to;
}

std::string describe_sent(const Report& report, const Style& style) {
  const EmitReport& emit = report.emit;
  std::string text = count(emit.segments, "segment") + ", " +
                     count(emit.subsegments, "subsegment") + ", " + format_size(emit.bytes);
  if (emit.datagrams > 1) text += " in " + count(emit.datagrams, "datagram");
  if (report.error) text += ", marked fault";
  return text + (style.utf8 ? " \u2192 " : " -> ") + destination(emit);
}

std::string describe_unsent(const Report& report) {
  if (!report.sampled) return "not sampled";
  const EmitReport& emit = report.emit;
  if (!emit.reason.empty()) return "not sent: " + emit.reason;
  if (emit.outcome == EmitReport::Outcome::off) return "not sent (--emit none)";
  if (emit.outcome == EmitReport::Outcome::refused) {
    return "not sent: nobody listens at " + destination(emit);
  }
  return "not sent to " + destination(emit);
}

}  // namespace

std::string draw_trace_line(const Report& report, const Style& style) {
  if (report.trace_id.empty()) return {};
  const bool is_sent = report.emit.outcome == EmitReport::Outcome::sent;
  const std::string fate = is_sent ? describe_sent(report, style) : describe_unsent(report);
  Flow flow(style, 2);
  flow.piece("trace", Role::dim);
  flow.piece(escape_for_terminal(report.trace_id, style), Role::plain, 1);
  flow.piece(escape_for_terminal(fate, style), Role::dim, 3);
  return flow.finish();
}

}  // namespace xtrace::cli
