#pragma once

/// While a `NoThreads` lives, no thread can be started in this process: `pthread_create` fails with
/// EAGAIN, as it does where a container allows no more.

#include <cstddef>

#include <doctest/doctest.h>
#include <pthread.h>

namespace xtrace::testing {

class NoThreads {
 public:
  NoThreads() {
    constexpr std::size_t kMoreThanThereIs = std::size_t{1} << 47U;  // bytes of stack
    REQUIRE(::pthread_getattr_default_np(&before_) == 0);
    pthread_attr_t attributes;
    ::pthread_attr_init(&attributes);
    ::pthread_attr_setstacksize(&attributes, kMoreThanThereIs);
    REQUIRE(::pthread_setattr_default_np(&attributes) == 0);
    ::pthread_attr_destroy(&attributes);
  }
  NoThreads(const NoThreads&) = delete;
  NoThreads& operator=(const NoThreads&) = delete;
  ~NoThreads() {
    ::pthread_setattr_default_np(&before_);
    ::pthread_attr_destroy(&before_);
  }

 private:
  pthread_attr_t before_{};
};

}  // namespace xtrace::testing
