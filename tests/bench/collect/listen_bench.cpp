// What tools/bench measures `xtrace listen` with:
//
//   listen_bench send PORT COUNT     documents on every order, only while there is room for them
//   listen_bench burst PORT COUNT    the same without looking
//   listen_bench receive CORE        a receiver and its store; udp_sink's words on stdin and stdout
//   listen_bench store COUNT LIMIT SIZE...  puts documents of these sizes into a store of so many
//                                    bytes; prints what it took: kB resident before, after and at
//                                    most, then documents and bytes held
//   listen_bench facts COUNT         reads a document's facts so many times, for a profiler

#include <array>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <xtrace/loop.h>

#include "collect/document_facts.h"
#include "collect/trace_store.h"
#include "collect/udp_receiver.h"
#include "loop/timer.h"
#include "measure.h"
#include "numbered_documents.h"
#include "xray/receiver_probe.h"

namespace xtrace::bench {

namespace {

constexpr std::string_view kHeader = "{\"format\":\"json\",\"version\":1}\n";
constexpr std::size_t kBatch = 64;

class Sender {
 public:
  Sender(std::uint16_t port, bool may_lose);

  Done send(std::size_t count);

 private:
  void fill();
  std::int64_t wait_for_room();

  const int descriptor_;
  const bool may_lose_;
  NumberedDocuments documents_{kHeader};
  std::array<std::array<char, 1024>, kBatch> texts_{};
  std::array<iovec, kBatch> parts_{};
  std::array<mmsghdr, kBatch> messages_{};
  std::unique_ptr<ReceiverProbe> probe_;
};

Sender::Sender(std::uint16_t port, bool may_lose)
    : descriptor_(::socket(AF_INET, SOCK_DGRAM, 0)), may_lose_(may_lose) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const void* generic = &address;
  require(::connect(descriptor_, static_cast<const sockaddr*>(generic), sizeof address) == 0,
          "connect");
  probe_ = std::make_unique<ReceiverProbe>(descriptor_);
  for (std::size_t i = 0; i < kBatch; ++i) {
    parts_[i] = {texts_[i].data(), kHeader.size() + NumberedDocuments::kSize};
    messages_[i].msg_hdr.msg_iov = &parts_[i];
    messages_[i].msg_hdr.msg_iovlen = 1;
  }
}

Done Sender::send(std::size_t count) {
  Done done;
  while (done.count < count) {
    fill();
    if (!may_lose_) done.idle_cpu += wait_for_room();
    const std::size_t wanted = std::min(kBatch, count - done.count);
    for (std::size_t sent = 0; sent < wanted;) {
      const int taken =
          ::sendmmsg(descriptor_, messages_.data() + sent, static_cast<unsigned>(wanted - sent), 0);
      require(taken > 0, "sendmmsg");
      sent += static_cast<std::size_t>(taken);
    }
    done.count += wanted;
  }
  return done;
}

void Sender::fill() {
  for (std::array<char, 1024>& text : texts_) {
    const std::string_view document = documents_.next();
    document.copy(text.data(), document.size());
  }
}

std::int64_t Sender::wait_for_room() {
  const std::int64_t began = cpu_nanoseconds();
  const std::size_t wanted = kBatch * truesize_of(parts_.front().iov_len);
  ReceiverRoom room;
  do {
    require(probe_->ask(room) == ReceiverProbe::Answer::room, "ask for room");
  } while (room.used + wanted > room.size);
  return cpu_nanoseconds() - began;
}

/// Receives for ever. For each line on stdin it waits until nothing comes any more and prints what
/// came since the last one, as udp_sink does; then what was lost, and the size of the buffer.
class Receiver {
 public:
  Receiver();

  void run() { loop_.run(); }

 private:
  void take(std::string_view document, WallTime received);
  void report();

  Loop loop_;
  collect::TraceStore store_{{}};
  std::unique_ptr<collect::UdpReceiver> receiver_;
  Timer look_{loop_};
  std::size_t count_ = 0;
  std::size_t seen_ = 0;
  std::int64_t first_ = 0;
  std::int64_t last_ = 0;
  std::int64_t cpu_ = 0;
};

Receiver::Receiver() {
  auto receiver = collect::UdpReceiver::listen(
      loop_, {.address = Address::from_ipv4({127, 0, 0, 1}, 0)},
      [this](std::string_view document, WallTime received) { take(document, received); });
  require(receiver.has_value(), "listen");
  receiver_ = std::move(receiver).value();
  std::printf("%u\n", unsigned{receiver_->address().port()});
  std::fflush(stdout);
  std::thread([this] {
    std::array<char, 64> line{};
    while (std::fgets(line.data(), static_cast<int>(line.size()), stdin) != nullptr) {
      loop_.post([this] {
        seen_ = 0;
        look_.arm_every(std::chrono::milliseconds(30), [this] { report(); });
      });
    }
    std::_Exit(0);
  }).detach();
}

void Receiver::take(std::string_view document, WallTime received) {
  store_.add(document, collect::Door::udp, received);
  last_ = steady_nanoseconds();
  if (count_++ == 0) first_ = last_;
}

void Receiver::report() {
  if (std::exchange(seen_, count_) != count_) return;
  look_.disarm();
  const std::int64_t cpu = cpu_nanoseconds();
  const collect::UdpReceiverStats stats = receiver_->stats();
  std::printf("%zu %lld %lld %lld %llu %zu\n", count_, static_cast<long long>(first_),
              static_cast<long long>(last_), static_cast<long long>(cpu - cpu_),
              static_cast<unsigned long long>(stats.kernel_drops), stats.socket_buffer);
  std::fflush(stdout);
  count_ = 0;
  cpu_ = cpu;
}

/// A line of /proc/self/status, in kB.
long resident(std::string_view name) {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with(name)) return std::strtol(line.c_str() + name.size() + 1, nullptr, 10);
  }
  return 0;
}

void fill_store(std::size_t count, std::size_t limit, const std::vector<std::size_t>& sizes) {
  collect::TraceStore store({.traces = count, .bytes = limit});
  std::vector<NumberedDocuments> documents;
  for (const std::size_t size : sizes) documents.emplace_back("", size);
  const long before = resident("VmRSS");
  for (std::size_t i = 0; i < count; ++i) {
    store.add(documents[i % documents.size()].next(), collect::Door::udp, WallTime{});
  }
  const collect::StoreStats stats = store.stats();
  std::printf("%ld %ld %ld %zu %zu\n", before, resident("VmRSS"), resident("VmHWM"),
              stats.documents, stats.bytes);
}

void read_facts(std::size_t count) {
  NumberedDocuments documents("");
  for (std::size_t i = 0; i < count; ++i) {
    require(!collect::read_document_facts(documents.next()).refusal, "read facts");
  }
}

int run(std::string_view mode, const std::vector<std::size_t>& numbers) {
  if (mode == "receive" && numbers.size() == 1) {
    stay_on_core(static_cast<unsigned>(numbers[0]));
    Receiver().run();
  } else if ((mode == "send" || mode == "burst") && numbers.size() == 2) {
    Sender sender(static_cast<std::uint16_t>(numbers[0]), mode == "burst");
    work_on_order([&] { return sender.send(numbers[1]); });
  } else if (mode == "store" && numbers.size() > 2) {
    fill_store(numbers[0], numbers[1], {numbers.begin() + 2, numbers.end()});
  } else if (mode == "facts" && numbers.size() == 1) {
    read_facts(numbers[0]);
  } else {
    std::fputs("listen_bench: see the head of listen_bench.cpp for the arguments.\n", stderr);
    return 2;
  }
  return 0;
}

}  // namespace

}  // namespace xtrace::bench

int main(int count, char** arguments) {
  std::vector<std::size_t> numbers;
  for (int i = 2; i < count; ++i) numbers.push_back(std::strtoul(arguments[i], nullptr, 10));
  return xtrace::bench::run(count > 1 ? arguments[1] : "", numbers);
}
