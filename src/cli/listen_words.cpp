#include "cli/listen_words.h"

#include <optional>
#include <string_view>

#include "cli/text.h"
#include "cli/trace_hints.h"
#include "cli/trace_waterfall.h"
#include "cli/trace_words.h"
#include "cli/units.h"

namespace xtrace::cli {

namespace {

constexpr std::size_t kMostIncomplete = 5;

std::string were_lost(std::uint64_t count, std::string_view noun) {
  return counted(count, noun) + (count == 1 ? " was" : " were");
}

/// Empty where all went on. What is still queued at the end goes nowhere any more.
std::string forward_loss(const collect::TapStats& tap) {
  std::uint64_t lost = 0;
  std::uint64_t rejected = 0;
  for (const auto& [name, count] : tap.counters) {
    if (name == "failed" || name == "dropped" || name == "queued") lost += count;
    if (name == "rejected_spans") rejected += count;
  }
  if (lost + rejected == 0) return {};
  const std::string what = lost > 0
                               ? were_lost(lost, "document") + " not forwarded to " + tap.target
                               : were_lost(rejected, "span") + " not accepted by " + tap.target;
  return tap.last_error.empty() ? what : what + ": " + tap.last_error;
}

std::string kernel_loss(const collect::UdpReceiverStats& udp) {
  return were_lost(udp.kernel_drops, "datagram") + " lost in the socket's buffer of " +
         format_size(udp.socket_buffer) + ", which net.core.rmem_max limits";
}

std::string refused_by_code(const collect::StoreStats& store) {
  std::uint64_t total = 0;
  std::string codes;
  for (const auto& [code, count] : store.refused) {
    total += count;
    codes += (codes.empty() ? "" : ", ") + std::to_string(count) + " " + code;
  }
  if (total == 0) return {};
  return counted(total, "document") + " would be refused by X-Ray: " + codes;
}

}  // namespace

std::string ready_line(const collect::Collector& collector) {
  const std::optional<Address> udp = collector.udp_address();
  const std::optional<Address> tcp = collector.tcp_address();
  const std::optional<Address> web = collector.web_address();
  std::string line = "listening";
  if (udp && tcp && *udp == *tcp) {
    line += "  udp+tcp " + udp->to_string();
  } else {
    if (udp) line += "  udp " + udp->to_string();
    if (tcp) line += "  tcp " + tcp->to_string();
  }
  if (web) line += "  page http://" + web->to_string();
  return line;
}

std::string exposure_warning(const collect::Collector& collector) {
  for (const auto& address :
       {collector.web_address(), collector.tcp_address(), collector.udp_address()}) {
    if (!address || address->is_loopback()) continue;
    return "whoever reaches " + address->to_string() +
           " from another machine can send traces, and read those that are here";
  }
  return {};
}

void ListenTally::add(const Flags& flags) {
  ++traces;
  // As the letter of the line: a throttle is an error too, and told once.
  if (flags.fault) {
    ++faults;
  } else if (flags.throttle) {
    ++throttles;
  } else if (flags.error) {
    ++errors;
  }
}

std::string summary_line(const ListenTally& tally, const collect::CollectorStats& stats) {
  std::string line = counted(tally.traces, "trace") + ", " + counted(tally.faults, "fault");
  if (tally.errors > 0) line += ", " + counted(tally.errors, "error");
  if (tally.throttles > 0) line += ", " + std::to_string(tally.throttles) + " throttled";
  if (tally.unfinished > 0) line += ", " + std::to_string(tally.unfinished) + " unfinished";
  line += "; " + counted(stats.store.received, "document") + ", ";
  return line + std::to_string(stats.udp.kernel_drops) + " dropped";
}

std::vector<std::string> loss_lines(const collect::CollectorStats& stats) {
  std::vector<std::string> lines;
  if (stats.udp.kernel_drops > 0) lines.push_back(kernel_loss(stats.udp));
  if (stats.udp.rejected_header > 0) {
    lines.push_back(were_lost(stats.udp.rejected_header, "datagram") +
                    " passed over: without the daemon's header line, or nothing behind it");
  }
  if (std::string refused = refused_by_code(stats.store); !refused.empty()) {
    lines.push_back(std::move(refused));
  }
  if (stats.store.evicted_traces > 0) {
    lines.push_back(were_lost(stats.store.evicted_traces, "trace") +
                    " forgotten to make room (--max-traces, --max-memory)");
  } else if (stats.store.evicted_documents > 0) {
    lines.push_back(were_lost(stats.store.evicted_documents, "document") +
                    " forgotten of a trace that is too large (--max-memory)");
  }
  if (stats.journal && stats.journal->lost > 0) {
    lines.push_back(were_lost(stats.journal->lost, "document") +
                    " not saved: " + stats.journal->reason);
  }
  for (const collect::TapStats& tap : stats.taps) {
    if (std::string loss = forward_loss(tap); !loss.empty()) lines.push_back(std::move(loss));
  }
  return lines;
}

std::vector<std::string> shortfall_lines(const Shortfall& shortfall,
                                         const collect::TraceStore& store) {
  std::vector<std::string> lines;
  const bool filters = !shortfall.filter.empty();
  lines.push_back(std::to_string(shortfall.complete) + " of " +
                  counted(shortfall.expected, "trace") + (filters ? " that --filter takes" : "") +
                  " came and " + (shortfall.complete == 1 ? "is" : "are") + " complete");
  if (shortfall.unwanted > 0) {
    lines.push_back(counted(shortfall.unwanted, "complete trace") + " did not match --filter");
  }
  std::size_t incomplete = 0;
  store.visit_newest([&](const collect::StoredTrace& trace) {
    const collect::TraceDigest& digest = store.digest(trace);
    if (digest.is_complete || ++incomplete > kMostIncomplete) return true;
    const collect::TraceTree tree = collect::build_tree(trace);
    const std::string missing = what_is_missing({trace, tree, digest});
    lines.push_back(std::string(trace.id().text()) + " is not complete" +
                    (missing.empty() ? "" : ": " + missing));
    return true;
  });
  if (incomplete > kMostIncomplete) {
    lines.push_back("and " + counted(incomplete - kMostIncomplete, "more trace") + " not complete");
  }
  const collect::StoreStats stats = store.stats();
  if (stats.received == 0) lines.emplace_back("no document came at all");
  if (stats.strays > 0) {
    lines.push_back(counted(stats.strays, "document") + " came that belong to no trace");
  }
  return lines;
}

}  // namespace xtrace::cli
