#include "instrument/call_recorder.h"

namespace xtrace {

void CallRecorder::record_below(const SegmentContext& parent) const {
  for (std::size_t first = 0; first < count();) {
    const std::size_t end = end_of_leg(first);
    record_leg(parent, first, end);
    first = end;
  }
}

void CallRecorder::record_into(Subsegment& remote) const {
  const std::size_t last = count() - 1;
  remote.set_namespace(Namespace::remote);
  if (last == 0) {
    record_http(remote, attempt(0), options_.redact);
    phases_of(0).record_into(remote);
  } else {
    // What was asked for, and what came of it in the end.
    PhysicalRequest asked{.method = method_, .url = url_, .timeline = exchange_.timeline};
    asked.response = attempt(last).response;
    asked.error = attempt(last).error;
    record_http(remote, asked, options_.redact);
    record_attempts(remote, 0, count());
  }
  record_error(remote, attempt(last).error);
  remote.end(end_of(last));
}

void CallRecorder::record_leg(const SegmentContext& parent, std::size_t first,
                              std::size_t end) const {
  const std::size_t last = end - 1;
  const bool is_single = last == first;
  Subsegment remote = parent.begin_subsegment(remote_name(attempt(first).url),
                                              {.id = is_single ? id_of(first) : std::nullopt,
                                               .start = start_of(first),
                                               .space = Namespace::remote});
  if (!remote) return;
  record_http(remote, attempt(last), options_.redact);
  if (is_single) {
    phases_of(first).record_into(remote);
  } else {
    record_attempts(remote, first, end);
  }
  record_error(remote, attempt(last).error);
  remote.end(end_of(last));
}

void CallRecorder::record_attempts(Subsegment& remote, std::size_t first, std::size_t end) const {
  remote.set_metadata("httpx", "attempts", static_cast<std::uint64_t>(end - first));
  for (std::size_t i = first; i < end; ++i) {
    const std::size_t number = i - first;
    Subsegment subsegment = remote.begin_subsegment("Attempt:" + std::to_string(number),
                                                    {.id = id_of(i), .start = start_of(i)});
    subsegment.set_metadata("httpx", "attempt", static_cast<std::uint64_t>(number));
    record_http(subsegment, attempt(i), options_.redact);
    phases_of(i).record_into(subsegment);
    record_error(subsegment, attempt(i).error);
    subsegment.end(end_of(i));
  }
}

// A leg is what was sent to one URL.
std::size_t CallRecorder::end_of_leg(std::size_t first) const {
  std::size_t last = first;
  while (last < exchange_.past.size() &&
         exchange_.past[last].reason == PastAttempt::Reason::stale_connection) {
    ++last;
  }
  return last + 1;
}

PhysicalRequest CallRecorder::attempt(std::size_t index) const {
  if (index < exchange_.past.size()) {
    const PastAttempt& past = exchange_.past[index];
    return {.method = past.method,
            .url = past.url,
            .response = past.response ? &*past.response : nullptr,
            .error = past.error ? &*past.error : nullptr,
            .timeline = past.timeline};
  }
  const auto& led_to = exchange_.led_to;
  return {.method = led_to ? std::string_view(led_to->first) : method_,
          .url = led_to ? led_to->second : url_,
          .response = exchange_.response ? &*exchange_.response : nullptr,
          .error = exchange_.error ? &*exchange_.error : nullptr,
          .timeline = exchange_.timeline,
          .counts_bodies = options_.counts_bodies};
}

std::optional<SegmentId> CallRecorder::id_of(std::size_t index) const {
  if (index >= options_.sent.size()) return std::nullopt;
  return options_.sent[index];
}

PhaseRecorder CallRecorder::phases_of(std::size_t index) const {
  return PhaseRecorder(attempt(index).timeline, start_of(index), scratch_);
}

WallTime CallRecorder::start_of(std::size_t index) const {
  const TimePoint& started = attempt(index).timeline.started;
  return origin_ == nullptr ? started.wall : wall_at(started.tick, *origin_);
}

WallTime CallRecorder::end_of(std::size_t index) const {
  return phases_of(index).wall(attempt(index).timeline.total);
}

}  // namespace xtrace
