#pragma once

/// `SourceFixture` opens a body and reads it to its end; `Pipe` is one that a test fills.

#include <algorithm>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include <doctest/doctest.h>
#include <fcntl.h>
#include <unistd.h>

#include <xtrace/body.h>

#include "net/descriptor.h"
#include "support/scratch.h"
#include "support/test_loop.h"

namespace xtrace::testing {

/// No two slices of them are alike.
inline std::string many_bytes(std::size_t count) {
  std::string bytes(count, '\0');
  for (std::size_t i = 0; i < count; ++i) bytes[i] = static_cast<char>(i * 31 + i / 251);
  return bytes;
}

struct SourceFixture {
  Scratch scratch;
  TestLoop loop;
  std::unique_ptr<BodySource> source;
  std::string bytes;
  std::size_t largest = 0;
  std::optional<Error> error;
  bool is_ended = false;
  bool is_waiting = false;

  void open(const BodySupply& supply) {
    Expected<std::unique_ptr<BodySource>> opened = supply.open(loop.loop());
    REQUIRE(opened.has_value());
    source = std::move(opened).value();
    bytes.clear();
    is_ended = false;
  }
  Error failure_to_open(const BodySupply& supply) {
    const Expected<std::unique_ptr<BodySource>> opened = supply.open(loop.loop());
    REQUIRE_FALSE(opened.has_value());
    return opened.error();
  }
  void read() {
    is_waiting = true;
    source->read([this](Expected<std::span<const std::byte>> piece) {
      is_waiting = false;
      if (!piece) {
        error = piece.error();
        return;
      }
      is_ended = piece->empty();
      largest = std::max(largest, piece->size());
      bytes.append(reinterpret_cast<const char*>(piece->data()), piece->size());
    });
  }
  bool read_on() {
    while (!is_waiting && !is_ended && !error) read();
    return is_ended || error;
  }
  void read_all() {
    loop.run_until([this] { return read_on(); });
  }
};

struct Pipe {
  Pipe() {
    int ends[2] = {};
    REQUIRE(pipe2(ends, O_CLOEXEC) == 0);
    out = Descriptor(ends[0]);
    in = Descriptor(ends[1]);
  }
  void say(std::string_view text) const {
    REQUIRE(write(in.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size()));
  }
  void end() { in = Descriptor(); }

  Descriptor out;
  Descriptor in;
};

}  // namespace xtrace::testing
