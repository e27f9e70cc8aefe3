#pragma once

/// `UvPtr<T>` owns a libuv handle and may be destroyed at any moment, also inside the handle's own
/// callback.
///
/// libuv frees late (`uv_close` needs one more turn), C++ wants to die now. So the handle lives on
/// the heap; destroying the pointer nulls `data`, calls `uv_close`, and the close callback deletes
/// the memory. Every trampoline starts with `if (handle->data == nullptr) return;`: the owner is
/// gone.

#include <memory>

#include <uv.h>

namespace xtrace {

struct CloseUv {
  template <class Handle>
  void operator()(Handle* handle) const noexcept {
    handle->data = nullptr;
    uv_close(reinterpret_cast<uv_handle_t*>(handle),
             [](uv_handle_t* closed) { delete reinterpret_cast<Handle*>(closed); });
  }
};

/// Only for handles that were initialised with their `uv_*_init`; `uv_close` on anything else is
/// undefined.
template <class Handle>
using UvPtr = std::unique_ptr<Handle, CloseUv>;

/// The owner behind a handle or a request, or null if it is gone.
template <class Owner, class Handle>
Owner* owner_of(const Handle* handle) {
  return static_cast<Owner*>(handle->data);
}

}  // namespace xtrace
