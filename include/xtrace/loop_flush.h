#pragma once

/// `LoopFlush` flushes an emitter at the end of each turn of a loop in which something was emitted:
/// what one turn recorded leaves together, in one system call and without waiting for the emitter's
/// own delay.
///
/// It does not keep the loop running.

#include <memory>

#include <xtrace/emitter.h>
#include <xtrace/loop.h>

namespace xtrace {

class LoopFlush {
 public:
  /// On the loop's thread. Loop and emitter outlive it.
  LoopFlush(Loop& loop, Emitter& emitter);
  LoopFlush(const LoopFlush&) = delete;
  LoopFlush& operator=(const LoopFlush&) = delete;
  ~LoopFlush();

 private:
  struct Impl;

  std::unique_ptr<Impl> impl_;
};

}  // namespace xtrace
