#pragma once

/// `ForwardQueue` keeps the documents that are to be forwarded, in bounded memory: where there is
/// no more room the oldest go, and are counted.

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>

namespace xtrace::collect {

class ForwardQueue {
 public:
  explicit ForwardQueue(std::size_t most_bytes) : most_bytes_(most_bytes) {}

  void push(std::string_view document);
  /// The oldest one; there has to be one.
  std::string pop();
  bool is_empty() const { return documents_.empty(); }
  std::size_t size() const { return documents_.size(); }
  std::size_t bytes() const { return bytes_; }
  /// Pushed out by newer ones.
  std::uint64_t dropped() const { return dropped_; }
  /// Forgets all of them, and how many that were.
  std::size_t clear();

 private:
  static std::size_t weight_of(std::string_view document);

  const std::size_t most_bytes_;
  std::deque<std::string> documents_;
  std::size_t bytes_ = 0;
  std::uint64_t dropped_ = 0;
};

}  // namespace xtrace::collect
