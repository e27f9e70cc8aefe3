#pragma once

/// `Script` is what a `ScriptedServer` does with one connection: steps, played in order.

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <xtrace/clock.h>

namespace xtrace::testing {

struct Step {
  enum class Kind {
    expect_text,
    expect_bytes,
    expect_end,
    send,
    send_split,
    reply,
    wait,
    turn,
    stop_reading,
    read_again,
    half_close,
    close,
    reset,
    silent,
    run,
  };

  Kind kind;
  std::string text = {};
  std::size_t bytes = 0;
  Duration delay{};
  std::function<void()> task = {};
  std::function<std::string(std::string_view)> answer = {};
};

/// Built by chaining: `server.on_connection().expect_head().wait(20ms).send(kAnswer).close()`. A
/// script that has ended leaves the connection open, and everything that arrives goes on being
/// recorded.
class Script {
 public:
  /// Wait until `text` has arrived, behind what earlier expectations took; it and all before it are
  /// then taken.
  Script& expect(std::string text) {
    return add({.kind = Step::Kind::expect_text, .text = std::move(text)});
  }
  /// Wait for the empty line that ends a request's head.
  Script& expect_head() { return expect("\r\n\r\n"); }
  /// Wait until `count` more bytes have arrived.
  Script& expect_bytes(std::size_t count) {
    return add({.kind = Step::Kind::expect_bytes, .bytes = count});
  }
  /// Wait until the peer has ended its side.
  Script& expect_end() { return add({.kind = Step::Kind::expect_end}); }
  Script& send(std::string text) {
    return add({.kind = Step::Kind::send, .text = std::move(text)});
  }
  /// Send one byte per turn of the loop, each a packet of its own.
  Script& send_split(std::string text) {
    return add({.kind = Step::Kind::send_split, .text = std::move(text)});
  }
  /// Send what `answer` makes of the text that the expectation before took.
  Script& reply(std::function<std::string(std::string_view)> answer) {
    return add({.kind = Step::Kind::reply, .answer = std::move(answer)});
  }
  /// A loop timer: never early, rounded up to milliseconds.
  Script& wait(Duration delay) { return add({.kind = Step::Kind::wait, .delay = delay}); }
  /// Let the loop turn until a peer on it has read what was sent: what is sent next comes apart.
  Script& turn() { return add({.kind = Step::Kind::turn}); }
  /// Read no more: the peer's upload stalls once the kernel's buffers are full.
  Script& stop_reading() { return add({.kind = Step::Kind::stop_reading}); }
  Script& read_again() { return add({.kind = Step::Kind::read_again}); }
  /// End our side; the peer's may go on.
  Script& half_close() { return add({.kind = Step::Kind::half_close}); }
  Script& close() { return add({.kind = Step::Kind::close}); }
  /// Close with a RST packet instead of a FIN.
  Script& reset() { return add({.kind = Step::Kind::reset}); }
  /// Say nothing from here on, and keep the connection open: steps behind this one are never
  /// played.
  Script& silent() { return add({.kind = Step::Kind::silent}); }
  /// Call the test.
  Script& run(std::function<void()> task) {
    return add({.kind = Step::Kind::run, .task = std::move(task)});
  }

  const std::vector<Step>& steps() const { return steps_; }

 private:
  Script& add(Step step) {
    steps_.push_back(std::move(step));
    return *this;
  }

  std::vector<Step> steps_;
};

}  // namespace xtrace::testing
