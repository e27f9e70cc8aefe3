#include "client/upload.h"

#include <algorithm>
#include <span>
#include <utility>

namespace xtrace {

namespace {

// Copying this much costs less than a second packet.
constexpr std::size_t kInlineBody = 16 * 1024;
// Large enough that a turn of the loop per slice does not show, small enough that progress does.
constexpr std::size_t kSlice = 256 * 1024;

std::span<const std::byte> as_bytes(std::string_view text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

}  // namespace

Upload::Upload(Stream& stream, std::string head, std::string_view body, std::unique_ptr<BodySource>, Events events)
    : stream_(stream),
      first_(std::move(head)),
      head_size_(first_.size()),
      body_(body),
      inlined_(body.size() <= kInlineBody ? body.size() : 0),
      events_(std::move(events)) {
  size_ = body.size();
}

Upload::~Upload() = default;

void Upload::release_body() { write_next(); }
void Upload::start(Body how) {
  if (how == Body::held) inlined_ = 0;
  first_ += body_.substr(0, inlined_);
  body_.remove_prefix(inlined_);
  held_ = how == Body::held;
  writing_ = first_.size();
  stream_.write(as_bytes(first_),
                [this](Expected<void> written) { on_written(std::move(written)); });
}

std::uint64_t Upload::body_bytes_sent() const {
  const std::uint64_t sent = writing_ == 0 ? done_ : done_ + stream_.bytes_accepted();
  return sent > head_size_ ? sent - head_size_ : 0;
}

void Upload::on_written(Expected<void> written) {
  const bool was_first = done_ == 0;
  if (written) done_ += std::exchange(writing_, 0);
  if (was_first && written) events_.on_head_sent();
  if (was_first && written && held_) return;
  if (!written || body_.empty()) {
    is_complete_ = written.has_value();
    Callback<void(Expected<void>)> sent = std::move(events_.on_sent);
    return sent(std::move(written));  // may destroy this
  }
  write_next();
}

void Upload::write_next() {
  const std::string_view slice = body_.substr(0, kSlice);
  body_.remove_prefix(slice.size());
  writing_ = slice.size();
  stream_.write(as_bytes(slice),
                [this](Expected<void> written) { on_written(std::move(written)); });
}

}  // namespace xtrace
