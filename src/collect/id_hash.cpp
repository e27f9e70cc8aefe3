#include "collect/id_hash.h"

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

std::uint64_t read_word(const char* at) {
  std::uint64_t word = 0;
  std::memcpy(&word, at, sizeof word);
  return word;
}

/// A step of MurmurHash3's finaliser (public domain).
std::uint64_t mix(std::uint64_t value) {
  value *= 0xff51afd7ed558ccdU;
  return value ^ (value >> 32U);
}

}  // namespace

std::size_t hash_id(std::string_view text) {
  static const std::array<std::uint64_t, 2> seed = make_seed();
  constexpr std::size_t kWord = sizeof(std::uint64_t);
  std::uint64_t hash = seed[0];
  for (; text.size() > kWord; text.remove_prefix(kWord)) {
    hash = mix(hash ^ read_word(text.data()));
  }
  std::array<char, kWord> rest{};
  text.copy(rest.data(), rest.size());
  return static_cast<std::size_t>(mix(mix(hash ^ read_word(rest.data())) + seed[1]));
}

}  // namespace xtrace::collect
