#include "http/message_writer.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include <xtrace/http.h>

#include "http/characters.h"

namespace xtrace {

namespace {

// Copying this much costs less than a second packet.
constexpr std::size_t kSmallPiece = std::size_t{16} * 1024;
// Room for a head and a piece, or for what a talkative source says at once.
constexpr std::size_t kMostBuffered = std::size_t{32} * 1024;
// A connection keeps the memory of its heads, but none for bodies.
constexpr std::size_t kMostKept = std::size_t{4} * 1024;
// As much as a socket takes in a turn.
constexpr std::size_t kSlice = std::size_t{1024} * 1024;

std::span<const std::byte> as_bytes(std::string_view text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

void append_chunk_header(std::string& into, std::size_t size) {
  std::array<char, 2 * sizeof size> digits{};
  const auto written = std::to_chars(digits.data(), digits.data() + digits.size(), size, 16);
  into.append(digits.data(), written.ptr);
  into += "\r\n";
}

// RFC 9110 section 6.5.1: what frames or routes a message is not for its end.
bool may_trail(const Header& field) {
  for (const std::string_view name : {"Content-Length", "Host", "Trailer", "Transfer-Encoding"}) {
    if (equals_ignoring_case(field.name, name)) return false;
  }
  return is_token(field.name) && std::ranges::all_of(field.value, is_field_character);
}

}  // namespace

MessageWriter::MessageWriter(Loop& loop, Stream& stream, std::string& head, std::string_view body,
                             std::unique_ptr<BodySource> source, Events events)
    : loop_(loop),
      stream_(stream),
      buffer_(head),
      head_size_(head.size()),
      source_(std::move(source)),
      size_(source_ ? source_->size() : body.size()),
      events_(std::move(events)),
      is_ended_(source_ == nullptr) {
  if (!source_) piece_ = as_bytes(body);
}

MessageWriter::~MessageWriter() = default;

void MessageWriter::start(Body how) {
  is_held_ = how == Body::held;
  go_on_quietly();
}

void MessageWriter::release_body() {
  if (std::exchange(is_held_, false)) go_on_quietly();
}

void MessageWriter::go_on_quietly() {
  const Life::Watch watch(life_);
  calls_nobody_ = true;
  go_on();
  if (!watch.is_over()) calls_nobody_ = false;
}

std::uint64_t MessageWriter::body_bytes_sent() const {
  const std::size_t framing = write_.bytes - write_.of_body;
  const std::size_t accepted = bytes_in_write();
  return body_done_ + (accepted > framing ? accepted - framing : 0);
}

// Writes the next bytes, or ends, or waits for the source or for the release.
void MessageWriter::go_on() {
  if (is_over_ || write_.bytes != 0) return;
  const Life::Watch watch(life_);
  while (gather()) {
  }
  if (watch.is_over()) return;
  if (failure_) return end();
  if (!buffer_.empty())
    return write(as_bytes(buffer_), {.bytes = buffer_.size(), .of_body = buffered_});
  if (is_held_) return;
  if (!piece_.empty()) {
    const auto slice = piece_.first(std::min(piece_.size(), kSlice));
    return write(slice, {.bytes = slice.size(), .of_body = slice.size(), .is_piece = true});
  }
  if (is_ended_) end();
}

// Takes what is small and there at once into the buffer, so that it leaves in one write. Whether
// there may be more of that.
bool MessageWriter::gather() {
  if (is_held_ || is_end_added_ || failure_) return false;
  if (!piece_.empty()) return add_piece();
  if (is_ended_) {
    add_end();
    return false;
  }
  if (is_reading_) return false;
  return read();
}

bool MessageWriter::add_piece() {
  if (is_chunked() && !std::exchange(is_framed_, true)) append_chunk_header(buffer_, piece_.size());
  if (piece_.size() > kSmallPiece || buffer_.size() + piece_.size() > kMostBuffered + head_size_)
    return false;
  buffer_.append(reinterpret_cast<const char*>(piece_.data()), piece_.size());
  buffered_ += piece_.size();
  piece_ = {};
  if (is_chunked()) buffer_ += "\r\n";
  is_framed_ = false;
  return true;
}

void MessageWriter::add_end() {
  is_end_added_ = true;
  if (!is_chunked()) return;
  buffer_ += "0\r\n";
  if (const Headers* trailers = source_->trailers()) {
    for (const Header& field : *trailers) {
      if (!may_trail(field)) return fail("gave a trailer field that cannot be sent");
      buffer_.append(field.name).append(": ").append(field.value).append("\r\n");
    }
  }
  buffer_ += "\r\n";
}

// -- the source -----------------------------------------------------------------------------------

// Whether it gave something at once.
bool MessageWriter::read() {
  const Life::Watch watch(life_);
  is_reading_ = true;
  is_inside_read_ = true;
  source_->read([this](const Expected<std::span<const std::byte>>& read) { on_read(read); });
  if (watch.is_over()) return false;
  is_inside_read_ = false;
  return !is_reading_;
}

void MessageWriter::on_read(const Expected<std::span<const std::byte>>& read) {
  is_reading_ = false;
  if (const Error* error = read.if_error()) {
    failure_ = *error;
  } else {
    accept(*read);
  }
  if (is_inside_read_) return;
  if (failure_) return end();  // whatever is being written, nobody can use it
  go_on();
}

void MessageWriter::accept(std::span<const std::byte> piece) {
  given_ += piece.size();
  is_ended_ = piece.empty();
  const bool is_short = size_ && is_ended_ && given_ < *size_;
  const bool is_long = size_ && given_ > *size_;
  if (is_short) {
    fail("ended after " + std::to_string(given_) + " of the " + std::to_string(*size_) +
         " bytes it announced");
  } else if (is_long) {
    fail("gave more than the " + std::to_string(*size_) + " bytes it announced");
  } else {
    piece_ = piece;
  }
}

void MessageWriter::fail(std::string message) {
  failure_ = Error{Error::Code::body_source_failed, Phase::request,
                   "the source of the body " + std::move(message)};
}

// -- the stream -----------------------------------------------------------------------------------

void MessageWriter::write(std::span<const std::byte> bytes, const Write& what) {
  write_ = what;
  stream_.write(bytes, [this](const Expected<void>& written) { on_written(written); });
}

void MessageWriter::on_written(const Expected<void>& written) {
  if (is_over_) return;
  const Write done = std::exchange(write_, {});
  if (const Error* error = written.if_error()) {
    failure_ = *error;
    return end();
  }
  done_ += done.bytes;
  body_done_ += done.of_body;
  if (done.is_piece) {
    piece_ = piece_.subspan(done.bytes);
    if (piece_.empty() && std::exchange(is_framed_, false)) buffer_ += "\r\n";
  } else {
    buffer_.clear();
    buffered_ = 0;
  }
  if (!std::exchange(is_head_sent_, true)) events_.on_head_sent();
  go_on();
}

void MessageWriter::end() {
  is_over_ = true;
  is_complete_ = !failure_;
  if (is_complete_ && buffer_.capacity() > kMostKept) std::string().swap(buffer_);
  if (!calls_nobody_) return tell_end();
  later_.emplace(loop_);
  later_->call([this] { tell_end(); });
}

void MessageWriter::tell_end() {
  Callback<void(Expected<void>)> on_sent = std::move(events_.on_sent);
  on_sent(failure_ ? Expected<void>(*failure_) : Expected<void>());  // may destroy this
}

}  // namespace xtrace
