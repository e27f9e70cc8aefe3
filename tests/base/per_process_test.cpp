#include "base/per_process.h"

#include <array>
#include <atomic>
#include <thread>

#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

namespace xtrace::per_process_test {

namespace {

struct Counted {
  explicit Counted(std::atomic<int>& alive) : alive_(alive) { ++alive_; }
  Counted(const Counted&) = delete;
  Counted& operator=(const Counted&) = delete;
  ~Counted() { --alive_; }

  int value = 0;

 private:
  std::atomic<int>& alive_;
};

bool holds_in_child(const std::function<bool()>& claim) {
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) ::_exit(claim() ? 0 : 1);
  int status = -1;
  REQUIRE(::waitpid(child, &status, 0) == child);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

}  // namespace

TEST_SUITE_BEGIN("base/per_process");

TEST_CASE("a process has one object, from the beginning to the end") {
  std::atomic<int> alive{0};
  {
    PerProcess<Counted> objects([&alive] { return std::make_unique<Counted>(alive); });
    CHECK(alive == 1);
    objects.get().value = 7;
    CHECK(objects.get().value == 7);
    CHECK(objects.find() == &objects.get());
  }
  CHECK(alive == 0);
}

TEST_CASE("a child has an object of its own and leaves its parent's alone") {
  std::atomic<int> alive{0};
  auto objects =
      std::make_unique<PerProcess<Counted>>([&alive] { return std::make_unique<Counted>(alive); });
  objects->get().value = 7;
  CHECK(holds_in_child([&objects, &alive] {
    const bool has_none_yet = objects->find() == nullptr;
    const bool is_new = objects->get().value == 0;
    const bool is_kept = objects->find() == &objects->get() && alive == 2;
    objects.reset();
    return has_none_yet && is_new && is_kept && alive == 1;  // the parent's
  }));
  CHECK(holds_in_child([&objects, &alive] {
    objects.reset();
    return alive == 1;
  }));
  CHECK(objects->get().value == 7);
}

TEST_CASE("several threads of a child agree on one object") {
  std::atomic<int> alive{0};
  PerProcess<Counted> objects([&alive] { return std::make_unique<Counted>(alive); });
  CHECK(holds_in_child([&objects, &alive] {
    std::array<Counted*, 2> seen{};
    std::thread first([&] { seen[0] = &objects.get(); });
    std::thread second([&] { seen[1] = &objects.get(); });
    first.join();
    second.join();
    return seen[0] == seen[1] && alive == 2;
  }));
}

TEST_SUITE_END();

}  // namespace xtrace::per_process_test
