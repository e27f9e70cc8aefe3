#include "http/request_parser.h"

#include <algorithm>

#include <llhttp.h>

#include "http/chunked_body.h"
#include "http/incoming_head.h"
#include "http/line_scanner.h"
#include "http/request_refusal.h"

namespace xtrace {

namespace {

using Section = LineScanner::Section;
using Outcome = LineScanner::Outcome;

llhttp_settings_t make_settings() {
  llhttp_settings_t settings;
  llhttp_settings_init(&settings);
  settings.on_headers_complete = [](llhttp_t* /*caller*/) noexcept -> int { return HPE_PAUSED; };
  return settings;
}

// What llhttp, which half of the web's servers read with, thinks of a head that we think good.
// llhttp knows a fixed list of methods, so its request line is made up; the fields are the real
// ones. It must see the same framing.
std::optional<RequestRefusal> second_opinion(const IncomingHead& head) {
  static const llhttp_settings_t settings = make_settings();
  const IncomingRequest& request = head.request();
  const std::string_view line =
      request.version_minor == 0 ? "POST / HTTP/1.0\r\n" : "POST / HTTP/1.1\r\n";
  const std::string_view fields = head.field_lines();
  llhttp_t machine;
  llhttp_init(&machine, HTTP_REQUEST, &settings);
  llhttp_execute(&machine, line.data(), line.size());
  if (llhttp_execute(&machine, fields.data(), fields.size()) != HPE_PAUSED) {
    return refused_request(400,
                           "is not HTTP/1.x: " + std::string(llhttp_get_error_reason(&machine)));
  }
  const bool is_chunked = (machine.flags & F_CHUNKED) != 0;
  const bool is_sized = (machine.flags & F_CONTENT_LENGTH) != 0;
  if (is_chunked == request.is_chunked && is_sized == request.content_length.has_value() &&
      (!is_sized || machine.content_length == *request.content_length)) {
    return std::nullopt;
  }
  return refused_request(400, "has a body whose framing can be read in two ways");
}

}  // namespace

struct RequestParser::Impl {
  enum class State { head, sized_body, chunked_body, complete, refused };

  Impl(const RequestLimits& its_limits, RequestEvents& its_events)
      : limits(its_limits), events(its_events) {
    reset();
  }

  void reset();
  std::size_t feed(std::string_view bytes);
  void proceed();

  bool takes_more() const {
    return !is_stopped && state != State::complete && state != State::refused;
  }
  std::size_t take(std::string_view bytes);
  std::size_t take_head(std::string_view bytes);
  void end_head();
  void judge_length();
  std::size_t take_sized(std::string_view bytes);
  std::size_t take_chunked(std::string_view bytes);
  void give(std::string_view piece);
  void complete();
  void refuse(RequestRefusal why);

  const RequestLimits limits;
  RequestEvents& events;

  State state = State::head;
  bool is_stopped = false;
  LineScanner scanner;
  IncomingHead head;
  bool is_head_complete = false;
  ChunkedBody chunks;
  std::uint64_t body_limit = 0;
  std::uint64_t body_size = 0;
  std::optional<RequestRefusal> refusal;
};

void RequestParser::Impl::reset() {
  state = State::head;
  is_stopped = false;
  scanner.begin(Section::request, limits.head_bytes);
  head.clear();
  is_head_complete = false;
  body_limit = limits.body_bytes;
  body_size = 0;
  refusal.reset();
}

std::size_t RequestParser::Impl::feed(std::string_view bytes) {
  std::size_t taken = 0;
  while (taken < bytes.size() && takes_more()) taken += take(bytes.substr(taken));
  return taken;
}

std::size_t RequestParser::Impl::take(std::string_view bytes) {
  if (state == State::head) return take_head(bytes);
  return state == State::sized_body ? take_sized(bytes) : take_chunked(bytes);
}

std::size_t RequestParser::Impl::take_head(std::string_view bytes) {
  const LineScanner::Scan scan = scanner.scan(bytes);
  head.append(bytes.substr(0, scan.taken));
  if (scan.outcome == Outcome::complete) {
    end_head();
  } else if (scan.is_refused()) {
    refuse(refused_head(scanner, scan, limits.head_bytes));
  }
  return scan.taken;
}

void RequestParser::Impl::end_head() {
  std::optional<RequestRefusal> fault = head.read();
  if (!fault) fault = second_opinion(head);
  if (fault) return refuse(std::move(*fault));
  const IncomingRequest& request = head.request();
  is_head_complete = true;
  state = request.is_chunked ? State::chunked_body : State::sized_body;
  if (request.is_chunked) chunks.begin(limits.head_bytes);
  events.on_head(request);
  if (!request.has_body()) return complete();
  if (!is_stopped) judge_length();
}

// Not before the limit is known: whoever was given the head may still change it.
void RequestParser::Impl::judge_length() {
  if (state == State::sized_body && body_size == 0 && *head.request().content_length > body_limit) {
    refuse(too_large_body(body_limit));
  }
}

void RequestParser::Impl::proceed() {
  if (!is_stopped) return;
  is_stopped = false;
  judge_length();
}

std::size_t RequestParser::Impl::take_sized(std::string_view bytes) {
  const std::uint64_t length = *head.request().content_length;
  const std::string_view piece =
      bytes.substr(0, std::min<std::uint64_t>(bytes.size(), length - body_size));
  give(piece);
  if (body_size == length) complete();
  return piece.size();
}

std::size_t RequestParser::Impl::take_chunked(std::string_view bytes) {
  const ChunkedBody::Piece piece = chunks.take(bytes);
  if (!piece.data.empty()) give(piece.data);
  if (chunks.is_refused()) {
    refuse(refused_chunks(chunks));
  } else if (chunks.is_complete()) {
    complete();
  } else if (body_size > body_limit || chunks.chunk_left() > body_limit - body_size) {
    refuse(too_large_body(body_limit));
  }
  return piece.taken;
}

void RequestParser::Impl::give(std::string_view piece) {
  body_size += piece.size();
  events.on_body(std::as_bytes(std::span(piece)));
}

void RequestParser::Impl::complete() {
  state = State::complete;
  events.on_complete();
}

void RequestParser::Impl::refuse(RequestRefusal why) {
  refusal = std::move(why);
  state = State::refused;
}

// -- the face ------------------------------------------------------------------------------------

RequestParser::RequestParser(const RequestLimits& limits, RequestEvents& events)
    : impl_(std::make_unique<Impl>(limits, events)) {}

RequestParser::~RequestParser() = default;

void RequestParser::reset() {
  impl_->reset();
}

void RequestParser::set_body_limit(std::uint64_t bytes) {
  impl_->body_limit = bytes;
}

std::size_t RequestParser::feed(std::span<const std::byte> bytes) {
  return impl_->feed({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

void RequestParser::stop() {
  impl_->is_stopped = true;
}

void RequestParser::proceed() {
  impl_->proceed();
}

bool RequestParser::is_stopped() const {
  return impl_->is_stopped;
}

bool RequestParser::has_begun() const {
  return impl_->scanner.is_in_request() || impl_->refusal.has_value();
}

bool RequestParser::is_head_complete() const {
  return impl_->is_head_complete;
}

bool RequestParser::is_complete() const {
  return impl_->state == Impl::State::complete;
}

const std::optional<RequestRefusal>& RequestParser::refusal() const {
  return impl_->refusal;
}

bool RequestParser::keeps_alive() const {
  return !impl_->refusal && impl_->head.keeps_alive();
}

std::uint64_t RequestParser::body_size() const {
  return impl_->body_size;
}

}  // namespace xtrace
