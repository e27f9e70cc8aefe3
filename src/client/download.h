#pragma once
#include <memory>

#include <xtrace/body.h>
#include <xtrace/client_config.h>

#include "http/body_decoder.h"
#include "net/next_turn.h"
namespace xtrace {
class Download {
 public:
  struct Events {
    Callback<void()> on_writable;
    Callback<void(const Error&)> on_failed;
  };
  explicit Download(Loop& l) : turn_(l) {}
  void begin(Callback<Expected<Flow>(std::span<const std::byte>)> c, std::unique_ptr<BodyDecoder>,
             const Decoding&, Events e) {
    c_ = std::move(c);
    e_ = std::move(e);
  }
  Expected<void> take(std::span<const std::byte> p) {
    n_ += p.size();
    auto f = c_(p);
    if (!f) return f.error();
    if (*f == Flow::pause) paused_ = true;
    return {};
  }
  bool is_paused() const { return paused_; }
  void resume() {
    if (!paused_) return;
    paused_ = false;
    if (end_)
      turn_.call([this] {
        auto e = std::move(end_);
        e(Expected<void>());
      });
    else
      e_.on_writable();
  }
  void end(Callback<void(Expected<void>)> e) {
    if (paused_) {
      end_ = std::move(e);
      return;
    }
    e(Expected<void>());
  }
  void abandon() { turn_.cancel(); }
  std::uint64_t delivered() const { return n_; }
  Callback<Expected<Flow>(std::span<const std::byte>)> c_;
  Events e_;
  bool paused_ = false;
  std::uint64_t n_ = 0;
  Callback<void(Expected<void>)> end_;
  NextTurn turn_;
};
}  // namespace xtrace
