#include "net/file_reader.h"

#include <algorithm>
#include <cerrno>
#include <span>
#include <utility>

#include <sys/uio.h>

#include "base/assert.h"
#include "net/system_error.h"

namespace xtrace {

namespace {

constexpr std::size_t kSlice = std::size_t{512} * 1024;
// What leaves in one packet train with the head of its request, and is copied in no time.
constexpr std::size_t kSmall = std::size_t{16} * 1024;

}  // namespace

// One read of libuv's. While libuv has it, it owns itself.
struct FileReader::Slice {
  Slice(FileReader& reader, std::size_t length)
      : owner(&reader), file(reader.file_), bytes(new std::byte[length]), capacity(length) {}

  FileReader* owner;  // null once that is gone
  std::shared_ptr<const Descriptor> file;
  std::unique_ptr<std::byte[]> bytes;
  std::size_t capacity;
  std::size_t asked = 0;
  std::size_t filled = 0;
  bool is_reading = false;
  uv_fs_t request{};
};

void FileReader::Leave::operator()(Slice* slice) const noexcept {
  if (!slice->is_reading) {
    delete slice;
    return;
  }
  slice->owner = nullptr;
  uv_cancel(reinterpret_cast<uv_req_t*>(&slice->request));
}

FileReader::FileReader(Loop& loop, Descriptor file, Extent extent, std::string name)
    : loop_(loop),
      file_(std::make_shared<const Descriptor>(std::move(file))),
      extent_(extent),
      name_(std::move(name)) {}

FileReader::~FileReader() = default;

void FileReader::read(Callback<void(Expected<std::span<const std::byte>>)> on_read) {
  XTRACE_ASSERT(!on_read_);
  if (is_ended_ && !is_ready_) return on_read(std::span<const std::byte>());
  const bool is_first = slices_[0] == nullptr;
  if (is_first && !read_without_waiting()) read_ahead();
  if (is_ready_) return deliver(std::move(on_read));
  on_read_ = std::move(on_read);
}

std::size_t FileReader::next_length() const {
  if (!extent_.size || count_ > *extent_.size) return kSlice;
  const std::uint64_t left = *extent_.size - count_;
  return left < kSlice ? static_cast<std::size_t>(left) + 1 : kSlice;
}

void FileReader::read_ahead() {
  std::unique_ptr<Slice, Leave>& slice = slices_[ahead_];
  if (!slice) slice.reset(new Slice(*this, next_length()));
  submit(*slice);
}

void FileReader::submit(Slice& slice) {
  slice.asked = std::min(slice.capacity, next_length());
  slice.filled = 0;
  slice.request.data = &slice;
  uv_buf_t into =
      uv_buf_init(reinterpret_cast<char*>(slice.bytes.get()), static_cast<unsigned>(slice.asked));
  const std::int64_t at = extent_.begin ? static_cast<std::int64_t>(*extent_.begin + count_) : -1;
  const int status =
      uv_fs_read(loop_.handle(), &slice.request, file_->get(), &into, 1, at, on_slice);
  slice.is_reading = status == 0;
  if (status != 0) settle(status);
}

void FileReader::on_slice(uv_fs_t* request) noexcept {
  auto* slice = static_cast<Slice*>(request->data);
  const std::int64_t result = request->result;
  uv_fs_req_cleanup(request);
  slice->is_reading = false;
  FileReader* self = slice->owner;
  if (self == nullptr) {
    delete slice;
    return;
  }
  if (result == UV_EINTR) {
    self->submit(*slice);
  } else {
    self->settle(result);
  }
  if (self->is_ready_ && self->on_read_) self->deliver(std::move(self->on_read_));
}

// The system's cache answers without a thread, and the body leaves together with its head.
bool FileReader::read_without_waiting() {
#ifdef RWF_NOWAIT
  if (!extent_.begin || !extent_.size || *extent_.size > kSmall) return false;
  slices_[ahead_].reset(new Slice(*this, next_length()));
  Slice& slice = *slices_[ahead_];
  slice.asked = slice.capacity;
  const iovec into{.iov_base = slice.bytes.get(), .iov_len = slice.asked};
  const auto at = static_cast<off_t>(*extent_.begin);
  const ssize_t count = preadv2(file_->get(), &into, 1, at, RWF_NOWAIT);
  // Less than all may be all that the cache has.
  if (count < 0 || static_cast<std::uint64_t>(count) < *extent_.size) return false;
  settle(count);
  return true;
#else
  return false;
#endif
}

// What is ahead is known. A regular file gives less than it was asked for only at its end.
void FileReader::settle(std::int64_t result) {
  is_ready_ = true;
  if (result < 0) {
    failure_ = Error{Error::Code::body_source_failed, Phase::request,
                     system_message("read", name_, static_cast<int>(-result))};
    return;
  }
  Slice& slice = *slices_[ahead_];
  slice.filled = static_cast<std::size_t>(result);
  count_ += slice.filled;
  is_ended_ = slice.filled == 0 || (extent_.begin && extent_.size && slice.filled < slice.asked);
}

void FileReader::deliver(Callback<void(Expected<std::span<const std::byte>>)> on_read) {
  if (failure_) return on_read(*failure_);
  const Slice& slice = *slices_[ahead_];
  const std::span<const std::byte> piece(slice.bytes.get(), slice.filled);
  if (piece.empty()) return on_read(piece);
  ahead_ = 1 - ahead_;
  is_ready_ = false;
  if (!is_ended_) read_ahead();
  on_read(piece);  // may destroy this
}

}  // namespace xtrace
