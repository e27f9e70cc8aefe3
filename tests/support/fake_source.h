#pragma once

/// `FakeSource` is a `BodySource` that the test feeds: at once from a script, or later by hand.

#include <deque>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include <doctest/doctest.h>

#include <xtrace/body.h>
#include <xtrace/http.h>

namespace xtrace::testing {

/// What the test and the source share; it outlives the source.
struct FakeSourceState {
  std::deque<std::string> ready;  ///< Given at once, in turn; an empty one is the end.
  std::optional<std::uint64_t> size;
  std::optional<Headers> trailers;
  std::string lent;  ///< What the last `read` gave; spoilt by the next.
  int reads = 0;
  bool is_gone = false;
  Callback<void(Expected<std::span<const std::byte>>)> on_read;  ///< Waiting.

  /// Bytes that came later.
  void give(std::string_view text) {
    REQUIRE(on_read);
    lent = text;
    auto waiting = std::move(on_read);
    waiting(std::as_bytes(std::span(lent)));
  }
  void give_error(Error error) {
    REQUIRE(on_read);
    auto waiting = std::move(on_read);
    waiting(std::move(error));
  }
};

class FakeSource final : public BodySource {
 public:
  explicit FakeSource(FakeSourceState& state) : state_(state) {}
  FakeSource(const FakeSource&) = delete;
  FakeSource& operator=(const FakeSource&) = delete;
  ~FakeSource() override {
    state_.is_gone = true;
    state_.on_read = nullptr;
  }

  std::optional<std::uint64_t> size() const override { return state_.size; }
  void read(Callback<void(Expected<std::span<const std::byte>>)> on_read) override {
    REQUIRE_FALSE(state_.on_read);
    ++state_.reads;
    state_.lent.assign(state_.lent.size(), '?');
    state_.on_read = std::move(on_read);
    if (state_.ready.empty()) return;
    const std::string next = state_.ready.front();
    state_.ready.pop_front();
    if (next == kFailure) return state_.give_error(failure());
    state_.give(next);
  }
  const Headers* trailers() const override { return state_.trailers ? &*state_.trailers : nullptr; }

  static constexpr std::string_view kFailure = "(fails)";
  static Error failure() {
    return {Error::Code::body_source_failed, Phase::request, "the well is dry"};
  }

 private:
  FakeSourceState& state_;
};

}  // namespace xtrace::testing
