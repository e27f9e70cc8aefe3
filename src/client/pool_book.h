#pragma once

/// `PoolBook` keeps the numbers of one client's pool: what it holds and what it did.
///
/// Only the client's loop thread writes. A count is an atomic with a single writer, so writing one
/// is a load and a store, without a locked instruction, and never waits for a reader; any thread
/// may read. A book is listed in `pool_registry()` for as long as it lives, in the process that
/// made it: a child after `fork` begins with an empty list.

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <xtrace/pool_stats.h>

namespace xtrace {

/// A number that one thread writes and any thread reads.
template <class Number>
class BookedNumber {
 public:
  void add() { set(value_.load(std::memory_order_relaxed) + 1); }
  void subtract() { set(value_.load(std::memory_order_relaxed) - 1); }
  Number get() const { return value_.load(std::memory_order_acquire); }

 private:
  void set(Number value) { value_.store(value, std::memory_order_release); }

  std::atomic<Number> value_{0};
};

using Gauge = BookedNumber<std::size_t>;
using Counter = BookedNumber<std::uint64_t>;

/// The numbers of one address.
struct AddressBook {
  AddressBook(std::string of, std::size_t most) : address(std::move(of)), limit(most) {}

  /// A moment's truth: read again while the writer is at it. What moves from one gauge to another
  /// may be seen in neither.
  PoolCounts counts() const;

  const std::string address;
  const std::size_t limit;
  Gauge idle;
  Gauge active;
  Gauge connecting;
  Gauge waiting;
  Counter opened;
  Counter failed;
  Counter reused;
  Counter stale_retries;
  std::array<Counter, kCloseReasonCount> closed;
  Counter waits;
  Counter wait_timeouts;
  Counter rejected;

 private:
  PoolCounts read() const;
};

class PoolBook {
 public:
  /// The limits are for people to read; 0 is none.
  PoolBook(const std::string& name, std::size_t limit_per_host, std::size_t limit);
  PoolBook(const PoolBook&) = delete;
  PoolBook& operator=(const PoolBook&) = delete;
  ~PoolBook();

  /// Begin the account of an address. Two of one address are shown as one.
  AddressBook& open_address(std::string address);
  /// End it: its counters stay in the total, the address is forgotten.
  void close_address(AddressBook& book);

  /// From any thread.
  PoolStats stats() const;
  const std::string& name() const { return name_; }

 private:
  friend std::vector<PoolStats> pool_registry();
  PoolStats stats_while_locked() const;

  const std::size_t limit_per_host_;
  const std::size_t limit_;
  // The rest is guarded by the registry's mutex.
  std::string name_;  // does not change once it was made unique
  std::vector<std::unique_ptr<AddressBook>> addresses_;
  PoolCounts forgotten_;
};

}  // namespace xtrace
