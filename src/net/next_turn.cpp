#include "net/next_turn.h"

#include <utility>

namespace xtrace {

struct NextTurn::Waiting {
  NextTurn* first = nullptr;
  NextTurn* last = nullptr;
  std::uint64_t calls = 0;

  static Waiting& of_thread() {
    static thread_local constinit Waiting waiting;
    return waiting;
  }

  void add(NextTurn& turn) {
    turn.order_ = ++calls;
    turn.previous_ = last;
    turn.next_ = nullptr;
    (last == nullptr ? first : last->next_) = &turn;
    last = &turn;
  }
  void remove(NextTurn& turn) {
    (turn.previous_ == nullptr ? first : turn.previous_->next_) = turn.next_;
    (turn.next_ == nullptr ? last : turn.next_->previous_) = turn.previous_;
  }
  NextTurn* first_on(const uv_loop_t* loop) const {
    NextTurn* turn = first;
    while (turn != nullptr && turn->handle_->loop != loop) turn = turn->next_;
    return turn;
  }
};

NextTurn::NextTurn(Loop& loop) : handle_(new uv_idle_t{}) {
  uv_idle_init(loop.handle(), handle_.get());
  handle_->data = this;
}

NextTurn::~NextTurn() {
  cancel();
}

void NextTurn::call(Callback<void()> task) {
  if (!is_pending()) {
    Waiting::of_thread().add(*this);
    uv_idle_start(handle_.get(), on_idle);
  }
  task_ = std::move(task);
}

void NextTurn::cancel() {
  if (!is_pending()) return;
  Waiting::of_thread().remove(*this);
  uv_idle_stop(handle_.get());
  task_ = nullptr;
}

// libuv begins with the handle that was started last. So whichever comes first runs those that were
// called before it, and itself; what they call waits for the turn after.
void NextTurn::on_idle(uv_idle_t* handle) noexcept {
  const auto* self = owner_of<NextTurn>(handle);
  if (self == nullptr) return;
  const uv_loop_t* loop = handle->loop;
  const std::uint64_t last = self->order_;
  const Waiting& waiting = Waiting::of_thread();
  NextTurn* turn = waiting.first_on(loop);
  while (turn != nullptr && turn->order_ <= last) {
    turn->run();
    turn = waiting.first_on(loop);
  }
}

void NextTurn::run() {
  Callback<void()> task = std::move(task_);
  Waiting::of_thread().remove(*this);
  uv_idle_stop(handle_.get());
  task();
}

}  // namespace xtrace
