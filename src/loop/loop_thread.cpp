#include <future>
#include <memory>

#include <uv.h>

#include <xtrace/loop.h>

#include "base/assert.h"
#include "loop/timer.h"

namespace xtrace {

LoopThread::LoopThread() {
  // Shared, for set_value may still be returning when the constructor has what it waits for.
  const auto started = std::make_shared<std::promise<Loop*>>();
  std::future<Loop*> loop = started->get_future();
  thread_ = std::thread([started] {
    Loop own;
    Timer keep_alive(own);  // an idle loop would end at once
    keep_alive.arm_every(std::chrono::hours(24), [] {});
    started->set_value(&own);
    own.run();
  });
  loop_ = loop.get();
}

LoopThread::~LoopThread() {
  XTRACE_ASSERT(!loop_->is_loop_thread());
  // Posted last, so everything posted before has run by then.
  loop_->post([loop = loop_] { uv_stop(loop->handle()); });
  thread_.join();
}

}  // namespace xtrace
