#include <string>

#include "server_fixture.h"
#include "support/count_allocations.h"

namespace xtrace::server_allocation_test {

using testing::allocations_of;
using testing::RawClient;
using testing::ServerFixture;

TEST_SUITE("http/server_allocation") {
  TEST_CASE_FIXTURE(ServerFixture, "a warm connection answers a request without allocating") {
    std::size_t told = 0;
    handler = [&told](ServerCall call) {
      call.on_end([&told](const ServerEnd&) { ++told; });
      call.add_header("X-Amzn-Trace-Id", "Root=1-57ff426a-80c11c39b0c928905eb0828d;Sampled=1");
      call.respond(200, "text/plain", "hello, world\n");
    };
    RawClient client = connect();
    char answer[1024];
    std::size_t wanted = 0;
    const auto ask = [&] {
      client.send(
          "GET /some/path?with=query HTTP/1.1\r\nHost: localhost:8080\r\n"
          "User-Agent: a browser with a long name\r\nAccept: */*\r\n\r\n");
      ++wanted;
      while (told < wanted) loop.spin(1);
      client.take_into(answer);
    };
    for (int i = 0; i < 4; ++i) ask();
    CHECK(allocations_of([&ask] {
            for (int i = 0; i < 100; ++i) ask();
          }) == 0);
    CHECK(server->stats().answered == 104);
  }
}

}  // namespace xtrace::server_allocation_test
