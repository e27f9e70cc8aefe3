#include "cli/document_window.h"

#include <algorithm>
#include <cstring>

namespace xtrace::cli {

Expected<std::size_t> TextSource::read(std::span<char> room) {
  const std::size_t size = std::min(room.size(), rest_.size());
  std::copy_n(rest_.begin(), size, room.begin());
  rest_.remove_prefix(size);
  return size;
}

DocumentWindow::DocumentWindow(ByteSource& source, std::size_t first_size)
    : source_(source), buffer_(first_size) {}

void DocumentWindow::drop(std::size_t bytes) {
  const std::string_view dropped = text().substr(0, bytes);
  // Lines are long: looking for the next is faster than looking at every byte.
  for (std::size_t at = dropped.find('\n'); at != std::string_view::npos;
       at = dropped.find('\n', at + 1)) {
    ++line_;
  }
  begin_ += bytes;
  if (begin_ == end_) begin_ = end_ = 0;
}

bool DocumentWindow::extend() {
  // A text that is looked at again from its beginning must have doubled, else the looks add up to
  // the square of its length. Only where the source pauses is it looked at earlier.
  const std::size_t enough = 2 * text().size();
  if (!read_once()) return false;
  while (text().size() < enough && source_.is_ready() && read_once()) continue;
  return true;
}

bool DocumentWindow::hold(std::size_t bytes) {
  while (text().size() < bytes) {
    if (!read_once()) return false;
  }
  return true;
}

bool DocumentWindow::read_once() {
  if (is_at_end_ || !make_room()) return false;
  const Expected<std::size_t> got = source_.read(std::span(buffer_).subspan(end_));
  if (const Error* error = got.if_error()) error_ = *error;
  const std::size_t bytes = got ? *got : 0;
  is_at_end_ = bytes == 0;
  end_ += bytes;
  return bytes != 0;
}

bool DocumentWindow::make_room() {
  if (end_ < buffer_.size()) return true;
  if (begin_ > 0) {
    std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
    return true;
  }
  if (buffer_.size() >= kLargestSize) return false;
  buffer_.resize(std::min(buffer_.size() * 2, kLargestSize));
  return true;
}

}  // namespace xtrace::cli
