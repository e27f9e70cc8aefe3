// The API's part in tools/bench: GetTraceSummaries over a store, as `xtrace listen` answers it.
//
//   summaries_bench TRACES
//
// Prints a line for each of several filter expressions: milliseconds of the median answer, how many
// traces of the page were found, and the expression. The first line is the answer for which every
// trace had to be read, without a filter.

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "base/json_writer.h"
#include "collect/api_body.h"
#include "collect/api_queries.h"
#include "collect/trace_store.h"
#include "measure.h"

namespace xtrace::bench {

namespace {

using namespace xtrace::collect;

constexpr std::uint64_t kFirstSecond = 1'480'615'200;
constexpr int kRuns = 21;

// From what holds at once to what has to look at everything of every trace.
constexpr std::array<std::string_view, 6> kExpressions{
    "",
    "responsetime > 0.9 AND fault",
    R"(http.url CONTAINS "/items/77" AND http.status != 404)",
    R"(service("stock") { fault OR responsetime > 5 } AND annotation.account = "77")",
    R"(edge("shop", "stock") { throttle } OR user = "nobody")",
    R"(rootcause.fault.exception { message CONTAINS "refused" } AND NOT http.method = "GET")",
};

std::string hex(std::uint64_t number, std::size_t digits) {
  std::array<char, 33> text{};
  std::snprintf(text.data(), text.size(), "%0*llx", static_cast<int>(digits),
                static_cast<unsigned long long>(number));
  return text.data();
}

/// `"name":"<name>",...`: what segments and subsegments begin with.
std::string head(std::string_view name, std::uint64_t id, double start, double seconds) {
  std::array<char, 96> times{};
  std::snprintf(times.data(), times.size(), R"("start_time":%.6f,"end_time":%.6f)", start,
                start + seconds);
  return R"({"name":")" + std::string(name) + R"(","id":")" + hex(id, 16) + "\"," + times.data();
}

/// A shop that asks its stock, which is at fault once in ten times.
void add_trace(TraceStore& store, std::uint64_t number) {
  const std::string second = hex(kFirstSecond + number / 100, 8);
  const std::string trace_id = R"(,"trace_id":"1-)" + second + "-" + hex(number, 24) + "\"";
  const double start = static_cast<double>(kFirstSecond) + static_cast<double>(number) / 100;
  const double seconds = 0.001 * static_cast<double>(number % 1000 + 1);
  const std::string status = number % 10 == 0 ? "503" : "200";
  const std::string fault = number % 10 == 0 ? R"(,"fault":true)" : "";
  const std::string cause =
      number % 10 == 0 ? R"(,"cause":{"exceptions":[{"type":"Refused","message":"card refused"}]})"
                       : "";
  const std::uint64_t id = number * 4 + 1;
  const std::string http =
      R"(,"http":{"request":{"method":"POST","url":"http://shop/items/)" + std::to_string(number) +
      R"(","user_agent":"bench","client_ip":"192.0.2.1"},"response":{"status":)" + status + "}}";
  const std::string shop =
      head("shop", id, start, seconds) + trace_id + fault + http + R"(,"user":"u)" +
      std::to_string(number % 50) + R"(","annotations":{"account":")" +
      std::to_string(number % 500) + R"(","count":3},"subsegments":[)" +
      head("stock", id + 1, start, seconds / 2) + fault + R"(,"namespace":"remote"},)" +
      head("render", id + 2, start, seconds / 4) + "}]}";
  const std::string stock = head("stock", id + 3, start, seconds / 3) + trace_id +
                            R"(,"parent_id":")" + hex(id + 1, 16) +
                            R"(","origin":"AWS::ECS::Container")" + fault + cause + "}";
  for (const std::string& document : {shop, stock}) {
    const bool is_taken = !store.add(document, Door::udp, WallTime{});
    require(is_taken, "offer a document that the service takes");
  }
}

std::string request(std::string_view expression) {
  std::string text;
  {
    JsonWriter json(text);
    json.begin_object();
    json.key("StartTime");
    json.unsigned_integer(kFirstSecond - 1);
    json.key("EndTime");
    json.unsigned_integer(kFirstSecond + 1'000'000);
    json.key("FilterExpression");
    json.string(expression);
    json.end_object();
  }
  return text;
}

std::size_t count_of(std::string_view text, std::string_view part) {
  std::size_t count = 0;
  for (std::size_t at = text.find(part); at != std::string_view::npos; ++count) {
    at = text.find(part, at + part.size());
  }
  return count;
}

/// Nanoseconds.
std::int64_t answer_time(const TraceStore& store, const std::string& text, std::string& answer) {
  const std::int64_t began = steady_nanoseconds();
  ApiBody body(text);
  ApiReply reply = get_trace_summaries(body, store);
  const std::int64_t taken = steady_nanoseconds() - began;
  const bool is_whole =
      count_of(reply.body, "\"TracesProcessedCount\":" + std::to_string(store.stats().traces)) == 1;
  require(reply.status == 200 && is_whole, "ask for summaries of every trace");
  answer = std::move(reply.body);
  return taken;
}

void report(std::int64_t nanoseconds, const std::string& answer, std::string_view expression) {
  std::printf("%.3f %zu %.*s\n", static_cast<double>(nanoseconds) / 1e6,
              count_of(answer, "\"HasFault\""), static_cast<int>(expression.size()),
              expression.data());
}

void ask(std::uint64_t traces) {
  TraceStore store({.traces = traces});
  for (std::uint64_t number = 0; number < traces; ++number) add_trace(store, number);
  require(store.stats().traces == traces, "hold every trace");
  std::string answer;
  report(answer_time(store, request(""), answer), answer, "");
  for (const std::string_view expression : kExpressions) {
    const std::string text = request(expression);
    std::vector<std::int64_t> times;
    for (int run = 0; run < kRuns; ++run) times.push_back(answer_time(store, text, answer));
    std::ranges::nth_element(times, times.begin() + kRuns / 2);
    report(times[kRuns / 2], answer, expression);
  }
}

}  // namespace

}  // namespace xtrace::bench

int main(int count, char** values) {
  const std::uint64_t traces = count == 2 ? std::strtoull(values[1], nullptr, 10) : 0;
  xtrace::bench::require(traces > 0, "tell how many traces: summaries_bench TRACES");
  xtrace::bench::ask(traces);
  return 0;
}
