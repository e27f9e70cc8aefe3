#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>

#include <xtrace/sampler.h>
#include <xtrace/tracer.h>
#include <xtrace/udp_emitter.h>

#include "bench/emit/sample_segment.h"
#include "support/count_allocations.h"
#include "xray/batch_sender.h"
#include "xray/receiver_probe.h"
#include "xray/udp_pair.h"
#include "xray/udp_receiver.h"

namespace xtrace::emit_allocation_test {

namespace {

using testing::allocations_of;

constexpr std::size_t kBatches = 10;
constexpr std::size_t kBatch = 64;

std::size_t receive_all(testing::UdpReceiver& daemon) {
  std::size_t count = 0;
  for (; !daemon.is_empty(); ++count) daemon.receive();
  return count;
}

}  // namespace

TEST_SUITE("bench/emit_allocation") {
  // What tools/bench measures as emit-cost.
  TEST_CASE("making and emitting segments in batches allocates nothing once it is warm") {
    testing::UdpReceiver daemon;
    TracerConfig config;
    config.sampler = std::make_shared<RateSampler>(1.0);
    config.emitter = make_udp_emitter(daemon.endpoint());
    const auto finalized =
        finalize_config(std::move(config), [](const char*) -> const char* { return nullptr; });
    Tracer tracer{finalized.value()};
    const auto make_batch = [&tracer] {
      for (std::size_t i = 0; i < kBatch; ++i) bench::record_sample(tracer);
      REQUIRE(tracer.emitter().drain(std::chrono::seconds(10)));
    };
    for (std::size_t i = 0; i < kBatches; ++i) {
      make_batch();
      CHECK(receive_all(daemon) == kBatch);
    }
    for (std::size_t i = 0; i < kBatches; ++i) {
      CHECK(allocations_of(make_batch) == 0);
      CHECK(receive_all(daemon) == kBatch);
    }
  }

  TEST_CASE("asking for room and sending a train allocates nothing") {
    const testing::UdpPair pair;
    ReceiverProbe probe(pair.sender());
    BatchSender sender(pair.sender(), true);
    const std::string document(690, 'x');
    std::vector<std::string_view> datagrams(kBatch, document);
    datagrams[1] = std::string_view(document).substr(20);
    std::size_t taken = 0;
    CHECK(allocations_of([&] {
            ReceiverRoom room;
            if (probe.ask(room) == ReceiverProbe::Answer::room)
              taken = sender.send(datagrams).taken;
          }) == 0);
    CHECK(sender.segments());
    CHECK(taken == kBatch);
  }
}

}  // namespace xtrace::emit_allocation_test
