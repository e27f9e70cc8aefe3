#include "net/next_turn.h"

#include <utility>

namespace xtrace {

NextTurn::NextTurn(Loop& loop) : handle_(new uv_idle_t{}) {
  uv_idle_init(loop.handle(), handle_.get());
  handle_->data = this;
}

NextTurn::~NextTurn() = default;

void NextTurn::call(Callback<void()> task) {
  task_ = std::move(task);
  uv_idle_start(handle_.get(), on_idle);
}

void NextTurn::cancel() {
  uv_idle_stop(handle_.get());
  task_ = nullptr;
}

void NextTurn::on_idle(uv_idle_t* handle) noexcept {
  auto* self = owner_of<NextTurn>(handle);
  if (self == nullptr) return;
  uv_idle_stop(handle);
  Callback<void()> task = std::move(self->task_);
  task();
}

}  // namespace xtrace
