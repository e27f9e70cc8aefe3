#include "cli/listen_refusals.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "cli/text.h"
#include "cli/trace_lines.h"
#include "collect/document_facts.h"

namespace xtrace::cli {

namespace {

constexpr std::size_t kMostRemembered = 10'000;

}  // namespace

ListenRefusals::ListenRefusals(Clock clock, Tell tell)
    : clock_(std::move(clock)), tell_(std::move(tell)) {}

ListenRefusals::~ListenRefusals() = default;

void ListenRefusals::take(const collect::StoredTrace& trace) {
  std::size_t refused = 0;
  for (const collect::StoredDocument& document : trace.documents()) {
    if (!document.refusal || document.door == collect::Door::file) continue;
    // To tell some of them twice is better than to remember them for ever.
    if (told_.size() >= kMostRemembered) told_.clear();
    std::size_t& told = told_[trace.id()];
    if (++refused <= told) continue;
    told = refused;
    refuse(collect::fault_of(document.text()), ", of trace " + brief_id(trace.id()));
  }
}

void ListenRefusals::look(const collect::TraceStore& store) {
  const std::uint64_t seen = std::exchange(strays_, store.stats().strays);
  const auto& strays = store.strays();
  const std::uint64_t fresh = strays_ - std::min(seen, strays_);
  const auto held = static_cast<std::size_t>(std::min<std::uint64_t>(fresh, strays.size()));
  untold_ += fresh - held;
  for (std::size_t i = strays.size() - held; i < strays.size(); ++i) refuse(strays[i].reason, "");
  if (clock_().tick - second_ >= std::chrono::seconds(1)) finish();
}

void ListenRefusals::refuse(std::string_view reason, std::string_view where) {
  const Tick present = clock_().tick;
  if (present - second_ >= std::chrono::seconds(1)) {
    finish();
    second_ = present;
    in_second_ = 0;
  }
  if (++in_second_ > kMostInSecond) {
    ++untold_;
    return;
  }
  tell_(std::string(reason).append(where));
}

void ListenRefusals::finish() {
  if (const std::uint64_t untold = std::exchange(untold_, 0); untold > 0) {
    tell_("and " + counted(untold, "more document"));
  }
}

}  // namespace xtrace::cli
