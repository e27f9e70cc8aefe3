#pragma once

/// `Callback<R(Args...)>` is a move-only callable, so that a callback may own what it needs (a
/// `unique_ptr`, a socket).
///
/// Captures up to 48 bytes live inside the object; larger ones are put on the heap. An empty
/// `Callback` tests false and must not be called; one made of an empty function (a null pointer, an
/// empty `std::function`) is empty. Unlike `std::function` it is never copied, and the call
/// operator is not `const`.

#include <cstddef>
#include <new>
#include <type_traits>
#include <utility>

namespace xtrace {

template <class Signature>
class Callback;

template <class Result, class... Args>
class Callback<Result(Args...)> {
 public:
  static constexpr std::size_t kInlineBytes = 48;

  Callback() = default;
  /// `callback = nullptr` clears it.
  Callback(std::nullptr_t) {}

  // The requirement keeps copies and moves out, which clang-tidy 14 does not see.
  // NOLINTBEGIN(bugprone-forwarding-reference-overload)
  template <class Function>
  requires(!std::is_same_v<std::remove_cvref_t<Function>, Callback> &&
           std::is_invocable_r_v<Result, std::decay_t<Function>&, Args...>)
      Callback(Function&& function) {
    using Stored = std::decay_t<Function>;
    if constexpr (can_be_empty<Function>()) {
      if (!static_cast<bool>(function)) return;
    }
    if constexpr (fits_inline<Stored>()) {
      ::new (static_cast<void*>(storage_)) Stored(std::forward<Function>(function));
      table_ = &kInlineTable<Stored>;
    } else {
      ::new (static_cast<void*>(storage_)) Stored*(new Stored(std::forward<Function>(function)));
      table_ = &kHeapTable<Stored>;
    }
  }
  // NOLINTEND(bugprone-forwarding-reference-overload)

  Callback(Callback&& other) noexcept { take(other); }
  Callback& operator=(Callback&& other) noexcept {
    if (this != &other) {
      reset();
      take(other);
    }
    return *this;
  }
  Callback(const Callback&) = delete;
  Callback& operator=(const Callback&) = delete;
  ~Callback() { reset(); }

  explicit operator bool() const { return table_ != nullptr; }

  Result operator()(Args... args) { return table_->call(storage_, std::forward<Args>(args)...); }

 private:
  struct Table {
    Result (*call)(void*, Args&&...);
    void (*move)(void* from, void* to) noexcept;
    void (*destroy)(void*) noexcept;
  };

  template <class Function>
  static constexpr bool can_be_empty() {
    using Stored = std::decay_t<Function>;
    return !std::is_function_v<std::remove_reference_t<Function>> &&
           std::is_constructible_v<Stored, std::nullptr_t> &&
           std::is_constructible_v<bool, Stored&>;
  }

  template <class Stored>
  static constexpr bool fits_inline() {
    return sizeof(Stored) <= kInlineBytes && alignof(Stored) <= alignof(std::max_align_t) &&
           std::is_nothrow_move_constructible_v<Stored>;
  }

  template <class Stored>
  static Result invoke(Stored& function, Args&&... args) {
    if constexpr (std::is_void_v<Result>) {
      static_cast<void>(function(std::forward<Args>(args)...));
    } else {
      return function(std::forward<Args>(args)...);
    }
  }

  template <class Stored>
  static constexpr Table kInlineTable{
      [](void* at, Args&&... args) -> Result {
        return invoke(*static_cast<Stored*>(at), std::forward<Args>(args)...);
      },
      [](void* from, void* to) noexcept {
        ::new (to) Stored(std::move(*static_cast<Stored*>(from)));
        static_cast<Stored*>(from)->~Stored();
      },
      [](void* at) noexcept { static_cast<Stored*>(at)->~Stored(); }};

  template <class Stored>
  static constexpr Table kHeapTable{
      [](void* at, Args&&... args) -> Result {
        return invoke(**static_cast<Stored**>(at), std::forward<Args>(args)...);
      },
      [](void* from, void* to) noexcept { ::new (to) Stored*(*static_cast<Stored**>(from)); },
      [](void* at) noexcept { delete *static_cast<Stored**>(at); }};

  void reset() noexcept {
    if (table_ == nullptr) return;
    const Table* table = std::exchange(table_, nullptr);
    table->destroy(storage_);
  }

  void take(Callback& other) noexcept {
    table_ = std::exchange(other.table_, nullptr);
    if (table_ != nullptr) table_->move(other.storage_, storage_);
  }

  alignas(std::max_align_t) std::byte storage_[kInlineBytes];
  const Table* table_ = nullptr;
};

}  // namespace xtrace
