#include "base/random.h"

#include <algorithm>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

namespace xtrace::random_test {

namespace {

template <std::size_t kDigits>
std::string text(const std::array<char, kDigits>& digits) {
  return {digits.data(), digits.size()};
}

/// What a forked child draws first.
std::string first_id_of_a_child() {
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    const auto id = random_hex_96();
    const bool is_written = ::write(ends[1], id.data(), id.size()) == ssize_t{id.size()};
    ::_exit(is_written ? 0 : 1);
  }
  std::array<char, 24> id{};
  CHECK(::read(ends[0], id.data(), id.size()) == ssize_t{id.size()});
  int status = -1;
  CHECK(::waitpid(child, &status, 0) == child);
  CHECK(status == 0);
  ::close(ends[0]);
  ::close(ends[1]);
  return text(id);
}

}  // namespace

TEST_SUITE("base/random") {
  TEST_CASE("ids are lower-case hex and never repeat") {
    std::set<std::string> seen;
    for (int i = 0; i < 10'000; ++i) {
      const std::string id = text(random_hex_64());
      REQUIRE(id.find_first_not_of("0123456789abcdef") == std::string::npos);
      REQUIRE(seen.insert(id).second);
      REQUIRE(seen.insert(text(random_hex_96())).second);
    }
  }

  TEST_CASE("every bit of the bytes is zero about as often as it is one") {
    constexpr int kRounds = 4'000;
    std::array<int, 13 * 8> ones{};
    for (int round = 0; round < kRounds; ++round) {
      std::array<std::byte, 13> bytes{};
      random_bytes(bytes);
      for (std::size_t bit = 0; bit < ones.size(); ++bit) {
        ones[bit] += std::to_integer<int>(bytes[bit / 8] >> (bit % 8)) & 1;
      }
    }
    // Nine standard deviations (31.6 each): never by chance.
    for (const int count : ones) CHECK(std::abs(count - kRounds / 2) < 9 * 32);
  }

  TEST_CASE("threads draw different ids") {
    std::vector<std::string> ids(8);
    std::vector<std::thread> threads;
    for (std::string& id : ids) threads.emplace_back([&id] { id = text(random_hex_96()); });
    for (std::thread& thread : threads) thread.join();
    CHECK(std::set<std::string>(ids.begin(), ids.end()).size() == ids.size());
  }

  TEST_CASE("a forked child does not repeat the ids of its parent or its sibling") {
    const std::string warm = text(random_hex_96());
    const std::string one = first_id_of_a_child();
    const std::string other = first_id_of_a_child();
    const std::string own = text(random_hex_96());
    CHECK(std::set<std::string>{warm, one, other, own}.size() == 4);
  }
}

}  // namespace xtrace::random_test
