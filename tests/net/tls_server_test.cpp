#include <thread>
#include <vector>

#include "net/tls_library.h"
#include "net/tls_meeting.h"

namespace xtrace::testing {

TEST_SUITE("net/tls_server") {
  TEST_CASE("a client and a server agree, and both know on what") {
    Meeting meeting;
    meeting.shake(serving(), visiting());
    REQUIRE(meeting.is_good());
    const TlsInfo& served = meeting.server.info;
    CHECK(served.version == meeting.client.info.version);
    CHECK(served.cipher == meeting.client.info.cipher);
    CHECK(served.cipher.find("_CHACHA20_POLY1305_") != std::string::npos);
    CHECK(served.alpn == "http/1.1");
    CHECK_FALSE(served.resumed);
    CHECK_FALSE(served.verified);
    CHECK(served.peer_subject.empty());
    CHECK(meeting.client.info.peer_subject == "CN=api.example.com, O=xtrace tests");
    CHECK(meeting.server.stream->remote_address().to_string() == "192.0.2.7:4711");
  }
}

}  // namespace xtrace::testing
