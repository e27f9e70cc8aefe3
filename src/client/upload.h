#pragma once

/// `Upload` writes the head and the body of a request to a stream, slice by slice, and knows how
/// far it got.
///
/// A small body leaves together with the head, in one segment and one TLS record. The stream's
/// write callback points here, so the stream is destroyed before the upload or together with it.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <xtrace/callback.h>
#include <xtrace/clock.h>
#include <xtrace/expected.h>

#include "net/stream.h"

namespace xtrace {

class Upload {
 public:
  struct Events {
    Callback<void()> on_head_sent;  ///< The kernel took the last byte of the head.
    Callback<void(Expected<void>)>
        on_sent;  ///< ... and of the body, or the first error. Runs once.
  };

  enum class Body { held, follows };
  /// `stream` and `body` outlive the upload.
  Upload(Stream& stream, std::string head, std::string_view body, std::unique_ptr<BodySource>, Events events);
  Upload(const Upload&) = delete;
  Upload& operator=(const Upload&) = delete;
  ~Upload();

  void start(Body how);
  void release_body();
  bool is_complete() const { return is_complete_; }
  bool has_sent_anything() const { return done_ + (writing_ == 0 ? 0 : stream_.bytes_accepted()) > 0; }
  std::optional<std::uint64_t> body_size() const { return size_; }

  std::size_t head_size() const { return head_size_; }
  /// Body bytes the kernel has taken.
  std::uint64_t body_bytes_sent() const;

 private:
  void write_next();
  void on_written(Expected<void> written);

  Stream& stream_;
  std::string first_;  // the head, with the body behind it where that is small
  std::size_t head_size_;
  std::string_view body_;   // what of the body is not in `first_`
  std::size_t inlined_;     // bytes of the body that are
  std::uint64_t done_ = 0;  // bytes of finished writes
  std::size_t writing_ = 0;
  Events events_;
  bool is_complete_ = false;
  bool held_ = false;
  std::uint64_t size_ = 0;
};

}  // namespace xtrace
