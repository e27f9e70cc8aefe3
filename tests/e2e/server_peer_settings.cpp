#include "server_peer_settings.h"

#include <array>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <utility>

namespace xtrace::peer {

namespace {

template <class Number>
Number number(std::string_view text) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) {
    fail("\"" + std::string(text) + "\" is no number");
  }
  return value;
}

Duration limit_of(std::string_view text) {
  return std::chrono::milliseconds(number<int>(text));
}

TraceAnswer answer(std::string_view text) {
  if (text == "always") return TraceAnswer::always;
  return text == "never" ? TraceAnswer::never : TraceAnswer::when_asked;
}

struct Word {
  std::string_view name;
  void (*set)(Settings&, std::string_view);
};

using Text = std::string_view;

constexpr std::array kWords = std::to_array<Word>({
    {"port",
     [](Settings& to, Text text) {
       to.server.address = to.server.address.with_port(number<std::uint16_t>(text));
     }},
    {"daemon", [](Settings& to, Text text) { to.daemon = text; }},
    {"downstream", [](Settings& to, Text text) { to.downstream = text; }},
    {"sampled", [](Settings& to, Text text) { to.sampled = number<double>(text); }},
    {"name", [](Settings& to, Text text) { to.trace.name = text; }},
    {"pattern", [](Settings& to, Text text) { to.trace.host_patterns.emplace_back(text); }},
    {"hops", [](Settings& to, Text text) { to.trace.trusted_hops = number<std::size_t>(text); }},
    {"traceparent", [](Settings& to, Text text) { to.trace.reads_traceparent = text == "yes"; }},
    {"answer", [](Settings& to, Text text) { to.trace.answer = answer(text); }},
    {"certificate", [](Settings& to, Text text) { to.tls.certificate_file = text; }},
    {"key", [](Settings& to, Text text) { to.tls.key_file = text; }},
    {"client_ca", [](Settings& to, Text text) { to.tls.client_ca_file = text; }},
    {"head_bytes",
     [](Settings& to, Text text) { to.server.limits.head_bytes = number<std::size_t>(text); }},
    {"body_bytes",
     [](Settings& to, Text text) { to.server.limits.body_bytes = number<std::uint64_t>(text); }},
    {"connections",
     [](Settings& to, Text text) { to.server.limits.connections = number<std::size_t>(text); }},
    {"head_ms", [](Settings& to, Text text) { to.server.limits.head = limit_of(text); }},
    {"idle_ms", [](Settings& to, Text text) { to.server.limits.idle = limit_of(text); }},
    {"slowest_rate",
     [](Settings& to, Text text) { to.server.limits.slowest_rate = number<std::uint64_t>(text); }},
    {"grace_ms", [](Settings& to, Text text) { to.server.limits.rate_grace = limit_of(text); }},
});

}  // namespace

void fail(std::string_view sentence) {
  std::fprintf(stderr, "server_peer: %.*s\n", static_cast<int>(sentence.size()), sentence.data());
  std::exit(2);
}

Settings read_settings(int count, char** words) {
  Settings settings;
  for (int at = 1; at < count; ++at) {
    const std::string_view given = words[at];
    const std::size_t equals = std::min(given.find('='), given.size());
    const auto* word = kWords.begin();
    while (word != kWords.end() && word->name != given.substr(0, equals)) ++word;
    if (word == kWords.end() || equals == given.size()) {
      fail("there is no setting \"" + std::string(given) + "\"");
    }
    word->set(settings, given.substr(equals + 1));
  }
  return settings;
}

}  // namespace xtrace::peer
