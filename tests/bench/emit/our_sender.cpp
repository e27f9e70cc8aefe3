#include "our_sender.h"

#include <chrono>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

#include <xtrace/sampler.h>
#include <xtrace/tracer.h>

#include "measure.h"
#include "sample_segment.h"

namespace xtrace::bench {

namespace {

using std::chrono::seconds;

/// Keeps the last document.
class Keeper final : public Emitter {
 public:
  const std::string& document() const { return document_; }

  void flush() override {}
  bool drain(Duration) override { return true; }
  EmitterStats stats() const override { return {}; }
  std::optional<Error> last_error() const override { return std::nullopt; }

 private:
  void take(std::span<const std::string> documents, const DocumentCounts&) override {
    for (const std::string& document : documents) document_ = document;
  }

  std::string document_{};
};

/// A tracer that records everything, whatever the environment says.
std::unique_ptr<Tracer> make_tracer(std::shared_ptr<Emitter> emitter) {
  TracerConfig config;
  config.name = "shop";
  config.emitter = std::move(emitter);
  config.sampler = std::make_shared<RateSampler>(1.0);
  const auto finalized =
      finalize_config(std::move(config), [](const char*) -> const char* { return nullptr; });
  require(finalized.has_value(), "finalize_config");
  return std::make_unique<Tracer>(finalized.value());
}

/// Waits now and then for a queue that grows: an emitter never holds up its caller, and a service
/// that makes more segments than the receiver takes loses some.
void record(Tracer& tracer, std::size_t count, unsigned threads) {
  constexpr std::size_t kLookEvery = 256;
  constexpr std::uint64_t kMostQueued = 10'000;
  const std::size_t share = count / threads;
  const auto record_share = [&tracer, share] {
    for (std::size_t i = 0; i < share; ++i) {
      record_sample(tracer);
      if (i % kLookEvery != 0 || tracer.emitter().stats().queued < kMostQueued) continue;
      tracer.emitter().drain(seconds(10));
    }
  };
  std::vector<std::thread> others;
  for (unsigned i = 1; i < threads; ++i) others.emplace_back(record_share);
  record_share();
  for (std::thread& other : others) other.join();
}

}  // namespace

std::string sample_datagram() {
  const auto keeper = std::make_shared<Keeper>();
  const std::unique_ptr<Tracer> tracer = make_tracer(keeper);
  record_sample(*tracer);
  return std::string(kDatagramHeader) + keeper->document();
}

void send_samples(const OurSide& settings) {
  UdpEmitterOptions options;
  options.flow_control = settings.flow_control;
  const std::shared_ptr<UdpEmitter> emitter =
      make_udp_emitter({.host = "127.0.0.1", .port = settings.port}, options);
  const std::unique_ptr<Tracer> tracer = make_tracer(emitter);
  work_on_order([&] {
    record(*tracer, settings.segments, settings.threads);
    emitter->drain(seconds(10));
    return Done{.count = settings.segments};
  });
}

void make_samples(std::size_t segments) {
  const std::unique_ptr<Tracer> tracer = make_tracer(std::make_shared<NullEmitter>());
  work_on_order([&] {
    for (std::size_t i = 0; i < segments; ++i) record_sample(*tracer);
    return Done{.count = segments};
  });
}

}  // namespace xtrace::bench
