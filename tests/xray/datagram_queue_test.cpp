#include "xray/datagram_queue.h"

#include <algorithm>
#include <array>
#include <deque>
#include <random>
#include <string>

#include <doctest/doctest.h>

namespace xtrace::datagram_queue_test {

namespace {

/// Claims and puts back: what is queued, in order.
std::deque<std::string> contents(DatagramQueue& queue) {
  std::vector<std::string_view> views(queue.size());
  queue.claim(views, std::string::npos);
  std::deque<std::string> all(views.begin(), views.end());
  queue.release(0);
  return all;
}

/// The same queue in the plainest way there is.
struct Model {
  std::size_t max_bytes;
  std::deque<std::string> all{};
  std::size_t claimed = 0;

  std::size_t bytes() const {
    std::size_t sum = 0;
    for (const std::string& datagram : all) sum += datagram.size();
    return sum;
  }
  std::size_t push(const std::string& datagram) {
    all.push_back(datagram);
    std::size_t gone = 0;
    for (; bytes() > max_bytes && all.size() - claimed > 1; ++gone) {
      all.erase(all.begin() + static_cast<std::ptrdiff_t>(claimed));
    }
    return gone;
  }
};

}  // namespace

TEST_SUITE("xray/datagram_queue") {
  TEST_CASE(
      "the queue holds the newest that fit and all that is claimed, whatever comes and goes") {
    constexpr std::size_t kMaxBytes = 500;
    DatagramQueue queue{kMaxBytes};
    Model model{kMaxBytes};
    std::array<std::string_view, 7> claimed{};
    std::mt19937 random{3};
    for (int step = 0; step < 20'000; ++step) {
      const auto dice = random() % 4;
      if (dice > 1) {
        const std::string document(random() % 90, static_cast<char>('a' + step % 26));
        const std::size_t gone = model.push("h" + document);
        REQUIRE(queue.push("h", document) == gone);
      } else if (model.claimed > 0) {
        for (std::size_t i = 0; i < model.claimed; ++i) REQUIRE(claimed[i] == model.all[i]);
        const std::size_t gone = random() % (model.claimed + 1);
        const std::size_t kept = random() % (model.claimed - gone + 1);
        queue.release(gone, kept);
        std::shift_left(claimed.begin(), claimed.end(), static_cast<std::ptrdiff_t>(gone));
        model.all.erase(model.all.begin(), model.all.begin() + static_cast<std::ptrdiff_t>(gone));
        model.claimed = kept;
      } else {
        model.claimed = queue.claim(claimed, 200);
        REQUIRE(model.claimed <= model.all.size());
        REQUIRE((model.claimed > 0 || model.all.empty()));
      }
      REQUIRE(queue.claimed() == model.claimed);
      REQUIRE(queue.bytes() == model.bytes());
      REQUIRE(queue.size() == model.all.size());
      REQUIRE(queue.is_empty() == model.all.empty());
      if (model.claimed == 0) REQUIRE(contents(queue) == model.all);
    }
  }

  TEST_CASE("what is claimed stays where it is and as it is, however much comes behind it") {
    DatagramQueue queue{1'000'000};
    for (int i = 0; i < 100; ++i) queue.push("h", std::string(1'000, static_cast<char>('a' + i)));
    std::array<std::string_view, 64> claimed{};
    REQUIRE(queue.claim(claimed, 1'000'000) == 64);
    for (int i = 0; i < 10'000; ++i) queue.push("h", std::string(1'000, 'z'));
    for (std::size_t i = 0; i < claimed.size(); ++i) {
      REQUIRE(claimed[i] == "h" + std::string(1'000, static_cast<char>('a' + i)));
    }
    queue.release(64);
    CHECK(contents(queue).front() == "h" + std::string(1'000, 'z'));
  }

  TEST_CASE("a claim ends before the bytes that it may have, and has one datagram at least") {
    DatagramQueue queue{1'000'000};
    for (int i = 0; i < 3; ++i) queue.push("", std::string(100, 'x'));
    std::array<std::string_view, 64> claimed{};
    CHECK(queue.claim(claimed, 250) == 2);
    queue.release(0);
    CHECK(queue.claim(claimed, 10) == 1);
  }

  TEST_CASE("the newest stays also where it is larger than the queue") {
    DatagramQueue queue{10};
    CHECK(queue.push("h", "first") == 0);
    CHECK(queue.push("h", std::string(50, 'x')) == 1);
    CHECK(queue.size() == 1);
    queue.clear();
    CHECK(queue.is_empty());
    CHECK(queue.bytes() == 0);
  }

  TEST_CASE("the first tells since when it waits") {
    DatagramQueue queue{1'000};
    queue.push("h", "1", Tick{Duration(7)});
    queue.push("h", "2", Tick{Duration(8)});
    CHECK(queue.first_since() == Tick{Duration(7)});
    queue.pop();
    CHECK(queue.first_since() == Tick{Duration(8)});
  }
}

}  // namespace xtrace::datagram_queue_test
