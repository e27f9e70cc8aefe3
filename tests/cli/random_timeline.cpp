#include "random_timeline.h"

#include <array>
#include <chrono>

#include "report_parts.h"

namespace xtrace::testing {

namespace {

enum class Shape : unsigned char { sequential, any };

class Walk {
 public:
  Walk(std::mt19937& random, Timeline& timeline) : random_(random), timeline_(timeline) {
    // Between 2^13 ns and 2^35 ns for each phase: 8 us to half a minute.
    magnitude_ = 13 + pick(20);
  }

  std::uint32_t pick(std::uint32_t below) { return static_cast<std::uint32_t>(random_()) % below; }
  bool chance() { return pick(2) == 0; }

  Duration length() {
    const auto most = std::uint64_t{1} << (magnitude_ + pick(3));
    return Duration(static_cast<std::int64_t>(random_() % most));
  }
  /// Most gaps are nothing, some are tiny, a few can be seen.
  Duration gap() {
    const std::uint32_t kind = pick(8);
    return kind < 4 ? Duration{} : kind < 7 ? Duration(pick(9000)) : length() / 16;
  }

  void add(Phase phase) {
    at_ += gap();
    const Duration begin = at_;
    at_ += length();
    timeline_.set(phase, {begin, at_, Outcome::ok});
    last_ = phase;
  }

  void add_dials(Shape shape) {
    const std::uint32_t count = 1 + pick(3);
    for (std::uint32_t i = 0; i < count; ++i) {
      const Duration begin = at_ + gap();
      const Duration end = begin + length();
      const bool is_last = i + 1 == count;
      dial(timeline_, ip(chance() ? "203.0.113.7" : "2001:db8::7", 443),
           {begin, end, is_last ? Outcome::ok : Outcome::abandoned});
      at_ = shape == Shape::any && !is_last ? begin + (end - begin) / 2 : std::max(at_, end);
    }
    for (std::size_t i = 0; i < timeline_.dial_count; ++i) {
      at_ = std::max(at_, timeline_.dials[i].span.end);
    }
  }

  void answer_early() {
    const Span request = *timeline_.find(Phase::request);
    const Duration first_byte = request.begin + request.length() / 2;
    timeline_.early_response = true;
    timeline_.set(Phase::response, {first_byte, first_byte, Outcome::ok});
    timeline_.set(Phase::body, {first_byte, at_ + length() / 2, Outcome::ok});
    at_ = std::max(at_, timeline_.find(Phase::body)->end);
  }

  void finish() {
    timeline_.total = at_ + gap() + std::chrono::microseconds(50);
    if (chance() || last_ == Phase::none || timeline_.early_response) return;
    Span span = *timeline_.find(last_);
    span.outcome = chance() ? Outcome::error : Outcome::timeout;
    timeline_.set(last_, span);
    timeline_.error = Error{Error::Code::receive_failed, last_, "receive: reset"};
  }

 private:
  std::mt19937& random_;
  Timeline& timeline_;
  std::uint32_t magnitude_ = 0;
  Duration at_{};
  Phase last_ = Phase::none;
};

cli::Report make_report(std::mt19937& random, Shape shape) {
  cli::Report report = base("GET", "https://api.example.com/", 0);
  Timeline& timeline = timeline_of(report);
  Walk walk(random, timeline);
  if (walk.chance()) walk.add(Phase::queue);
  if (walk.chance()) walk.add(Phase::dns_wait);
  if (walk.chance()) walk.add(Phase::dns);
  if (walk.chance()) walk.add_dials(shape);
  if (walk.chance()) walk.add(Phase::tls);
  const std::uint32_t reached = walk.pick(5);
  if (reached > 0) walk.add(Phase::request);
  if (reached == 4 && shape == Shape::any) {
    walk.answer_early();
  } else {
    if (reached > 1) walk.add(Phase::response);
    if (reached > 2) walk.add(Phase::body);
  }
  walk.finish();
  report.error = timeline.error;
  if (reached > 2 && !timeline.error) answer(report, 200, "OK", 1856);
  return report;
}

}  // namespace

cli::Report random_report(std::mt19937& random) {
  return make_report(random, Shape::any);
}

cli::Report random_sequential_report(std::mt19937& random) {
  return make_report(random, Shape::sequential);
}

}  // namespace xtrace::testing
