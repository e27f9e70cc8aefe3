#pragma once

/// What stands behind the C interface's handles, and how its functions read what C gives them.

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <xtrace/c_segment.h>
#include <xtrace/error.h>
#include <xtrace/segment.h>

/// One of the three members is in use; which, `context` tells to those who only record.
// NOLINTNEXTLINE(readability-identifier-naming): the type that C knows
struct xtrace_segment {
  enum class Kind : std::uint8_t { segment, subsegment, reference, lent };

  Kind kind = Kind::reference;
  bool was_asked = false;  ///< The request said `Sampled=?`.
  const xtrace::SegmentContext* context = nullptr;
  xtrace::Segment segment{};
  xtrace::Subsegment subsegment{};
  xtrace::SegmentContext reference{};
  // Of one that was pushed.
  std::optional<xtrace::ContextScope> scope{};
  const xtrace::SegmentContext* current = nullptr;  ///< What `scope` made current.
  xtrace_segment* outer = nullptr;
};

namespace xtrace {

/// A handle that is empty, from those that this thread freed where there are any.
xtrace_segment& take_handle();
void give_handle_back(xtrace_segment& handle);
/// This thread's own, to lend; null where the thread is ending.
xtrace_segment* lent_handle();

Namespace namespace_of(int name_space);

inline std::string_view view_of(const char* text) {
  return text == nullptr ? std::string_view{} : std::string_view{text};
}

/// The struct as this library knows it, from one of the size that the caller's has.
template <class Struct>
Struct read_struct(const Struct* given) {
  Struct known{};
  if (given == nullptr) return known;
  const std::size_t size = given->size == 0 ? sizeof(Struct) : given->size;
  std::memcpy(&known, given, std::min(size, sizeof(Struct)));
  return known;
}

/// Whether the caller's struct is of a newer version, and makes use of that.
template <class Struct>
bool says_more(const Struct* given) {
  if (given == nullptr || given->size <= sizeof(Struct)) return false;
  const char* bytes = reinterpret_cast<const char*>(given);
  return std::any_of(bytes + sizeof(Struct), bytes + given->size,
                     [](char byte) { return byte != 0; });
}

/// Puts a text into a caller's buffer, whole or not at all, and returns its length.
std::size_t put_text(std::string_view text, char* buffer, std::size_t size);
/// The same of what `append(std::string&)` appends, without allocating where this thread is warm.
template <class Append>
std::size_t put_appended(char* buffer, std::size_t size, Append append);

/// Fills the error where there is one; false, for the caller to return.
bool fail(xtrace_error* error, const Error& reason);

/// Of this thread, for texts on their way out; null where the thread is ending.
std::string* scratch_text();

template <class Append>
std::size_t put_appended(char* buffer, std::size_t size, Append append) {
  std::string own;
  std::string* scratch = scratch_text();
  std::string& text = scratch == nullptr ? own : *scratch;
  text.clear();
  append(text);
  return put_text(text, buffer, size);
}

}  // namespace xtrace
