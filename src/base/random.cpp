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

/// Every byte as two hex digits.
constexpr auto kHexPairs = [] {
  constexpr auto kHex = std::to_array("0123456789abcdef");
  std::array<std::array<char, 2>, 256> pairs{};
  for (std::size_t byte = 0; byte < pairs.size(); ++byte) {
    pairs[byte] = {kHex[byte >> 4U], kHex[byte & 15U]};
  }
  return pairs;
}();

/// Writes a word's 16 digits, or as many as there is room for.
void write_hex(std::uint64_t word, std::span<char> out) {
  for (std::size_t i = 0; i + 1 < out.size() && i < 2 * sizeof word; i += 2, word >>= 8U) {
    std::memcpy(out.data() + i, kHexPairs[word & 255U].data(), 2);
  }
}

template <std::size_t kDigits>
std::array<char, kDigits> random_hex() {
  constexpr std::size_t kWord = 2 * sizeof(std::uint64_t);
  std::array<char, kDigits> text{};
  do {
    for (std::size_t at = 0; at < kDigits; at += kWord) {
      write_hex(generator.next(), std::span{text}.subspan(at));
    }
  } while (std::ranges::all_of(text, [](char digit) { return digit == '0'; }));
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
