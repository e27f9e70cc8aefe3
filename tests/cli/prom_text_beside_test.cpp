#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>
#include <sys/wait.h>

#include <xtrace/prometheus_sink.h>

#include "cli/prom_text.h"
#include "support/scratch.h"

namespace xtrace::cli::prom_text_beside_test {

namespace {

using Kind = MetricInfo::Kind;
using Unit = MetricInfo::Unit;

constexpr MetricInfo kInfos[] = {
    {.name = "request.time", .unit = Unit::milliseconds, .help = "How long a request takes."},
    {.name = "sent", .unit = Unit::bytes, .help = "How much was sent."},
    {.name = "tries", .help = "How often one was tried."},
    {.name = "retries", .kind = Kind::counter, .help = "With a \\ and\na newline, and \"quoted\"."},
    {.name = "waited", .kind = Kind::counter, .unit = Unit::milliseconds, .help = "Waited."},
    {.name = "pool.idle", .kind = Kind::gauge, .help = "Connections that idle."},
};

/// The same values, many of them awkward, into any sink.
void record_all(MetricsSink& sink) {
  const std::vector<std::string> texts{"shop",  "10.0.0.1:8080", "a\"b", "c\\d", "e\nf",
                                       "\xff!", "\xc3\xa9",      "",     "x,y",  "{}"};
  std::minstd_rand random{20260725};
  for (int i = 0; i < 3000; ++i) {
    const MetricInfo& info = kInfos[random() % std::size(kInfos)];
    std::vector<MetricTag> tags{{"target.id", texts[random() % texts.size()]}, {"le", "1"}};
    if (random() % 2 == 0) tags.push_back({"status", texts[random() % texts.size()]});
    if (random() % 2 == 0) std::swap(tags.front(), tags.back());
    const double magnitude = std::pow(10.0, static_cast<double>(random() % 12) - 5);
    const double value = static_cast<double>(random() % 1000) * magnitude;
    sink.series(info, tags).record(random() % 40 == 0 ? std::nan("") : value);
  }
}

struct Sample {
  std::string name;  // with its labels
  double value = 0;
};

double number_in(std::string_view text) {
  if (text == "+Inf") return HUGE_VAL;
  double value = 0;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), value);
  REQUIRE_MESSAGE((result.ec == std::errc{} && result.ptr == text.data() + text.size()), text);
  return value;
}

/// Everything of a text: comments as they are, samples by name.
struct Exposition {
  std::vector<std::string> comments;
  std::map<std::string, double> samples;

  explicit Exposition(std::string_view text) {
    REQUIRE(text.ends_with('\n'));
    while (!text.empty()) {
      const std::size_t end = text.find('\n');
      const std::string line{text.substr(0, end)};
      text.remove_prefix(end + 1);
      if (line.starts_with("#")) {
        comments.push_back(line);
        continue;
      }
      const std::size_t space = line.rfind(' ');
      REQUIRE(space != std::string::npos);
      const bool is_new =
          samples.emplace(line.substr(0, space), number_in(line.substr(space + 1))).second;
      CHECK_MESSAGE(is_new, line);
    }
    std::sort(comments.begin(), comments.end());
  }
};

struct Beside {
  std::shared_ptr<prometheus::Registry> registry = std::make_shared<prometheus::Registry>();

  std::string theirs(std::size_t most_series = 10'000) const {
    PrometheusSink sink{registry, {.most_series = most_series}};
    record_all(sink);
    return prometheus::TextSerializer().Serialize(registry->Collect());
  }
  static std::string ours(std::size_t most_series = 10'000) {
    PromTextSink sink{most_series};
    record_all(sink);
    return sink.text();
  }
};

}  // namespace

TEST_SUITE_BEGIN("cli/prom_text, beside prometheus-cpp");

TEST_CASE_FIXTURE(Beside, "our text is that of prometheus-cpp, but for order and last digits") {
  for (const std::size_t most_series : {std::size_t{10'000}, std::size_t{20}}) {
    CAPTURE(most_series);
    registry = std::make_shared<prometheus::Registry>();
    const Exposition our_text{ours(most_series)};
    const Exposition their_text{theirs(most_series)};
    CHECK(our_text.comments == their_text.comments);
    CHECK(our_text.samples.size() == their_text.samples.size());
    CHECK(our_text.samples.size() > 300);
    for (const auto& sample : their_text.samples) {
      const std::string& name = sample.first;
      const double value = sample.second;
      const auto found = our_text.samples.find(name);
      REQUIRE_MESSAGE(found != our_text.samples.end(), name);
      // prometheus-cpp writes 16 digits.
      CHECK_MESSAGE(std::abs(found->second - value) <= 1e-15 * std::abs(value), name);
    }
  }
}

#if defined(XTRACE_PROMTOOL)
TEST_CASE_FIXTURE(Beside, "promtool finds nothing to complain about in either text") {
  testing::Scratch scratch;
  for (const std::string& text : {ours(), theirs()}) {
    const std::string command = XTRACE_PROMTOOL " check metrics <" +
                                scratch.write("metrics", text) + " >" + scratch.path("said") +
                                " 2>&1";
    const int status = std::system(command.c_str());  // NOLINT(*-env33-c): our own paths
    CHECK_MESSAGE((WIFEXITED(status) && WEXITSTATUS(status) == 0), scratch.read("said"));
    CHECK(scratch.read("said").empty());
  }
}
#endif

TEST_SUITE_END();

}  // namespace xtrace::cli::prom_text_beside_test
