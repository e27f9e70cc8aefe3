#include "collect/datagram_batch.h"
#include "collect/trace_store.h"
#include "fuzz/target.h"
#include "xray/datagram_header.h"

/// The receiver takes what the daemon's grammar takes, and the store keeps each document or tells
/// why it belongs to no trace.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace xtrace;
  const std::string_view datagram = testing::as_text(data, size);
  const std::string_view document = collect::document_of(datagram);
  const std::size_t end = datagram.find('\n');
  const bool is_taken = end < datagram.size() && is_datagram_header(datagram.substr(0, end));
  testing::require(document == (is_taken ? datagram.substr(end + 1) : ""));
  if (document.empty()) return 0;

  collect::TraceStore store({.traces = 1, .bytes = 100'000, .strays = 1});
  store.add(document, collect::Door::udp, WallTime{});
  store.visit_newest([&](const collect::StoredTrace& trace) {
    testing::require(trace.documents().at(0).text() == document && store.strays().empty());
    return true;
  });
  const collect::StoreStats stats = store.stats();
  testing::require(stats.traces + stats.strays + stats.evicted_traces == 1 &&
                   stats.bytes <= 100'000);
  return 0;
}
