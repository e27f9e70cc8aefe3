#include "xray/c_handle.h"

#include <array>

namespace xtrace {

namespace {

/// What a thread keeps so that begun and ended segments cost no allocation. Without a lock, so a
/// fork does it no harm.
class ThreadStore {
 public:
  ThreadStore() {
    lent.kind = xtrace_segment::Kind::lent;
    lent.context = &lent.reference;
  }
  ThreadStore(const ThreadStore&) = delete;
  ThreadStore& operator=(const ThreadStore&) = delete;
  ~ThreadStore() {
    is_gone = true;
    while (count_ > 0) delete handles_[--count_];
  }

  bool put(xtrace_segment* handle) {
    if (count_ == handles_.size()) return false;
    handles_[count_++] = handle;
    return true;
  }
  xtrace_segment* take() { return count_ > 0 ? handles_[--count_] : nullptr; }

  std::string text{};
  xtrace_segment lent{};

  /// Outlives the store, for what ends after it when a thread does.
  static thread_local constinit bool is_gone;

 private:
  std::array<xtrace_segment*, 32> handles_{};
  std::size_t count_ = 0;
};

thread_local constinit bool ThreadStore::is_gone = false;

ThreadStore* thread_store() {
  thread_local ThreadStore store;
  return ThreadStore::is_gone ? nullptr : &store;
}

}  // namespace

xtrace_segment& take_handle() {
  ThreadStore* mine = thread_store();
  xtrace_segment* handle = mine == nullptr ? nullptr : mine->take();
  return handle == nullptr ? *new xtrace_segment : *handle;
}

void give_handle_back(xtrace_segment& handle) {
  handle.scope.reset();
  handle.segment = {};
  handle.subsegment = {};
  handle.reference = {};
  handle.was_asked = false;
  handle.context = nullptr;
  handle.current = nullptr;
  handle.outer = nullptr;
  ThreadStore* mine = thread_store();
  if (mine == nullptr || !mine->put(&handle)) delete &handle;
}

std::string* scratch_text() {
  ThreadStore* mine = thread_store();
  return mine == nullptr ? nullptr : &mine->text;
}

xtrace_segment* lent_handle() {
  ThreadStore* mine = thread_store();
  return mine == nullptr ? nullptr : &mine->lent;
}

std::size_t put_text(std::string_view text, char* buffer, std::size_t size) {
  if (buffer == nullptr || size == 0) return text.size();
  const std::size_t written = text.size() < size ? text.size() : 0;
  text.copy(buffer, written);
  buffer[written] = '\0';
  return text.size();
}

bool fail(xtrace_error* error, const Error& reason) {
  if (error == nullptr) return false;
  error->code = static_cast<int>(reason.code);
  std::string_view message = reason.message;
  if (message.size() >= sizeof error->message) {
    message = message.substr(0, sizeof error->message - 1);
    const auto continues = [](char byte) { return (static_cast<unsigned char>(byte) >> 6U) == 2; };
    // Not through the middle of a character of UTF-8.
    while (!message.empty() && continues(reason.message[message.size()])) message.remove_suffix(1);
  }
  put_text(message, error->message, sizeof error->message);
  return false;
}

}  // namespace xtrace
