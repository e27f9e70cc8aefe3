#include "cli/line_outlet.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <utility>

#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

namespace xtrace::cli {

namespace {

using std::chrono::milliseconds;

constexpr Duration kLookAgain = milliseconds(20);
constexpr Duration kReaderWatch = milliseconds(500);
// A pipe that says it can be written to takes so much without waiting (PIPE_BUF).
constexpr std::size_t kPiece = 4096;

bool may_lose_reader(int descriptor) {
  struct stat facts {};
  return fstat(descriptor, &facts) == 0 && (S_ISFIFO(facts.st_mode) || S_ISSOCK(facts.st_mode));
}

}  // namespace

LineOutlet::LineOutlet(Loop& loop, int descriptor, std::function<void()> on_end)
    : descriptor_(descriptor), on_end_(std::move(on_end)), again_(loop), watch_(loop) {
  if (may_lose_reader(descriptor)) watch_.arm_every(kReaderWatch, [this] { look_for_reader(); });
}

LineOutlet::~LineOutlet() = default;

void LineOutlet::put(std::string_view lines) {
  if (state_ != State::open) return;
  if (held_.size() - written_ + lines.size() > kMostHeld) {
    ++lost_;
    return;
  }
  held_ += lines;
  write_on();
}

void LineOutlet::write_on() {
  while (state_ == State::open && written_ < held_.size()) {
    if (!has_room(0)) {
      again_.arm(kLookAgain, [this] { write_on(); });
      break;
    }
    const std::size_t size = std::min(held_.size() - written_, kPiece);
    const ssize_t written = write(descriptor_, held_.data() + written_, size);
    if (written >= 0) {
      written_ += static_cast<std::size_t>(written);
    } else if (errno == EPIPE) {
      end(State::closed, 0);
    } else if (errno != EINTR && errno != EAGAIN) {
      end(State::failed, errno);
    }
  }
  // Moving the rest each time would take as long as writing it.
  if (written_ < held_.size() / 2) return;
  held_.erase(0, std::exchange(written_, 0));
}

void LineOutlet::finish(Duration limit) {
  const Tick end = tick_after(limit);
  watch_.disarm();
  write_on();
  while (state_ == State::open && written_ < held_.size()) {
    const auto left = std::chrono::ceil<milliseconds>(end - tick_now()).count();
    if (left <= 0) break;
    if (has_room(static_cast<int>(left))) write_on();
  }
  again_.disarm();
}

bool LineOutlet::has_room(int wait_milliseconds) const {
  pollfd watched{.fd = descriptor_, .events = POLLOUT, .revents = 0};
  // An error is found by writing.
  return poll(&watched, 1, wait_milliseconds) > 0;
}

void LineOutlet::look_for_reader() {
  pollfd watched{.fd = descriptor_, .events = 0, .revents = 0};
  if (poll(&watched, 1, 0) > 0 && (watched.revents & (POLLERR | POLLHUP)) != 0) {
    end(State::closed, 0);
  }
}

void LineOutlet::end(State state, int reason) {
  state_ = state;
  reason_ = reason;
  watch_.disarm();
  again_.disarm();
  if (on_end_) std::exchange(on_end_, nullptr)();
}

}  // namespace xtrace::cli
