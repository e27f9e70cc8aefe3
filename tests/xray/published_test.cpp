#include "xray/published.h"

#include <atomic>
#include <memory>
#include <thread>
#include <vector>

#include <doctest/doctest.h>

namespace xtrace::published_test {

namespace {

/// A value that counts how many of its kind are alive, and knows when it is not.
struct Counted {
  Counted(int& count, int number) : alive(count), value(number) { ++alive; }
  Counted(const Counted&) = delete;
  Counted& operator=(const Counted&) = delete;
  ~Counted() {
    value = -1;
    --alive;
  }

  int& alive;
  std::atomic<int> value;
};

}  // namespace

TEST_SUITE("xray/published") {
  TEST_CASE("a reader sees the latest value, and nothing before there is one") {
    int alive = 0;
    Published<Counted> published;
    CHECK(published.read().get() == nullptr);
    published.publish(std::make_unique<Counted>(alive, 1));
    CHECK(published.read().get()->value == 1);
    published.publish(std::make_unique<Counted>(alive, 2));
    CHECK(published.read().get()->value == 2);
    CHECK(published.current()->value == 2);
    CHECK(alive == 1);
  }

  TEST_CASE("a value that is read outlives its replacement and no more") {
    int alive = 0;
    {
      Published<Counted> published;
      published.publish(std::make_unique<Counted>(alive, 1));
      {
        const auto reading = published.read();
        published.publish(std::make_unique<Counted>(alive, 2));
        published.collect();
        CHECK(reading.get()->value == 1);
        CHECK(alive == 2);
      }
      published.collect();
      CHECK(alive == 1);
    }
    CHECK(alive == 0);
  }

  TEST_CASE("readers never see a value that is gone while others replace it") {
    constexpr int kValues = 2000;
    int alive = 0;
    Published<Counted> published;
    published.publish(std::make_unique<Counted>(alive, 0));
    std::atomic<bool> is_over{false};
    std::atomic<int> wrong{0};
    {
      std::vector<std::jthread> readers;
      for (int i = 0; i < 3; ++i) {
        readers.emplace_back([&published, &is_over, &wrong] {
          int last = 0;
          while (!is_over) {
            const auto reading = published.read();
            const int value = reading.get()->value;
            if (value < last || reading.get()->value != value) ++wrong;
            last = value;
          }
        });
      }
      for (int number = 1; number <= kValues; ++number) {
        published.publish(std::make_unique<Counted>(alive, number));
      }
      is_over = true;
    }
    CHECK(wrong == 0);
    published.collect();
    CHECK(alive == 1);
    CHECK(published.read().get()->value == kValues);
  }
}

}  // namespace xtrace::published_test
