// `fetcher-cli fetch fetcher /fetch/URL`, `fetcher-cli show health /health`.

#include <array>

#include "microservices/command.h"

namespace {

using xtrace::examples::CommandDeed;

constexpr std::array<CommandDeed, 2> kDeeds = {{
    {"fetch", "fetcher", "GET", "/fetch/"},
    {"show", "health", "GET", "/health"},
}};

}  // namespace

int main(int count, char** words) {
  return xtrace::examples::run_command(
      {.name = "fetcher-cli",
       .summary = "Asks the fetcher: 'fetch fetcher /fetch/URL', 'show health'.",
       .host = "127.0.0.1:8081",
       .deeds = kDeeds},
      count, words);
}
