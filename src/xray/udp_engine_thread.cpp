// The thread of a `UdpEngine`: when it is woken, what it does, and what a fork does to it.

#include <algorithm>
#include <chrono>
#include <new>
#include <utility>

#include "xray/quiet_thread.h"
#include "xray/udp_engine.h"

namespace xtrace {

/// Sees to it that what is queued is due. True where the thread must be told, which the caller does
/// behind the lock.
bool UdpEngine::schedule() {
  if (ledger_.is_empty() || is_closing_) return false;
  if (due_ == Tick::max() && !is_blocked_) due_ = tick_now() + options_.max_delay;
  if (std::min(due_, refresh_at_) >= wakes_at_) return false;
  wakes_at_ = Tick::min();
  return true;
}

/// Starts it where there is none. Where none can be had, those who emit send what is due, and try
/// again.
void UdpEngine::wake_thread() {
  const std::scoped_lock starting{starting_};
  {
    const std::scoped_lock lock{mutex_};
    if (is_closing_) return;
  }
  const bool is_new = !has_thread_;
  if (is_new) has_thread_ = start_quiet_thread(thread_, &UdpEngine::thread_body, this) == 0;
  const std::scoped_lock lock{mutex_};
  is_alone_ = !has_thread_;
  if (is_alone_) wakes_at_ = Tick::max();
  if (!is_new) wake_.notify_one();
}

/// Holds no lock while it waits, for the thread may need what others hold who wait for that lock: a
/// fork, or a lookup that has ended. No other thread begins any more.
void UdpEngine::join_thread() {
  {
    const std::scoped_lock starting{starting_};
    if (!std::exchange(has_thread_, false)) return;
  }
  ::pthread_join(thread_, nullptr);
}

bool UdpEngine::has_thread() {
  const std::scoped_lock starting{starting_};
  return has_thread_;
}

void* UdpEngine::thread_body(void* engine) {
  static_cast<UdpEngine*>(engine)->run_thread();
  return nullptr;
}

void UdpEngine::run_thread() {
  std::unique_lock lock{mutex_};
  while (!is_closing_) {
    const Tick next = std::min(due_, refresh_at_);
    if (tick_now() < next) {
      wakes_at_ = next;
      if (next == Tick::max()) {
        wake_.wait(lock);
      } else {
        wake_.wait_until(lock, next);
      }
      wakes_at_ = Tick::min();
      continue;
    }
    lock.unlock();
    {
      const std::scoped_lock pumping{pumping_};
      run_pump(UdpPump::kTurn);
    }
    lock.lock();
  }
}

/// Runs in a lookup's thread. Who waits in `settle_until` sees to the rest; else the thread must.
void UdpEngine::on_news() {
  bool wakes = false;
  {
    const std::scoped_lock lock{mutex_};
    due_ = Tick::min();
    settled_.notify_all();
    wakes = waiting_ == 0 && schedule();
    wake_.notify_one();
  }
  if (wakes) wake_thread();
}

void UdpEngine::before_fork() {
  pumping_.lock();
  pump_.lock();
  starting_.lock();
  mutex_.lock();
}

void UdpEngine::after_fork_in_parent() {
  mutex_.unlock();
  starting_.unlock();
  pump_.unlock();
  pumping_.unlock();
}

// What the vanished threads waited on cannot be destroyed, for that would wait for them.
void UdpEngine::after_fork_in_child() {
  new (&settled_) std::condition_variable;
  new (&wake_) std::condition_variable;
  has_thread_ = false;
  is_alone_ = false;
  wakes_at_ = Tick::max();
  waiting_ = 0;
  is_blocked_ = false;
  due_ = Tick::max();
  refresh_at_ = Tick::max();
  ledger_.reset();
  mutex_.unlock();
  starting_.unlock();
  pump_.unlock();
  pump_.begin_anew();
  pumping_.unlock();
}

}  // namespace xtrace
