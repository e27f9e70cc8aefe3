#include "scripted_server/scripted_reply.h"

namespace xtrace::examples {

std::vector<ScriptedReply> five_replies() {
  using namespace std::chrono_literals;
  return {
      {.status = 503},
      {.header_delay = 5s, .status = 500},
      {.status = 429, .body = "You makin' me crazy."},
      {.status = 200,
       .body_delay = 50ms,
       .body_service_time = 5s,
       .body = "I will eventually finish serving this sentence."},
      {.status = 200, .body = std::string(kFinalBody)},
  };
}

}  // namespace xtrace::examples
