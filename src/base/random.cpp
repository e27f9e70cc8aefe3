#include "base/random.h"

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstdint>
#include <cstring>

#include <sys/random.h>

#include "base/assert.h"
#include "base/fork.h"

namespace xtrace {

namespace {

void fill_from_kernel(std::span<std::byte> out) {
  while (!out.empty()) {
    const ssize_t got = ::getrandom(out.data(), out.size(), 0);
    XTRACE_ASSERT(got > 0 || errno == EINTR);
    if (got > 0) out = out.subspan(static_cast<std::size_t>(got));
  }
}

/// xoshiro256++ by Blackman and Vigna (public domain).
class Generator {
 public:
  std::uint64_t next() {
    const std::uint32_t forks = fork_generation();
    if (forks != seeded_at_) seed(forks);
    const std::uint64_t result = std::rotl(state_[0] + state_[3], 23) + state_[0];
    const std::uint64_t shifted = state_[1] << 17U;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= shifted;
    state_[3] = std::rotl(state_[3], 45);
    return result;
  }

 private:
  void seed(std::uint32_t forks) {
    fill_from_kernel(std::as_writable_bytes(std::span{state_}));
    state_[0] |= 1U;  // the one state that never moves is all zeros
    seeded_at_ = forks;
  }

  std::array<std::uint64_t, 4> state_{};
  std::uint32_t seeded_at_ = 0;
};

thread_local constinit Generator generator;

template <std::size_t kDigits>
std::array<char, kDigits> random_hex() {
  std::array<std::byte, kDigits / 2> bytes{};
  do {
    random_bytes(bytes);
  } while (std::ranges::all_of(bytes, [](std::byte byte) { return byte == std::byte{0}; }));
  constexpr auto kHex = std::to_array("0123456789abcdef");
  std::array<char, kDigits> text{};
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const auto byte = std::to_integer<std::size_t>(bytes[i]);
    text[2 * i] = kHex[byte >> 4U];
    text[2 * i + 1] = kHex[byte & 15U];
  }
  return text;
}

}  // namespace

void random_bytes(std::span<std::byte> out) {
  while (!out.empty()) {
    const std::uint64_t word = generator.next();
    const std::size_t count = std::min(out.size(), sizeof word);
    std::memcpy(out.data(), &word, count);
    out = out.subspan(count);
  }
}

std::array<char, 24> random_hex_96() {
  return random_hex<24>();
}

std::array<char, 16> random_hex_64() {
  return random_hex<16>();
}

}  // namespace xtrace
