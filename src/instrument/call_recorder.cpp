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
    set_http(remote, attempt(0));
    PhaseRecorder(exchange_.timeline, scratch_).record_into(remote);
  } else {
    // What was asked for, and what came of it in the end.
    set_http(remote, {.method = method_,
                      .url = url_,
                      .response = exchange_.response,
                      .error = exchange_.error,
                      .timeline = exchange_.timeline});
    record_attempts(remote, 0, count());
  }
  set_error(remote, attempt(last));
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
  set_http(remote, attempt(last));
  if (is_single) {
    PhaseRecorder(attempt(first).timeline, scratch_).record_into(remote);
  } else {
    record_attempts(remote, first, end);
  }
  set_error(remote, attempt(last));
  remote.end(end_of(last));
}

void CallRecorder::record_attempts(Subsegment& remote, std::size_t first, std::size_t end) const {
  remote.set_metadata("httpx", "attempts", static_cast<std::uint64_t>(end - first));
  for (std::size_t i = first; i < end; ++i) {
    const std::size_t number = i - first;
    Subsegment subsegment = remote.begin_subsegment("Attempt:" + std::to_string(number),
                                                    {.id = id_of(i), .start = start_of(i)});
    subsegment.set_metadata("httpx", "attempt", static_cast<std::uint64_t>(number));
    set_http(subsegment, attempt(i));
    PhaseRecorder(attempt(i).timeline, scratch_).record_into(subsegment);
    set_error(subsegment, attempt(i));
    subsegment.end(end_of(i));
  }
}

void CallRecorder::set_http(Subsegment& subsegment, const Attempt& attempt) const {
  const std::string url = options_.redact ? attempt.url.redacted() : attempt.url.full();
  subsegment.set_http_request(
      {.method = attempt.method, .url = url, .keep_secrets = !options_.redact});
  if (!attempt.response) return;
  const Response& response = *attempt.response;
  subsegment.set_status(response.status);
  // What was announced; a chunked body announces nothing, then what came counts.
  const std::uint64_t length =
      response.content_length.value_or(attempt.timeline.response_body_bytes);
  subsegment.set_http_response({.status = response.status, .content_length = length});
}

void CallRecorder::set_error(Subsegment& subsegment, const Attempt& attempt) const {
  if (attempt.error)
    subsegment.add_exception(to_string(attempt.error->code), attempt.error->message);
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

CallRecorder::Attempt CallRecorder::attempt(std::size_t index) const {
  if (index < exchange_.past.size()) {
    const PastAttempt& past = exchange_.past[index];
    return {.method = past.method,
            .url = past.url,
            .response = past.response,
            .error = past.error,
            .timeline = past.timeline};
  }
  const auto& led_to = exchange_.led_to;
  return {.method = led_to ? std::string_view(led_to->first) : method_,
          .url = led_to ? led_to->second : url_,
          .response = exchange_.response,
          .error = exchange_.error,
          .timeline = exchange_.timeline};
}

std::optional<SegmentId> CallRecorder::id_of(std::size_t index) const {
  if (index >= options_.sent.size()) return std::nullopt;
  return options_.sent[index];
}

WallTime CallRecorder::start_of(std::size_t index) const {
  return attempt(index).timeline.started.wall;
}

WallTime CallRecorder::end_of(std::size_t index) const {
  const Timeline& timeline = attempt(index).timeline;
  return PhaseRecorder(timeline, scratch_).wall(timeline.total);
}

}  // namespace xtrace
