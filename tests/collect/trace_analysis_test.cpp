#include "collect/trace_analysis.h"

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "collect/tree_text.h"

namespace trace_analysis_test {

using namespace xtrace;
using namespace xtrace::collect;
using namespace xtrace::collect::testing;

namespace {

const std::string kRemote = R"("namespace":"remote")";
const std::string kAnswered = R"(,"http":{"response":{"status":200}})";

/// Own time, then the parts of the critical path.
std::string times(const TraceTree& tree) {
  return lines(tree, [](const TraceNode& one) {
    std::string text = number_text(one.self, " %.4g");
    for (const TimeRange& range : one.critical) {
      text += number_text(range.from - kEpoch, " [%.6g") + number_text(range.to - kEpoch, " %.6g]");
    }
    return text;
  });
}

struct Example {
  const char* says;
  std::vector<std::string> documents;
  const char* tree;
};

/// A trace of random shape and times, some of them impossible.
std::vector<std::string> random_trace(std::mt19937& random) {
  std::vector<std::string> documents;
  const auto any = [&random](int most) { return static_cast<int>(random() % unsigned(most)); };
  const int count = 1 + any(40);
  for (int i = 0; i < count; ++i) {
    const double start = any(100) / 10.0;
    const double end = any(5) == 0 ? kOpen : start + any(50) / 10.0;
    std::string more = any(2) == 0 ? kRemote : R"("type":"subsegment")";
    if (i > 0) more += "," + below(std::to_string(1 + any(i)));
    documents.push_back(node(std::to_string(i + 1), "n", start, end, more));
  }
  return documents;
}

}  // namespace

TEST_SUITE("collect/trace_analysis") {
  TEST_CASE("own time and the critical path are what a node's children leave of it") {
    const std::vector<Example> examples = {
        {"one after the other",
         {node("a", "a", 0, 10, nested({node("b", "b", 1, 4), node("c", "c", 5, 9)}))},
         "\na 3 [0 1] [4 5] [9 10]\n  b 3 [1 4]\n  c 4 [5 9]\n"},
        {"at once: the one that ends last is waited for",
         {node("a", "a", 0, 10, nested({node("b", "b", 1, 6), node("c", "c", 2, 8)}))},
         "\na 3 [0 2] [8 10]\n  b 5\n  c 6 [2 8]\n"},
        {"before two at once there is the one that ended before the last began",
         {node("a", "a", 0, 10,
               nested({node("b", "b", 0, 3), node("c", "c", 2, 8), node("d", "d", 4, 9)}))},
         "\na 1 [3 4] [9 10]\n  b 3 [0 3]\n  c 6\n  d 5 [4 9]\n"},
        {"a chain through two services",
         {node("a", "a", 0, 10, nested({node("b", "b", 1, 9, kRemote)})),
          node("c", "c", 2, 8, below("b") + "," + nested({node("d", "d", 3, 4)}))},
         "\na 2 [0 1] [9 10]\n  b 2 [1 2] [8 9]\n    c 5 [2 3] [4 8]\n      d 1 [3 4]\n"},
        {"roundings of a microsecond hide nobody",
         {node("a", "a", 0, 10, nested({node("b", "b", 1, 5.000001), node("c", "c", 5, 9)}))},
         "\na 2 [0 1] [9 10]\n  b 4 [1 5]\n  c 4 [5 9]\n"},
        {"what is left running is not waited for",
         {node("a", "a", 0, 10, nested({node("b", "b", 1, 3), node("c", "c", 2, 20)}))},
         "\na 1 [0 1] [3 10]\n  b 2 [1 3]\n  c 18\n"},
        {"what never ended under what failed is what failed it",
         {node("a", "a", 0, 10, R"("fault":true,)" + nested({node("b", "b", 4, kOpen)}))},
         "\na 4 [0 4]\n  b 6 [4 10]\n"},
        {"what never ended under what went well was left running",
         {node("a", "a", 0, 10, nested({node("b", "b", 4, kOpen)}))},
         "\na 4 [0 10]\n  b 6\n"},
        {"in progress is as long as the trace",
         {node("a", "a", 0, kOpen, nested({node("b", "b", 1, 3), node("c", "c", 4, kOpen)})),
          node("d", "d", 5, 6, below("c"))},
         "\na 2 [0 1] [3 4]\n  b 2 [1 3]\n  c 1 [4 5]\n    d 1 [5 6]\n"},
        {"another clock's times are cut to the call's",
         {node("a", "a", 0, 10, nested({node("b", "b", 2, 6, kRemote)})),
          node("c", "c", 1, 5, below("b"))},
         "\na 6 [0 2] [6 10]\n  b 1 [5 6]\n    c 4 [2 5]\n"},
        {"a callee that another clock puts behind the call is beside it",
         {node("a", "a", 0, 10, nested({node("b", "b", 2, 4, kRemote)})),
          node("c", "c", 5, 7, below("b"))},
         "\na 8 [0 2] [4 10]\n  b 2 [2 4]\n    c 2\n"},
        {"roots after each other",
         {node("a", "a", 0, 2), node("b", "b", 4, 6)},
         "\na 2 [0 2]\nb 2 [4 6]\n"},
        {"what waits is within the roots, and alone where there are none",
         {node("a", "a", 0, 4), node("b", "b", 1, 6, below("77"))},
         "\na 4 [0 4]\nb 5\n"},
        {"nobody but who waits", {node("b", "b", 1, 6, below("77"))}, "\nb 5 [1 6]\n"},
        {"without a time there is none",
         {R"({"name":"a","subsegments":[{"name":"b"}]})", node("c", "c", 1, 1)},
         "\nc 0\na 0\n  b 0\n"},
    };
    for (const Example& example : examples) {
      CAPTURE(example.says);
      CHECK(times(tree_of(example.documents)) == example.tree);
    }
  }

  TEST_CASE("the critical path is whole, and nowhere twice, whatever the times are") {
    std::mt19937 random(5);
    for (int round = 0; round < 300; ++round) {
      const OwningTree tree = tree_of(random_trace(random));
      double length = 0;
      std::vector<TimeRange> all;
      for (const TraceNode& one : tree.nodes) {
        REQUIRE(one.self >= 0);
        all.insert(all.end(), one.critical.begin(), one.critical.end());
      }
      std::ranges::sort(all, {}, &TimeRange::from);
      for (std::size_t at = 0; at < all.size(); ++at) {
        REQUIRE(all[at].from < all[at].to);
        REQUIRE(all[at].from >= (at == 0 ? tree.start : all[at - 1].to));
        length += all[at].to - all[at].from;
      }
      REQUIRE((all.empty() || all.back().to <= tree.end));
      // One root: whoever waits for it waits for all of it.
      const TraceNode& root = tree.nodes.front();
      REQUIRE(length == doctest::Approx(root.end.value_or(tree.end) - root.start));
    }
  }

  TEST_CASE("a callee is skewed where only its clock can put it") {
    struct Case {
      const char* says;
      std::string call;
      double from;
      double to;
      double skew;
    };
    const std::string told = kRemote + kAnswered;
    const std::vector<Case> cases = {
        {"within", told, 2, 6, 0},
        {"earlier", told, 0.5, 4, 0.5},
        {"later", told, 3, 7.5, 1.5},
        {"both: it takes more than the call", told, 0.25, 8, 0.75},
        {"later, and it takes longer: it went on", told, 1.5, 9, 0},
        {"later, but nobody had an answer", kRemote + R"(,"fault":true)", 3, 7.5, 0},
        {"earlier by less than SDKs can tell", told, 0.9995, 4, 0},
        {"in progress", told, 2, kOpen, 0},
    };
    for (const Case& one : cases) {
      CAPTURE(one.says);
      const OwningTree tree =
          tree_of({node("a", "a", 0, 10, nested({node("b", "b", 1, 6, one.call)})),
                   node("c", "c", one.from, one.to, below("b"))});
      REQUIRE(tree.nodes.size() == 3);
      CHECK(tree.nodes[2].skew == doctest::Approx(one.skew));
      CHECK(tree.nodes[1].skew == 0);
    }
    const OwningTree tree = tree_of({node("a", "a", 1, 2, nested({node("b", "b", 0, 9)}))});
    CHECK(tree.nodes[1].skew == 0);
  }

  TEST_CASE("a call is inferred while nobody below it says to be the callee") {
    const auto inferred = [](const std::vector<std::string>& documents) {
      return lines(tree_of(documents),
                   [](const TraceNode& one) { return one.is_inferred ? " inferred" : ""; });
    };
    const std::string attempts =
        nested({node("c", "Attempt:0", 1, 2), node("d", "Attempt:1", 3, 4)});
    const std::string calls = nested({node("b", "pay", 1, 4, kRemote + "," + attempts),
                                      node("e", "DynamoDB", 5, 6, R"("namespace":"aws")"),
                                      node("f", "work", 6, 7, R"("namespace":"local")")});

    CHECK(inferred({node("a", "a", 0, 9, calls)}) ==
          "\na\n  pay inferred\n    Attempt:0\n    Attempt:1\n  DynamoDB inferred\n  work\n");
    CHECK(inferred({node("a", "a", 0, 9, calls), node("8", "pay", 3, 4, below("d"))}) ==
          "\na\n  pay\n    Attempt:0\n    Attempt:1\n      pay\n  DynamoDB inferred\n  work\n");
  }
}

}  // namespace trace_analysis_test
