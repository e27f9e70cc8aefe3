// `archiver-cli archive archiver /archive --payload JSON`, `archiver-cli read archiver /archive/1`,
// `archiver-cli show health /health`.

#include <array>

#include "microservices/command.h"

namespace {

using xtrace::examples::CommandDeed;

constexpr std::array<CommandDeed, 3> kDeeds = {{
    {"archive", "archiver", "POST", "/archive", true},
    {"read", "archiver", "GET", "/archive/"},
    {"show", "health", "GET", "/health"},
}};

}  // namespace

int main(int count, char** words) {
  return xtrace::examples::run_command(
      {.name = "archiver-cli",
       .summary = "Asks the archiver: 'archive archiver /archive --payload JSON', "
                  "'read archiver /archive/N', 'show health'.",
       .host = "127.0.0.1:8080",
       .deeds = kDeeds},
      count, words);
}
