#pragma once

/// `Life` is a member of an object that may be destroyed while it is calling others: whoever calls
/// holds a `Life::Watch` on the stack and asks it before touching the object again. Costs two
/// pointers and no allocation; for one thread.

namespace xtrace {

class Life {
 public:
  class Watch {
   public:
    explicit Watch(Life& life) : life_(&life), outer_(life.watches_) { life.watches_ = this; }
    Watch(const Watch&) = delete;
    Watch& operator=(const Watch&) = delete;
    ~Watch() {
      if (life_ != nullptr) life_->watches_ = outer_;
    }

    bool is_over() const { return life_ == nullptr; }

   private:
    friend class Life;
    Life* life_;
    Watch* outer_;
  };

  Life() = default;
  Life(const Life&) = delete;
  Life& operator=(const Life&) = delete;
  ~Life() {
    for (Watch* watch = watches_; watch != nullptr; watch = watch->outer_) watch->life_ = nullptr;
  }

 private:
  Watch* watches_ = nullptr;  // the innermost first: they end in the reverse order
};

}  // namespace xtrace
