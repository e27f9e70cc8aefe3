#pragma once

/// What the tests of `Socket` share: a connected stream, and the two ends of it that remember.

#include <array>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include <doctest/doctest.h>

#include "net/connector.h"
#include "support/test_loop.h"

namespace xtrace::testing {

struct SilentObserver final : DialObserver {
  void on_dial_start(std::size_t, const Address&, Tick) override {}
  void on_dial_done(std::size_t, const Address&, Tick, const Error*) override {}
  void on_dial_abandoned(std::size_t, const Address&, Tick) override {}
};

inline std::unique_ptr<Stream> connected(TestLoop& loop, const Address& address) {
  SilentObserver observer;
  std::unique_ptr<Stream> stream;
  const auto connecting =
      connect_to(loop, std::array{address}, {}, observer, [&stream](auto result) {
        REQUIRE(result.has_value());
        stream = std::move(result).value();
      });
  loop.run_until([&stream] { return stream != nullptr; });
  return stream;
}

inline std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text));
}

/// Reads everything and remembers how it ended.
struct Reader {
  std::string text;
  int pieces = 0;
  bool ended = false;
  std::optional<Error> error;
  Flow answer = Flow::proceed;

  void read(Stream& stream) {
    stream.start_reading([this](Expected<std::span<const std::byte>> piece) {
      if (const auto* failed = piece.if_error()) {
        error = *failed;
      } else if (piece->empty()) {
        ended = true;
      } else {
        text.append(reinterpret_cast<const char*>(piece->data()), piece->size());
        ++pieces;
      }
      return answer;
    });
  }
};

struct Writer {
  std::optional<Expected<void>> result;

  void write(Stream& stream, std::string_view text) {
    stream.write(bytes_of(text), [this](Expected<void> with) { result.emplace(std::move(with)); });
  }
  bool is_done() const { return result.has_value(); }
};

}  // namespace xtrace::testing
