#pragma once

/// Bodies that are made while they are sent: files, pipes, anything too large or too late to be a
/// string.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include <xtrace/callback.h>
#include <xtrace/expected.h>
#include <xtrace/loop.h>

namespace xtrace {

class Headers;

/// What a receiver of bytes answers: go on, or stop until it says so.
enum class Flow : bool { pause, proceed };

/// The body of one attempt while it is sent. Made, used and destroyed on the loop's thread; one
/// `read` at a time. Destroying it silences it.
class BodySource {
 public:
  BodySource() = default;
  BodySource(const BodySource&) = delete;
  BodySource& operator=(const BodySource&) = delete;
  virtual ~BodySource() = default;

  /// All bytes there will be; then the request has a Content-Length, and a source that gives more
  /// or fewer fails it (`body_source_failed`). Without, the body is chunked (RFC 9112 section 7.1).
  virtual std::optional<std::uint64_t> size() const = 0;

  /// Get the next bytes. `on_read` runs once, on a later turn or at once from inside `read`, with
  /// bytes that stay valid until the next `read` or the end of the source; with an empty span at
  /// the end; or with an error, which fails the request. It may destroy the source. Whoever sends
  /// does not read on before the kernel took what was read: that is the back-pressure.
  virtual void read(Callback<void(Expected<std::span<const std::byte>>)> on_read) = 0;

  /// The trailer fields of a chunked body (RFC 9110 section 6.5), asked for once, after its last
  /// byte; null for none. A source with a `size` is not asked.
  virtual const Headers* trailers() const { return nullptr; }
};

/// Where a body comes from: a recipe, so that it can be sent again (to a redirect's target, on a
/// new connection, by a later attempt). Copies share nothing but the recipe.
struct BodySupply {
  /// Makes the body for one attempt. Errors fail the request before anything is sent.
  std::function<Expected<std::unique_ptr<BodySource>>(Loop&)> open{};
  /// Whether `open` gives the same bytes each time. False for a pipe: then the request is sent
  /// once.
  bool is_repeatable = true;
};

/// A file, read on libuv's threads while it is sent. Its size is taken when it is opened; a file
/// that shrinks or grows meanwhile fails the request. Anything but a regular file (a FIFO, a
/// device) is chunked and not repeatable; a file that the kernel makes up (/proc) is chunked.
/// Errors of `open`: `body_source_failed`, naming the file and the reason.
BodySupply file_body(std::string path);

/// A descriptor that the caller keeps open until the request is over, stdin for example: a regular
/// file from its offset, which stays; else chunked and not repeatable. `name` is for messages.
BodySupply descriptor_body(int descriptor, std::string name);

}  // namespace xtrace
