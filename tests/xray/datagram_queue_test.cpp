#include "xray/datagram_queue.h"

#include <deque>
#include <random>

#include <doctest/doctest.h>

namespace xtrace {

namespace {

std::deque<std::string> contents(DatagramQueue& queue) {
  std::deque<std::string> all;
  const char* at = queue.data();
  for (std::size_t i = 0; i < queue.size(); ++i) {
    all.emplace_back(at, queue.size_at(i));
    at += queue.size_at(i);
  }
  return all;
}

}  // namespace

TEST_SUITE("xray/datagram_queue") {
  TEST_CASE("the queue holds the newest that fit, whatever comes and goes") {
    constexpr std::size_t kMaxBytes = 500;
    DatagramQueue queue{kMaxBytes};
    std::deque<std::string> model;
    std::size_t model_bytes = 0;
    std::mt19937 random{3};
    for (int step = 0; step < 5'000; ++step) {
      if (random() % 3 == 0) {
        const std::size_t count = random() % (model.size() + 1);
        queue.pop(count);
        for (std::size_t i = 0; i < count; ++i) {
          model_bytes -= model.front().size();
          model.pop_front();
        }
      } else {
        const std::string document(random() % 90, static_cast<char>('a' + step % 26));
        std::size_t gone = 0;
        model.push_back("h" + document);
        for (model_bytes += model.back().size(); model_bytes > kMaxBytes; ++gone) {
          model_bytes -= model.front().size();
          model.pop_front();
        }
        REQUIRE(queue.push("h", document) == gone);
      }
      REQUIRE(contents(queue) == model);
      REQUIRE(queue.bytes() == model_bytes);
      REQUIRE(queue.is_empty() == model.empty());
    }
  }

  TEST_CASE("the newest stays also where it is larger than the queue") {
    DatagramQueue queue{10};
    CHECK(queue.push("h", "first") == 0);
    CHECK(queue.push("h", std::string(50, 'x')) == 1);
    CHECK(queue.size() == 1);
  }
}

}  // namespace xtrace
