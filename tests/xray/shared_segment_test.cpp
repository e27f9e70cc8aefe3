#include <atomic>
#include <map>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include <doctest/doctest.h>

#include "xray/tracer_setup.h"

/// Segments that many hands work on: whatever the order, every subsegment leaves exactly once.

namespace xtrace::shared_segment_test {

namespace {

using nlohmann::json;
using namespace testing;

/// What was sent, by id.
struct Sent {
  explicit Sent(const RecordingEmitter& emitter) {
    for (const std::string& text : emitter.documents) visit(json::parse(text), "");
  }

  void visit(const json& node, const std::string& parent) {
    const std::string id = node["id"];
    if (node.contains("in_progress")) {
      ++announced[id];
    } else {
      ++finished[id];
      parents[id] = node.value("parent_id", parent);
      names[id] = node["name"];
      CHECK_FALSE(node.contains("annotations") != node["name"].get<std::string>().starts_with("a"));
    }
    if (!node.contains("subsegments")) return;
    for (const json& child : node["subsegments"]) visit(child, id);
  }

  std::map<std::string, int> finished;
  std::map<std::string, int> announced;
  std::map<std::string, std::string> parents;
  std::map<std::string, std::string> names;
};

/// One segment with a random history; keeps what must have been sent.
class RandomHistory {
 public:
  RandomHistory(Tracer& tracer, std::uint32_t seed) : random_(seed) {
    is_facade_ = below(3) == 0;
    const auto header = header_of("Root=" + kRoot + ";Parent=" + kParent + ";Sampled=1");
    root_ = is_facade_ ? tracer.begin_facade(header) : tracer.begin_segment("root", header);
    root_id_ = root_.id().to_string();
    if (!is_facade_) expected_[root_id_] = kParent;
    contexts_.push_back(root_.context());
  }

  void run(std::size_t steps) {
    for (std::size_t i = 0; i < steps; ++i) step();
    root_.end();
    for (std::size_t i = 0; i < steps / 2; ++i) step();
    while (!open_.empty()) end_one();
  }

  std::map<std::string, std::string> expected_;  ///< Parents by id.
  std::set<std::string> announced_;

 private:
  std::size_t below(std::size_t limit) { return random_() % limit; }

  void step() {
    switch (below(8)) {
      case 0:
      case 1:
        return end_one();
      case 2:
        return announce_one();
      case 3:
        if (below(20) == 0) root_.end();
        return;
      default:
        return begin_one();
    }
  }

  void begin_one() {
    const SegmentContext& parent = contexts_[below(contexts_.size())];
    const bool is_annotated = below(2) == 0;
    Subsegment fresh =
        parent.begin_subsegment(is_annotated ? "a" : "b", {.may_outlive_parent = below(4) == 0});
    if (is_annotated) fresh.annotate("text", std::string(below(400), 'x'));
    expected_[fresh.id().to_string()] = parent.id().to_string();
    contexts_.push_back(fresh.context());
    open_.push_back(std::move(fresh));
  }

  void end_one() {
    if (open_.empty()) return;
    std::swap(open_[below(open_.size())], open_.back());
    open_.pop_back();
  }

  void announce_one() {
    if (open_.empty()) return;
    Subsegment& chosen = open_[below(open_.size())];
    if (!chosen.is_ended()) announced_.insert(chosen.id().to_string());
    chosen.announce();
  }

  std::mt19937 random_;
  bool is_facade_ = false;
  Segment root_{};
  std::string root_id_;
  std::vector<SegmentContext> contexts_{};
  std::vector<Subsegment> open_{};
};

}  // namespace

TEST_SUITE("xray/shared_segment") {
  TEST_CASE("in any order of begins, announcements and ends every node leaves exactly once") {
    for (std::uint32_t seed = 0; seed < 300; ++seed) {
      CAPTURE(seed);
      TracerConfig config;
      config.limits = {.bytes = 1024 + 512 * (seed % 5), .max_subsegments = 1 + seed % 7};
      TracerSetup setup{config};
      RandomHistory history{*setup.tracer, seed};
      history.run(20 + seed % 60);
      const Sent sent{*setup.sent};
      CHECK(sent.parents == history.expected_);
      for (const auto& [id, times] : sent.finished) CHECK(times == 1);
      for (const auto& [id, times] : sent.announced) CHECK(times == 1);
      CHECK(sent.announced.size() == history.announced_.size());
      CHECK(setup.sent->built.refused == 0);
    }
  }

  TEST_CASE("a segment that ends while others record in it loses none of their subsegments") {
    constexpr int kThreads = 4;
    for (int round = 0; round < 20; ++round) {
      TracerSetup setup;
      Segment segment = setup.tracer->begin_segment("root");
      std::atomic<int> ready{0};
      std::vector<std::thread> threads;
      for (int i = 0; i < kThreads; ++i) {
        threads.emplace_back([&ready, context = segment.context()] {
          ++ready;
          for (int step = 0; step < 50; ++step) {
            Subsegment child = context.begin_subsegment("a", {.may_outlive_parent = step % 2 == 0});
            child.annotate("step", step);
            Subsegment below = child.begin_subsegment("b");
            if (step % 8 == 0) child.announce();
            below.set_status(200);
          }
        });
      }
      while (ready < kThreads) std::this_thread::yield();
      std::thread{[moved = std::move(segment)]() mutable { moved.end(); }}.join();
      for (std::thread& thread : threads) thread.join();
      std::size_t finished = 0;
      for (const std::string& text : setup.sent->documents) {
        const json document = json::parse(text);
        for (std::size_t at = text.find("\"end_time\""); at != std::string::npos;
             at = text.find("\"end_time\"", at + 1)) {
          ++finished;
        }
      }
      CHECK(finished == 1 + 2 * kThreads * 50);
    }
  }
}

}  // namespace xtrace::shared_segment_test
