#include <array>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include <doctest/doctest.h>

#include <xtrace/callback.h>

namespace xtrace::callback_test {
namespace {

/// How many objects of a kind are alive, and how often they moved.
struct Census {
  int alive = 0;
  int moves = 0;
};

/// A function of `Bytes` bytes that counts itself and answers 7.
template <std::size_t Bytes>
struct Counted {
  explicit Counted(Census& kept) : census(&kept) { ++census->alive; }
  Counted(Counted&& other) noexcept : census(other.census) {
    ++census->alive;
    ++census->moves;
  }
  Counted(const Counted&) = delete;
  Counted& operator=(Counted&&) = delete;
  Counted& operator=(const Counted&) = delete;
  ~Counted() { --census->alive; }

  int operator()() { return 7; }

  Census* census;
  std::array<std::byte, Bytes - sizeof(Census*)> ballast{};
};

using Small = Counted<Callback<int()>::kInlineBytes>;
using Large = Counted<Callback<int()>::kInlineBytes + 8>;

int twice(int number) {
  return 2 * number;
}

}  // namespace

TEST_SUITE_BEGIN("base/callback");

TEST_CASE("a callback without a function tests false") {
  CHECK_FALSE(Callback<void()>{});
  CHECK_FALSE(Callback<void()>{nullptr});
  CHECK(Callback<void()>{[] {}});
}

TEST_CASE("a callback made of an empty function is empty") {
  int (*none)(int) = nullptr;
  CHECK_FALSE(Callback<int(int)>{none});
  CHECK_FALSE(Callback<int(int)>{std::function<int(int)>{}});
  CHECK_FALSE(Callback<void(int)>{Callback<int(int)>{}});
}

TEST_CASE("a callback takes plain functions, function pointers and other callables") {
  CHECK(Callback<int(int)>{twice}(4) == 8);
  CHECK(Callback<int(int)>{&twice}(4) == 8);
  CHECK(Callback<int(int)>{std::function<int(int)>{twice}}(4) == 8);
  CHECK(Callback<long(short)>{twice}(4) == 8);
  int doubled = 0;
  Callback<void(int)> ignoring{[&doubled](int number) { return doubled = twice(number); }};
  ignoring(4);
  CHECK(doubled == 8);
}

TEST_CASE_TEMPLATE("a callback destroys its function exactly once", Function, Small, Large) {
  Census census;
  {
    Callback<int()> callback{Function{census}};
    CHECK(census.alive == 1);
    CHECK(callback() == 7);
    Callback<int()> moved = std::move(callback);
    CHECK(census.alive == 1);
    CHECK_FALSE(callback);  // NOLINT(bugprone-use-after-move): a moved-from callback is empty
    CHECK(moved() == 7);
  }
  CHECK(census.alive == 0);
}

TEST_CASE("captures up to 48 bytes move with the callback, larger ones stay on the heap") {
  Census small;
  Census large;
  Callback<int()> inline_callback{Small{small}};
  Callback<int()> heap_callback{Large{large}};
  small.moves = 0;
  large.moves = 0;
  const Callback<int()> first = std::move(inline_callback);
  const Callback<int()> second = std::move(heap_callback);
  CHECK(small.moves == 1);
  CHECK(large.moves == 0);
}

TEST_CASE_TEMPLATE("assigning to a callback destroys what it held", Function, Small, Large) {
  Census old_one;
  Census new_one;
  Callback<int()> callback{Function{old_one}};
  callback = Callback<int()>{Function{new_one}};
  CHECK(old_one.alive == 0);
  CHECK(new_one.alive == 1);
  callback = nullptr;
  CHECK(new_one.alive == 0);
  CHECK_FALSE(callback);
}

TEST_CASE("assigning a callback to itself keeps its function") {
  Census census;
  Callback<int()> callback{Small{census}};
  Callback<int()>& same = callback;
  callback = std::move(same);
  CHECK(census.alive == 1);
  CHECK(callback() == 7);
}

TEST_CASE("a callback may own what only moves, and take and return such things") {
  Callback<std::unique_ptr<std::string>(std::unique_ptr<std::string>)> join{
      [owned = std::make_unique<std::string>("left ")](std::unique_ptr<std::string> right) {
        return std::make_unique<std::string>(*owned + *right);
      }};
  CHECK(*join(std::make_unique<std::string>("right")) == "left right");
}

TEST_CASE("a callback passes references through") {
  Callback<int&(int&)> same{[](int& number) -> int& { return number; }};
  int number = 1;
  same(number) = 5;
  CHECK(number == 5);
}

TEST_CASE("a callback's function keeps state from call to call") {
  Callback<int()> count{[calls = 0]() mutable { return ++calls; }};
  count();
  CHECK(count() == 2);
}

TEST_CASE("a callback moved to a local may destroy its owner while it runs") {
  struct Owner {
    Callback<int()> on_done;
  };
  auto owner = std::make_unique<Owner>();
  owner->on_done = [&owner, answer = std::string(40, 'x')] {
    owner.reset();
    return static_cast<int>(answer.size());
  };
  Callback<int()> local = std::move(owner->on_done);
  CHECK(local() == 40);
  CHECK(owner == nullptr);
}

TEST_SUITE_END();

}  // namespace xtrace::callback_test
