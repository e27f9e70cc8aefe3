#include <array>
#include <cstddef>
#include <utility>

#include "base/fork.h"
#include "xray/segment_tree.h"

namespace xtrace {

namespace {

/// Buffers larger than this are not kept.
constexpr std::size_t kLargestBuffers = std::size_t{64} << 10U;

/// The trees that wait to be used again: a few per thread, which need no lock and survive a fork,
/// and more behind a mutex for the threads that only begin segments, or only end them. A mutex that
/// somebody holds is not waited for: a fork may have left it locked for ever.
class SharedPool {
 public:
  SharedPool() = default;
  SharedPool(const SharedPool&) = delete;
  SharedPool& operator=(const SharedPool&) = delete;
  ~SharedPool() {
    while (SegmentTree* tree = take()) delete tree;
  }

  bool put(SegmentTree* tree) {
    const std::unique_lock lock{mutex_, std::try_to_lock};
    if (!lock || count_ == trees_.size()) return false;
    trees_[count_++] = tree;
    return true;
  }

  SegmentTree* take() {
    const std::unique_lock lock{mutex_, std::try_to_lock};
    return lock && count_ > 0 ? trees_[--count_] : nullptr;
  }

 private:
  std::mutex mutex_{};
  std::array<SegmentTree*, 64> trees_{};
  std::size_t count_ = 0;
};

/// Never destroyed: handles may end after every static of the program.
SharedPool& shared_pool() {
  static auto* const pool = new SharedPool;
  return *pool;
}

class ThreadPool {
 public:
  ThreadPool() = default;
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;
  ~ThreadPool() {
    is_gone = true;
    while (count_ > 0) {
      if (!shared_pool().put(trees_[--count_])) delete trees_[count_];
    }
  }

  bool put(SegmentTree* tree) {
    if (count_ == trees_.size()) return false;
    trees_[count_++] = tree;
    return true;
  }
  SegmentTree* take() { return count_ > 0 ? trees_[--count_] : nullptr; }

  /// Outlives the pool, for the handles that end after it when a thread does.
  static thread_local constinit bool is_gone;

 private:
  std::array<SegmentTree*, 8> trees_{};
  std::size_t count_ = 0;
};

thread_local constinit bool ThreadPool::is_gone = false;

ThreadPool* thread_pool() {
  thread_local ThreadPool pool;
  return ThreadPool::is_gone ? nullptr : &pool;
}

/// As `take_tree` hands it out.
void clear(SegmentTree& tree) {
  tree.references.store(1, std::memory_order_relaxed);
  tree.own_clock = nullptr;
  tree.trace_id = {};
  tree.root_text = {};
  tree.parent_id.reset();
  tree.extra = {};
  tree.tracestate = {};
  tree.decision = {};
  tree.unrecorded_id = {};
  tree.is_facade = false;
  tree.memory.reset();
  tree.root = nullptr;
  tree.newest = nullptr;
  tree.node_count = 0;
  tree.user = {};
  tree.origin = {};
  tree.service_version = {};
  tree.corrected = 0;
  tree.turn = 0;
  tree.began = {};
}

std::size_t buffered_bytes(const DocumentSet& set) {
  std::size_t bytes = 0;
  for (const std::string& document : set.documents) bytes += document.capacity();
  return bytes;
}

void give_back(SegmentTree* tree) {
  tree->home.reset();
  // A mutex of before a fork may be locked for ever.
  if (tree->generation == fork_generation()) {
    if (buffered_bytes(tree->documents) > kLargestBuffers) tree->documents = {};
    clear(*tree);
    ThreadPool* mine = thread_pool();
    if (mine != nullptr && mine->put(tree)) return;
    if (shared_pool().put(tree)) return;
  }
  delete tree;
}

}  // namespace

SegmentTree& take_tree() {
  ThreadPool* mine = thread_pool();
  SegmentTree* tree = mine == nullptr ? nullptr : mine->take();
  if (tree == nullptr) tree = shared_pool().take();
  if (tree == nullptr) tree = new SegmentTree;
  tree->generation = fork_generation();
  return *tree;
}

SegmentTreeReference::SegmentTreeReference(const SegmentTreeReference& other) noexcept
    : tree_(other.tree_) {
  if (tree_ != nullptr) tree_->references.fetch_add(1, std::memory_order_relaxed);
}

SegmentTreeReference::~SegmentTreeReference() {
  if (tree_ == nullptr) return;
  if (tree_->references.fetch_sub(1, std::memory_order_acq_rel) == 1) give_back(tree_);
}

}  // namespace xtrace
