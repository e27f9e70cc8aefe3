#include <xtrace/loop_flush.h>

#include "loop/turn_end.h"

namespace xtrace {

struct LoopFlush::Impl {
  Impl(Loop& loop, Emitter& target)
      : emitter(target),
        flushed(target.stats().documents),
        turn_end(loop, [this] { flush_new(); }) {}

  void flush_new() {
    const std::uint64_t documents = emitter.stats().documents;
    if (documents == flushed) return;
    flushed = documents;
    emitter.flush();
  }

  Emitter& emitter;
  std::uint64_t flushed;  // so many documents had been emitted when it was flushed last
  TurnEnd turn_end;
};

LoopFlush::LoopFlush(Loop& loop, Emitter& emitter) : impl_(std::make_unique<Impl>(loop, emitter)) {}

LoopFlush::~LoopFlush() = default;

}  // namespace xtrace
