#include "net/tls_buffers.h"

#include <utility>

namespace xtrace::tls {

namespace {

using Plain = std::array<std::byte, kMostPerRecord>;

// As deep as TLS through a proxy that is itself reached by TLS, and a bit.
constexpr std::size_t kMostSparePlain = 4;

// Streams that outlive their thread's spares (those of static objects) find them gone.
thread_local bool is_gone = false;

struct Spares {
  Spares() = default;
  Spares(const Spares&) = delete;
  Spares& operator=(const Spares&) = delete;
  ~Spares() { is_gone = true; }

  std::vector<Buffer> buffers;
  std::size_t buffer_bytes = 0;
  std::vector<std::unique_ptr<Plain>> plain;
};

Spares& spares() {
  thread_local Spares own;
  return own;
}

}  // namespace

Buffer take_buffer() {
  if (is_gone || spares().buffers.empty()) return {};
  Spares& own = spares();
  Buffer buffer = std::move(own.buffers.back());
  own.buffers.pop_back();
  own.buffer_bytes -= buffer.capacity();
  return buffer;
}

void give_back(Buffer& buffer) {
  Buffer memory = std::exchange(buffer, {});
  if (is_gone || memory.capacity() == 0) return;
  Spares& own = spares();
  if (own.buffer_bytes + memory.capacity() > kMostSpareBytes) return;
  memory.clear();
  own.buffer_bytes += memory.capacity();
  own.buffers.push_back(std::move(memory));
}

PlainBuffer::PlainBuffer() {
  if (is_gone || spares().plain.empty()) {
    bytes_ = std::make_unique_for_overwrite<Plain>();
    return;
  }
  bytes_ = std::move(spares().plain.back());
  spares().plain.pop_back();
}

PlainBuffer::~PlainBuffer() {
  if (is_gone || spares().plain.size() >= kMostSparePlain) return;
  spares().plain.push_back(std::move(bytes_));
}

}  // namespace xtrace::tls
