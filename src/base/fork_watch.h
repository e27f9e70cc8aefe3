#pragma once

/// A `ForkWatch` is told of every `fork` of the process, so that an object with mutexes, threads or
/// sockets comes out of it whole on both sides.
///
/// In a child only the thread that called `fork` exists: a mutex that another one held stays locked
/// for good, and who waited on a condition variable waits on. So an object locks what it has before
/// the fork, unlocks it behind it, and in the child makes anew what belonged to the others.

namespace xtrace {

class ForkWatch {
 public:
  ForkWatch(const ForkWatch&) = delete;
  ForkWatch& operator=(const ForkWatch&) = delete;

 protected:
  ForkWatch() = default;
  virtual ~ForkWatch();

  /// From here on the hooks may be called, by any thread: the last line of a constructor.
  void begin_watching();
  /// From here on they are not: the first line of a destructor.
  void end_watching();

 private:
  friend struct ForkWatchers;

  virtual void before_fork() = 0;
  virtual void after_fork_in_parent() = 0;
  virtual void after_fork_in_child() = 0;

  ForkWatch* previous_ = nullptr;
  ForkWatch* next_ = nullptr;
  bool is_watching_ = false;
};

}  // namespace xtrace
