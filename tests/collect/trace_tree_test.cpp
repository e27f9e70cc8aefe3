#include "collect/trace_tree.h"

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "collect/tree_text.h"

namespace trace_tree_test {

using namespace xtrace;
using namespace xtrace::collect;
using namespace xtrace::collect::testing;

namespace {

using Documents = std::vector<std::string>;

/// Two services: the second one's segment names the first one's call.
Documents two_services() {
  const std::string phases = nested({node("c", "connect", 1, 2, nested({node("d", "dns", 1, 1.5)})),
                                     node("e", "response", 2, 8)});
  const std::string call = node("b", "pay", 1, 8, R"("namespace":"remote",)" + phases);
  return {node("a", "checkout", 0, 10, nested({call})),
          node("f", "pay", 3, 7, below("b") + "," + nested({node("9", "query", 4, 5)}))};
}

/// Everything of a tree that the order of its documents may not change.
std::string facts(const TraceTree& tree) {
  return lines(tree, [&tree](const TraceNode& one) {
    std::string text = " " + one.id.to_string() + (one.is_segment ? "#" : "");
    text += one.is_waiting ? "?" : "";
    text += " of " + std::string(tree.nodes[one.segment].name);
    text += number_text(one.start - kEpoch, " %g") + number_text(one.end.value_or(0), " %f");
    text += number_text(one.self, " %.6f") + (one.is_inferred ? " inferred" : "");
    for (const TimeRange& range : one.critical) {
      text += number_text(range.from - kEpoch, " [%.6f") + number_text(range.to - kEpoch, " %.6f]");
    }
    return text;
  });
}

struct Example {
  const char* says;
  Documents documents;
  const char* tree;
};

void check(const std::vector<Example>& examples) {
  for (const Example& example : examples) {
    CAPTURE(example.says);
    CHECK(shape(tree_of(example.documents)) == example.tree);
  }
}

}  // namespace

TEST_SUITE("collect/trace_tree") {
  TEST_CASE("a callee's segment is put below the call that it names") {
    const OwningTree tree = tree_of(two_services());

    CHECK(shape(tree) ==
          "\ncheckout#\n  pay\n    connect\n      dns\n    response\n    pay#\n      query\n");
    CHECK(tree.nodes[6].segment == 5);
    CHECK(tree.nodes[6].document == 1);
    CHECK(tree.nodes[4].segment == 0);
    CHECK(tree.start == kEpoch);
    CHECK(tree.end == kEpoch + 10);
  }

  TEST_CASE("documents are joined by their ids, whatever these say") {
    check({
        {"nesting counts more than a parent_id",
         {node("a", "a", 0, 9,
               nested({node("b", "b", 1, 5,
                            below("a") + "," + nested({node("c", "c", 2, 3, below("a"))}))}))},
         "\na#\n  b\n    c\n"},
        {"nesting counts more than the parent_id of the copy that stays",
         {node("a", "a", 0, 9, nested({node("b", "b", 1, 5, nested({node("c", "c", 2, kOpen)}))})),
          node("c", "c", 2, 3, alone_below("a"))},
         "\na#\n  b\n    c\n"},
        {"a subsegment sent alone is below one of another document",
         {node("a", "a", 0, 9, nested({node("b", "b", 1, 8)})),
          node("c", "c", 2, 5, alone_below("b"))},
         "\na#\n  b\n    c\n"},
        {"what waits is last, with what is below it",
         {node("c", "c", 1, 2, below("b")), node("b", "b", 0, 3, below("7")), node("a", "a", 5, 6)},
         "\na#\nb#?\n  c#\n"},
        {"roots are in the order of their starts, and one without a start is last",
         {R"({"id":"0000000000000003","name":"z","end_time":0})", node("2", "y", 2, 3),
          node("1", "x", 1, 2)},
         "\nx#\ny#\nz#*\n"},
        {"a parent of zeros is none", {node("a", "a", 0, 1, below("0"))}, "\na#\n"},
        {"nodes with ids of zeros, or with none that is valid, are not one",
         {node("0", "a", 0, 1), node("0", "b", 1, 2), R"({"id":"xyz","name":"c"})",
          R"({"id":17,"name":"d"})"},
         "\na#\nb#\nc#*\nd#*\n"},
        {"an id is the same in capitals",
         {R"({"id":"00000000000000AB","name":"a","start_time":1,"end_time":2})",
          node("c", "c", 0, 1, below("ab"))},
         "\na#\n  c#\n"},
    });
  }

  TEST_CASE("whatever goes round in a circle is shown, from a segment on") {
    check({
        {"its own parent", {node("a", "a", 0, 1, below("a"))}, "\na#\n"},
        {"each other's parents",
         {node("b", "b", 1, 2, below("a")), node("a", "a", 0, 3, below("b"))},
         "\na#\n  b#\n"},
        {"a root that names what is nested in it",
         {node("a", "a", 0, 3, below("b") + "," + nested({node("b", "b", 0, 2)}))},
         "\na#\n  b\n"},
        {"a subsegment before the segment",
         {node("b", "b", 0, 2, alone_below("a")), node("a", "a", 1, 3, below("b"))},
         "\na#\n  b\n"},
        {"nested in itself", {node("a", "a", 0, 3, nested({node("a", "a", 1, 2)}))}, "\na#\n"},
        {"nested in each other",
         {node("a", "a", 0, 3, nested({node("b", "b", 1, 2)})),
          node("b", "b", 1, 2, nested({node("a", "a", 0, 3)}))},
         "\na#\n  b#\n"},
    });
  }

  TEST_CASE("of nodes of one id the last that is finished stays, and the others are counted") {
    const std::string open = node("b", "open", 1, kOpen, nested({node("c", "c", 1, 2)}));
    const std::string done = node("b", "done", 1, 4);
    const std::string more = node("b", "more", 1, 5, nested({node("d", "d", 2, 3)}));
    struct Case {
      Documents documents;
      const char* tree;
      std::size_t duplicates;
    };
    const std::vector<Case> cases = {
        {{node("a", "go", 0, 9, nested({open, done}))}, "\ngo#\n  done\n    c\n", 1},
        {{node("a", "go", 0, 9, nested({done, open}))}, "\ngo#\n  done\n    c\n", 1},
        {{node("a", "go", 0, 9, nested({open, done, more}))}, "\ngo#\n  more\n    c\n    d\n", 2},
        {{node("a", "go", 0, 9, nested({open})), node("b", "alone", 1, 4, alone_below("a"))},
         "\ngo#\n  alone\n    c\n",
         1},
        {{node("b", "alone", 1, kOpen, alone_below("a")), node("a", "go", 0, 9, nested({done}))},
         "\ngo#\n  done\n",
         1},
    };
    for (const Case& one : cases) {
      const OwningTree tree = tree_of(one.documents);
      CHECK(shape(tree) == one.tree);
      CHECK(tree.duplicates == one.duplicates);
    }
  }

  TEST_CASE("documents give the same tree in whatever order they come") {
    Documents documents = two_services();
    documents.push_back(node("21", "streamed", 2, 3, alone_below("c")));
    documents.push_back(node("22", "streamed", 2, 3, alone_below("c")));
    documents.push_back(node("9", "query", 4, kOpen, alone_below("f")));
    documents.push_back(node("31", "orphan", 5, 6, below("77")));
    documents.push_back(node("32", "circle", 5, 6, below("33")));
    documents.push_back(node("33", "circle", 5, 6, below("32")));
    const std::string wanted = facts(tree_of(documents));

    std::mt19937 random(7);
    for (int round = 0; round < 200; ++round) {
      std::ranges::shuffle(documents, random);
      REQUIRE(facts(tree_of(documents)) == wanted);
    }
  }

  TEST_CASE("announcements change nothing once what they announced has come") {
    std::mt19937 random(11);
    const Documents finished = {node("a", "a", 0, 9), node("b", "b", 1, 8, alone_below("a")),
                                node("c", "c", 2, 7, alone_below("b")),
                                node("d", "d", 3, 6, below("c"))};
    const Documents announced = {
        node("a", "a", 0, kOpen), node("b", "b", 1, kOpen, alone_below("a")),
        node("c", "c", 2, kOpen, alone_below("b")), node("d", "d", 3, kOpen, below("c"))};
    const std::string wanted = facts(tree_of(finished));
    for (unsigned kept = 0; kept < 16; ++kept) {
      Documents documents = finished;
      for (unsigned bit = 0; bit < 4; ++bit) {
        if ((kept & (1U << bit)) != 0) documents.push_back(announced[bit]);
      }
      std::ranges::shuffle(documents, random);
      const OwningTree tree = tree_of(documents);
      REQUIRE(facts(tree) == wanted);
      REQUIRE(tree.duplicates == documents.size() - finished.size());
    }
  }

  TEST_CASE("siblings that begin together keep the order they are written in") {
    const OwningTree tree = tree_of(
        {node("a", "a", 0, 9,
              nested({node("d", "dns", 1, 2), node("c", "dial", 1, 2), node("b", "tls", 1, 2)}))});

    CHECK(shape(tree) == "\na#\n  dns\n  dial\n  tls\n");
  }

  TEST_CASE("a chain and a fan of 10,000 nodes are built") {
    Documents chain;
    Documents fan = {node("1", "root", 0, 1)};
    for (int i = 1; i <= 10000; ++i) {
      const std::string id = std::to_string(i);
      chain.push_back(node(id, "link", i, i + 1, i == 1 ? "" : below(std::to_string(i - 1))));
      if (i > 1) fan.push_back(node(id, "leaf", 10000 - i, 10000, alone_below("1")));
    }
    std::ranges::reverse(chain);

    CHECK(tree_of(chain).nodes.back().depth == 9999);
    const OwningTree tree = tree_of(fan);
    CHECK(tree.nodes.size() == 10000);
    CHECK(tree.nodes.back().parent == 0);
    CHECK(tree.nodes.back().start == kEpoch + 9998);
  }
}

}  // namespace trace_tree_test
