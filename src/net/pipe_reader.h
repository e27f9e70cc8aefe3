#pragma once

/// `PipeReader` is a body that comes when it comes: from a pipe, a terminal or a socket, read when
/// there is something.
///
/// The descriptor may be anybody's, stdin for one, and everybody who has it open shares its
/// O_NONBLOCK flag, which libuv would set. Hence an epoll instance of our own watches the
/// descriptor and libuv watches that: no flag is touched, and the host may watch the same
/// descriptor on the same loop.

#include <array>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>

#include <uv.h>

#include <xtrace/body.h>
#include <xtrace/loop.h>

#include "net/descriptor.h"
#include "net/pollable.h"

namespace xtrace {

class PipeReader final : public BodySource {
 public:
  /// What tells when `pipe` has something; nothing where it cannot be watched, as a regular file
  /// and some devices cannot.
  static std::optional<Pollable> watch(Loop& loop, const Descriptor& pipe);

  /// `readiness` watches `pipe`; `name` is for messages.
  PipeReader(Descriptor pipe, Pollable readiness, std::string name);
  PipeReader(const PipeReader&) = delete;
  PipeReader& operator=(const PipeReader&) = delete;
  ~PipeReader() override;

  std::optional<std::uint64_t> size() const override { return std::nullopt; }
  /// What is there already is given at once. Errors: `body_source_failed`.
  void read(Callback<void(Expected<std::span<const std::byte>>)> on_read) override;

 private:
  static constexpr std::size_t kCapacity = std::size_t{64} * 1024;  // what a pipe holds

  static void on_event(uv_poll_t* handle, int status, int events) noexcept;
  /// False where nothing has come: `on_read_` waits on.
  bool read_now();

  Descriptor pipe_;
  Pollable readiness_;
  const std::string name_;
  const std::unique_ptr<std::array<std::byte, kCapacity>> bytes_;
  Callback<void(Expected<std::span<const std::byte>>)> on_read_;
};

}  // namespace xtrace
