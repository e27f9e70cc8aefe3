#include "http/parser.h"

#include <algorithm>

#include "http/parser_errors.h"
#include "http/parser_impl.h"

namespace xtrace {

namespace {

using Section = LineScanner::Section;

// Room for any size and for extensions nobody reads; without a limit a peer could send one forever.
constexpr std::size_t kMaxChunkLine = 4096;
constexpr std::size_t kChunkEnd = 2;

}  // namespace

// -- bytes in ------------------------------------------------------------------------------------

Expected<std::size_t> ResponseParser::Impl::feed(std::string_view bytes) {
  std::size_t taken = 0;
  while (taken < bytes.size() && state != State::complete && state != State::failed) {
    const std::string_view rest = bytes.substr(taken);
    switch (state) {
      case State::lines:
        taken += take_lines(rest);
        break;
      case State::chunk:
        taken += take_chunk(rest);
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
  begin_lines(Section::head);
}

void ResponseParser::Impl::begin_lines(Section next) {
  section = next;
  scanner.begin(next, limit_of(next));
  state = State::lines;
}

std::size_t ResponseParser::Impl::limit_of(Section lines) const {
  if (lines == Section::chunk_size) return kMaxChunkLine;
  return lines == Section::chunk_end ? kChunkEnd : limits.head_bytes;
}

std::size_t ResponseParser::Impl::take_lines(std::string_view bytes) {
  if (section == Section::head && scanner.size() == 0 && bytes.front() == 'H') {
    events->on_status_line_begins();
  }
  const LineScanner::Scan scan = scanner.scan(bytes);
  if (section == Section::head) head_size = scanner.size();
  const std::string_view lines = bytes.substr(0, scan.taken);
  if (scan.outcome == LineScanner::Outcome::complete) {
    end_lines(lines);
    return scan.taken;
  }
  // What precedes a fault is judged first, so the verdict does not depend on how the bytes are
  // split.
  if (section == Section::head || section == Section::trailers) parse(lines);
  if (scan.outcome != LineScanner::Outcome::needs_more && !failure) {
    fail(refused_lines(section, scan, limit_of(section)));
  }
  return scan.taken;
}

void ResponseParser::Impl::end_lines(std::string_view last_bytes) {
  switch (section) {
    case Section::chunk_size:
      // Without its extensions: llhttp 8.1 trips over valid ones, and nobody uses them.
      parse(scanner.chunk_digits());
      if (!failure) parse("\r\n");
      break;
    case Section::chunk_end:
      begin_lines(Section::chunk_size);
      parse("\r\n");
      break;
    default:
      parse(last_bytes);
  }
}

std::size_t ResponseParser::Impl::take_chunk(std::string_view bytes) {
  const std::string_view data = bytes.substr(0, std::min<std::uint64_t>(bytes.size(), chunk_left));
  chunk_left -= data.size();
  if (chunk_left == 0) begin_lines(Section::chunk_end);
  parse(data);
  return data.size();
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
  chunk_left = 0;
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
  if (state == State::chunk) return chunked_body_cut_after(body_size, chunk_left);
  switch (section) {
    case Section::head:
      return head_cut_after(head_size, interims);
    case Section::trailers:
      return trailers_cut();
    default:
      return chunked_body_cut_after(body_size, 0);
  }
}

void ResponseParser::Impl::fail(Error error) {
  failure = std::move(error);
  state = State::failed;
}

void ResponseParser::Impl::fail_parse(llhttp_errno_t reason) {
  if (failure) return;  // a callback knew better
  using enum Error::Code;
  if (section != Section::head) return fail(malformed_chunks(llhttp_get_error_reason(&machine)));
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
