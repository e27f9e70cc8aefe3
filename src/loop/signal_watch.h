#pragma once

/// `SignalWatch` calls back once, on the loop's thread, when the process gets a signal. The signal
/// after that one does what it does by default: a second Ctrl-C kills a program that is still busy
/// with the first.
///
/// A signal that the process was started to ignore (a job in the background of a shell script,
/// `nohup`) stays ignored. Destroying the watch gives the signal its default back. It does not keep
/// the loop running.

#include <xtrace/callback.h>
#include <xtrace/loop.h>

#include "loop/uv_handle.h"

namespace xtrace {

class SignalWatch {
 public:
  SignalWatch(Loop& loop, int signal, Callback<void()> on_signal);
  SignalWatch(const SignalWatch&) = delete;
  SignalWatch& operator=(const SignalWatch&) = delete;
  ~SignalWatch();

 private:
  static void on_uv_signal(uv_signal_t* handle, int signal) noexcept;

  UvPtr<uv_signal_t> handle_;
  Callback<void()> on_signal_;
};

}  // namespace xtrace
