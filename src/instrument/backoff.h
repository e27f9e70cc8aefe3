#pragma once

/// `Backoff` says how long to wait before trying again: twice as long each time, up to a limit, and
/// shorter by chance by up to a half, so that many processes do not come back at once.

#include <xtrace/clock.h>

namespace xtrace {

class Backoff {
 public:
  Backoff(Duration first, Duration longest) : first_(first), longest_(longest), next_(first) {}

  /// How long to wait now.
  Duration take();
  /// It worked: the next failure begins anew.
  void reset() { next_ = first_; }

 private:
  Duration first_;
  Duration longest_;
  Duration next_;
};

/// By chance, from zero to `most`, the ends included.
Duration random_up_to(Duration most);

}  // namespace xtrace
