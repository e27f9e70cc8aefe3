#include "collect/id_hash.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <span>

#include "base/random.h"

namespace xtrace::collect {

namespace {

std::array<std::uint64_t, 2> make_seed() {
  std::array<std::uint64_t, 2> seed{};
  random_bytes(std::as_writable_bytes(std::span{seed}));
  return seed;
}

/// The finaliser of MurmurHash3 (public domain): each bit of the input moves half of the output.
std::uint64_t mix(std::uint64_t value) {
  value ^= value >> 33U;
  value *= 0xff51afd7ed558ccdU;
  value ^= value >> 33U;
  value *= 0xc4ceb9fe1a85ec53U;
  return value ^ (value >> 33U);
}

}  // namespace

std::size_t hash_id(std::string_view text) {
  static const std::array<std::uint64_t, 2> seed = make_seed();
  std::uint64_t hash = seed[0];
  while (!text.empty()) {
    std::uint64_t word = 0;
    const std::size_t size = std::min(text.size(), sizeof word);
    std::memcpy(&word, text.data(), size);
    hash = mix(hash ^ word) + seed[1];
    text.remove_prefix(size);
  }
  return static_cast<std::size_t>(mix(hash));
}

}  // namespace xtrace::collect
