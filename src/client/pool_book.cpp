#include "client/pool_book.h"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <utility>

#include "base/assert.h"
#include "base/fork.h"

namespace xtrace {

namespace {

/// Every book of the process. One mutex guards the list and the lists in the books: it is taken
/// when an address comes or goes, and by readers.
struct Registry {
  const std::uint32_t generation = fork_generation();
  std::mutex mutex;
  std::vector<PoolBook*> books;  // in the order they were made
};

// Never destroyed: pools may outlive every static. A child after fork makes its own and leaves its
// parent's alone, whose mutex may be held by a thread that the child does not have; the pools in it
// are the parent's, and so are the loops that write them.
Registry& registry() {
  static constinit std::atomic<Registry*> of_process{nullptr};
  Registry* known = of_process.load(std::memory_order_acquire);
  while (known == nullptr || known->generation != fork_generation()) {
    auto fresh = std::make_unique<Registry>();
    if (of_process.compare_exchange_strong(known, fresh.get(), std::memory_order_acq_rel)) {
      known = fresh.release();
    }
  }
  return *known;
}

std::string unique_name(const std::string& wanted, const std::vector<PoolBook*>& books) {
  const auto is_taken = [&books](const std::string& name) {
    return std::ranges::any_of(books,
                               [&name](const PoolBook* book) { return book->name() == name; });
  };
  std::string name = wanted;
  for (int number = 2; is_taken(name); ++number) name = wanted + "-" + std::to_string(number);
  return name;
}

// One address may be written in two books, for http and for https.
void merge_equals(std::vector<AddressStats>& sorted) {
  std::vector<AddressStats> merged;
  merged.reserve(sorted.size());
  for (AddressStats& next : sorted) {
    if (merged.empty() || merged.back().address != next.address) {
      merged.push_back(std::move(next));
    } else {
      merged.back().counts += next.counts;
    }
  }
  sorted = std::move(merged);
}

}  // namespace

PoolCounts AddressBook::counts() const {
  constexpr int kMostLooks = 100;
  PoolCounts seen = read();
  for (int look = 1; look < kMostLooks; ++look) {
    const PoolCounts again = read();
    if (again == seen) break;
    seen = again;
  }
  return seen;
}

PoolCounts AddressBook::read() const {
  PoolCounts counts{
      .idle = idle.get(),
      .active = active.get(),
      .connecting = connecting.get(),
      .waiting = waiting.get(),
      .limit = limit,
      .opened = opened.get(),
      .failed = failed.get(),
      .reused = reused.get(),
      .stale_retries = stale_retries.get(),
      .waits = waits.get(),
      .wait_timeouts = wait_timeouts.get(),
      .rejected = rejected.get(),
  };
  for (std::size_t i = 0; i < kCloseReasonCount; ++i) counts.closed[i] = closed[i].get();
  return counts;
}

PoolBook::PoolBook(const std::string& name, std::size_t limit_per_host, std::size_t limit)
    : limit_per_host_(limit_per_host), limit_(limit) {
  Registry& all = registry();
  const std::lock_guard lock(all.mutex);
  name_ = unique_name(name, all.books);
  all.books.push_back(this);
}

PoolBook::~PoolBook() {
  Registry& all = registry();
  const std::lock_guard lock(all.mutex);
  std::erase(all.books, this);
}

AddressBook& PoolBook::open_address(std::string address) {
  auto fresh = std::make_unique<AddressBook>(std::move(address), limit_per_host_);
  AddressBook& book = *fresh;
  const std::lock_guard lock(registry().mutex);
  addresses_.push_back(std::move(fresh));
  return book;
}

void PoolBook::close_address(AddressBook& book) {
  const std::lock_guard lock(registry().mutex);
  const auto found =
      std::ranges::find_if(addresses_, [&book](const auto& owned) { return owned.get() == &book; });
  XTRACE_ASSERT(found != addresses_.end());
  forgotten_ += book.counts();
  addresses_.erase(found);
}

PoolStats PoolBook::stats() const {
  const std::lock_guard lock(registry().mutex);
  return stats_while_locked();
}

PoolStats PoolBook::stats_while_locked() const {
  PoolStats stats{.name = name_, .total = forgotten_};
  stats.total.limit = limit_;
  stats.addresses.reserve(addresses_.size());
  for (const auto& book : addresses_) {
    const PoolCounts counts = book->counts();
    stats.total += counts;
    stats.addresses.push_back({.address = book->address, .counts = counts});
  }
  std::ranges::sort(stats.addresses, {}, &AddressStats::address);
  merge_equals(stats.addresses);
  return stats;
}

std::vector<PoolStats> pool_registry() {
  Registry& all = registry();
  const std::lock_guard lock(all.mutex);
  std::vector<PoolStats> pools;
  pools.reserve(all.books.size());
  for (const PoolBook* book : all.books) pools.push_back(book->stats_while_locked());
  return pools;
}

}  // namespace xtrace
