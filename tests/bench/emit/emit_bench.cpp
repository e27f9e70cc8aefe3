// The senders of tools/bench:
//
//   emit_bench send|sendmmsg PORT COUNT        bare system calls with the bytes of one sample
//   emit_bench delivered|arriving PORT COUNT   the same, only while there is room for them
//   emit_bench emit|paced|off PORT COUNT [THREADS]  samples made and emitted, by flow control
//   emit_bench make COUNT                      samples made and thrown away
//   emit_bench documents COUNT                 writes samples, one a line, to stdout
//   emit_bench size                            prints the bytes of one sample as a datagram

#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "bare_sender.h"
#include "measure.h"
#include "our_sender.h"

namespace {

using namespace xtrace::bench;
using xtrace::FlowControl;

constexpr std::size_t kBatch = 64;

int fail() {
  std::fputs("emit_bench: see the head of emit_bench.cpp for the arguments.\n", stderr);
  return 2;
}

void write_documents(std::size_t count) {
  constexpr std::size_t kBlock = 1000;
  std::string block;
  for (std::size_t i = 0; i < kBlock; ++i) {
    block += sample_datagram().substr(xtrace::kDatagramHeader.size());
    block += '\n';
  }
  for (std::size_t written = 0; written < count; written += kBlock) {
    require(std::fwrite(block.data(), 1, block.size(), stdout) == block.size(), "write");
  }
}

int run(std::string_view mode, std::size_t port, std::size_t count, unsigned threads) {
  const auto to = static_cast<std::uint16_t>(port);
  if (mode == "send") return send_bare({to, count, 1}, sample_datagram()), 0;
  if (mode == "delivered") return send_bare({to, count, 1, true}, sample_datagram()), 0;
  if (mode == "arriving") return send_bare({to, count, kBatch, true}, sample_datagram()), 0;
  if (mode == "sendmmsg") return send_bare({to, count, kBatch}, sample_datagram()), 0;
  OurSide ours{.port = to, .segments = count, .threads = threads};
  if (mode == "paced") ours.flow_control = FlowControl::paced;
  if (mode == "off") ours.flow_control = FlowControl::off;
  if (mode != "emit" && mode != "paced" && mode != "off") return fail();
  return send_samples(ours), 0;
}

}  // namespace

int main(int count, char** arguments) {
  const auto number = [count, arguments](int at, unsigned long otherwise) {
    return at < count ? std::strtoul(arguments[at], nullptr, 10) : otherwise;
  };
  const std::string_view mode = count > 1 ? arguments[1] : "";
  if (mode == "size") return std::printf("%zu\n", sample_datagram().size()), 0;
  if (mode == "documents") return write_documents(number(2, 1)), 0;
  if (mode == "make") return make_samples(number(2, 1)), 0;
  if (count < 4) return fail();
  return run(mode, number(2, 0), number(3, 0), static_cast<unsigned>(number(4, 1)));
}
