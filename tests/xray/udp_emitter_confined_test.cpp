// An emitter in a container that allows less than the kernel can, and one that speaks IPv6.

#include <array>
#include <cerrno>
#include <cstddef>

#include <doctest/doctest.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <xtrace/udp_emitter.h>

#include "xray/emitter_parts.h"
#include "xray/udp_pair.h"
#include "xray/udp_receiver.h"

namespace xtrace::udp_emitter_confined_test {

namespace {

using namespace std::chrono_literals;
using testing::framed;
using testing::numbered;
using testing::UdpPair;
using testing::UdpReceiver;
using testing::Wire;

/// From here on sendmmsg, and sockets that are neither IP nor Unix, are forbidden to this process.
bool confine() {
  constexpr auto kFamily = static_cast<unsigned>(offsetof(seccomp_data, args));
  std::array<sock_filter, 8> program{{
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_sendmmsg, 4, 0),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_socket, 0, 2),
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, kFamily),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AF_NETLINK, 1, 0),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  }};
  sock_fprog filter{.len = program.size(), .filter = program.data()};
  return ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
         ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) == 0;
}

}  // namespace

TEST_SUITE("xray/udp_emitter_confined") {
  TEST_CASE("a sandbox without netlink and sendmmsg costs speed and no document") {
    UdpReceiver daemon;
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
      if (!confine()) ::_exit(77);
      const auto emitter = make_udp_emitter(daemon.endpoint(), {.max_delay = 0ns});
      emitter->emit(numbered(0, 60));
      if (!emitter->drain(10s)) ::_exit(1);
      ::_exit(emitter->stats().sent == 60 && !emitter->last_error() ? 0 : 2);
    }
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    REQUIRE(WIFEXITED(status));
    if (WEXITSTATUS(status) == 77) {
      MESSAGE("this kernel has no seccomp filters");
      return;
    }
    CHECK(WEXITSTATUS(status) == 0);
    for (const std::string& document : numbered(0, 60)) {
      REQUIRE(daemon.receive() == framed(document));
    }
  }

  TEST_CASE("a daemon on IPv6 gets a burst whole, and is missed when it goes") {
    UdpPair pair{Wire::ipv6};
    const int own = ::dup(pair.sender());
    const auto emitter = make_udp_emitter_on(own, "[::1]:2000", {.absent_patience = 1h});
    emitter->emit(numbered(0, 1'000, 640));
    std::size_t received = 0;
    for (int i = 0; received < 1'000 && i < 10'000; ++i) {
      emitter->drain(1ms);
      received += pair.receive_all();
    }
    CHECK(received == 1'000);
    CHECK(emitter->stats().receiver_drops == 0);
    pair.close_receiver();
    emitter->emit(numbered(0, 10));
    CHECK(emitter->confirm(0ns) == Delivery::refused);
    CHECK(emitter->stats().queued == 10);
    pair.open_receiver();
    CHECK(emitter->drain(10s));
    CHECK(pair.receive_all() == 10);
  }
}

}  // namespace xtrace::udp_emitter_confined_test
