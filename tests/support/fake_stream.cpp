#include "support/fake_stream.h"

#include <algorithm>
#include <utility>

#include <doctest/doctest.h>

namespace xtrace::testing {

FakeStream::~FakeStream() {
  if (destroyed_ != nullptr) *destroyed_ = true;
  if (on_destroyed) on_destroyed();
}

void FakeStream::start_reading(Callback<Flow(Expected<std::span<const std::byte>>)> on_data) {
  on_data_ = std::move(on_data);
  is_reading = true;
}

void FakeStream::resume() {
  ++resumed;
  is_reading = true;
}

void FakeStream::write(std::span<const std::byte> data, Callback<void(Expected<void>)> on_written) {
  REQUIRE_MESSAGE(!on_written_, "one write at a time");
  ++writes;
  accepted = 0;
  pending = {reinterpret_cast<const char*>(data.data()), data.size()};
  on_written_ = std::move(on_written);
}

void FakeStream::deliver(std::string_view bytes) {
  REQUIRE_FALSE(bytes.empty());
  tell_reader(std::as_bytes(std::span(bytes)));
}

void FakeStream::deliver_end() {
  tell_reader(std::span<const std::byte>());
}

void FakeStream::deliver_error(Error error) {
  tell_reader(std::move(error));
}

void FakeStream::tell_reader(Expected<std::span<const std::byte>> piece) {
  REQUIRE(is_reading);
  const bool is_last = !piece || piece->empty();
  if (is_last) is_reading = false;
  const std::size_t resumed_before = resumed;
  bool destroyed = false;
  destroyed_ = &destroyed;
  auto on_data = std::move(on_data_);
  const Flow flow = on_data(std::move(piece));
  if (destroyed) return;
  destroyed_ = nullptr;
  if (!on_data_) on_data_ = std::move(on_data);
  if (flow == Flow::pause && resumed == resumed_before) is_reading = false;
}

void FakeStream::accept(std::size_t count) {
  REQUIRE(on_written_);
  count = std::min(count, pending.size());
  written += pending.substr(0, count);
  pending.remove_prefix(count);
  accepted += count;
  last_accept = std::chrono::steady_clock::now();
  if (pending.empty()) finish_write({});
}

void FakeStream::accept_all() {
  accept(pending.size());
}

void FakeStream::fail_write(Error error) {
  finish_write(std::move(error));
}

void FakeStream::finish_write(Expected<void> result) {
  REQUIRE(on_written_);
  auto on_written = std::move(on_written_);
  on_written(std::move(result));
}

}  // namespace xtrace::testing
