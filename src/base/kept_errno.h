#pragma once

/// `KeptErrno` gives `errno` back as it was. What ends a segment is often a destructor, which runs
/// between the host's own system call and its look at what that left.

#include <cerrno>

namespace xtrace {

class KeptErrno {
 public:
  KeptErrno() : kept_(errno) {}
  KeptErrno(const KeptErrno&) = delete;
  KeptErrno& operator=(const KeptErrno&) = delete;
  ~KeptErrno() { errno = kept_; }

 private:
  int kept_;
};

}  // namespace xtrace
