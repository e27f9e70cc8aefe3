#include "loop/turn_end.h"

#include <utility>

namespace xtrace {

TurnEnd::TurnEnd(Loop& loop, Callback<void()> on_end)
    : prepare_(new uv_prepare_t{}),
      check_(new uv_check_t{}),
      on_end_(std::make_shared<Callback<void()>>(std::move(on_end))) {
  uv_prepare_init(loop.handle(), prepare_.get());
  uv_check_init(loop.handle(), check_.get());
  prepare_->data = this;
  check_->data = this;
  uv_unref(reinterpret_cast<uv_handle_t*>(prepare_.get()));
  uv_unref(reinterpret_cast<uv_handle_t*>(check_.get()));
  uv_prepare_start(prepare_.get(), on_prepare);
  uv_check_start(check_.get(), on_check);
}

TurnEnd::~TurnEnd() = default;

// Timers run before the loop waits, and what they did must not wait with it.
void TurnEnd::on_prepare(uv_prepare_t* handle) noexcept {
  const auto* self = owner_of<TurnEnd>(handle);
  if (self == nullptr) return;
  const auto on_end = self->on_end_;
  (*on_end)();
}

void TurnEnd::on_check(uv_check_t* handle) noexcept {
  const auto* self = owner_of<TurnEnd>(handle);
  if (self == nullptr) return;
  const auto on_end = self->on_end_;
  (*on_end)();
}

}  // namespace xtrace
