#include "http/parser.h"

#include "http/parser_errors.h"
#include "http/parser_impl.h"

namespace xtrace {

// -- bytes in ------------------------------------------------------------------------------------

Expected<std::size_t> ResponseParser::Impl::feed(std::string_view bytes) {
  std::size_t taken = 0;
  while (taken < bytes.size() && state != State::complete && state != State::failed) {
    const std::string_view rest = bytes.substr(taken);
    switch (state) {
      case State::head:
        taken += take_head(rest);
        break;
      case State::chunked_body:
        taken += take_chunked(rest);
        break;
      default:
        taken += parse(rest);
    }
  }
  if (failure) return *failure;
  if (taken < bytes.size()) keeps_alive = false;  // nobody asked for what follows
  return taken;
}

void ResponseParser::Impl::begin_head() {
  init_machine();
  response = {};
  head_size = 0;
  scanner.begin(LineScanner::Section::head, limits.head_bytes);
  state = State::head;
}

std::size_t ResponseParser::Impl::take_head(std::string_view bytes) {
  if (scanner.size() == 0 && bytes.front() == 'H') events->on_status_line_begins();
  const LineScanner::Scan scan = scanner.scan(bytes);
  head_size = scanner.size();
  // What precedes a fault is judged first, so the verdict does not depend on how the bytes are
  // split.
  parse(bytes.substr(0, scan.taken));
  if (scan.is_refused() && !failure) {
    fail(refused_lines(LineScanner::Section::head, scan, limits.head_bytes));
  }
  return scan.taken;
}

std::size_t ResponseParser::Impl::take_chunked(std::string_view bytes) {
  const bool was_in_trailers = chunks.is_in_trailers();
  const ChunkedBody::Piece piece = chunks.take(bytes);
  if (!piece.data.empty()) {
    give(piece.data);
  } else if (was_in_trailers) {
    parse(piece.trailers);
  } else if (chunks.is_in_trailers()) {
    parse("0\r\n");
  }
  if (chunks.is_refused() && !failure) {
    fail(refused_lines(chunks.section(), chunks.fault(), chunks.limit()));
  }
  return piece.taken;
}

std::size_t ResponseParser::Impl::parse(std::string_view bytes) {
  const llhttp_errno_t outcome = llhttp_execute(&machine, bytes.data(), bytes.size());
  if (outcome == HPE_OK) return bytes.size();
  if (!is_message_done) {
    fail_parse(outcome);
    return 0;
  }
  const auto taken = static_cast<std::size_t>(llhttp_get_error_pos(&machine) - bytes.data());
  end_message();
  return taken;
}

void ResponseParser::Impl::end_message() {
  is_message_done = false;
  if (is_interim) {
    ++interims;
    events->on_interim(std::move(response));
    begin_head();
    return;
  }
  state = State::complete;
  events->on_complete(std::move(trailers));
}

void ResponseParser::Impl::reset(std::string_view its_method, ResponseEvents& its_events) {
  method = its_method;
  events = &its_events;
  is_message_done = false;
  failure.reset();
  is_interim = false;
  interims = 0;
  trailers = {};
  field_name.clear();
  field_value.clear();
  framing = Framing::none;
  keeps_alive = false;
  announced = 0;
  body_size = 0;
  begin_head();
}

// -- ends ----------------------------------------------------------------------------------------

Expected<void> ResponseParser::Impl::finish() {
  if (state == State::complete) return {};
  if (state == State::endless_body) {
    end_message();
    return {};
  }
  if (state != State::failed) fail(cut_error());
  return *failure;
}

Error ResponseParser::Impl::cut_error() const {
  if (state == State::sized_body) return sized_body_cut_after(body_size, announced);
  if (state == State::head) return head_cut_after(head_size, interims);
  if (chunks.is_in_trailers()) return trailers_cut();
  return chunked_body_cut_after(body_size, chunks.chunk_left());
}

void ResponseParser::Impl::fail(Error error) {
  failure = std::move(error);
  state = State::failed;
}

void ResponseParser::Impl::fail_parse(llhttp_errno_t reason) {
  if (failure) return;  // a callback knew better
  using enum Error::Code;
  if (state != State::head) return fail(malformed_chunks(llhttp_get_error_reason(&machine)));
  switch (reason) {
    case HPE_UNEXPECTED_CONTENT_LENGTH:
    case HPE_INVALID_TRANSFER_ENCODING:
      return fail({ambiguous_framing, Phase::response,
                   response.headers.contains("Transfer-Encoding")
                       ? "the response has both Content-Length and Transfer-Encoding"
                       : "the response has more than one Content-Length"});
    case HPE_INVALID_CONTENT_LENGTH:
      return fail({ambiguous_framing, Phase::response,
                   "the response's Content-Length is not one decimal number below 2^64"});
    default:
      return fail(malformed_head(llhttp_get_error_reason(&machine)));
  }
}

// -- the face ------------------------------------------------------------------------------------

ResponseParser::ResponseParser(std::string_view method, ParserLimits limits, ResponseEvents& events)
    : impl_(std::make_unique<Impl>(method, limits, events)) {}

ResponseParser::~ResponseParser() = default;

void ResponseParser::reset(std::string_view method, ResponseEvents& events) {
  impl_->reset(method, events);
}

void ResponseParser::redirect_events(ResponseEvents& events) {
  impl_->events = &events;
}

Expected<std::size_t> ResponseParser::feed(std::span<const std::byte> bytes) {
  return impl_->feed({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

Expected<void> ResponseParser::finish() {
  return impl_->finish();
}

bool ResponseParser::is_complete() const {
  return impl_->state == Impl::State::complete;
}

bool ResponseParser::keeps_alive() const {
  return impl_->keeps_alive;
}

std::size_t ResponseParser::head_size() const {
  return impl_->head_size;
}

std::uint64_t ResponseParser::body_size() const {
  return impl_->body_size;
}

}  // namespace xtrace
