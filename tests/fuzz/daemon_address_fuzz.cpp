#include <xtrace/daemon_address.h>

#include "fuzz/target.h"

/// An address that is accepted prints as one that means the same; a refusal is one clean sentence.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace xtrace;
  const Expected<DaemonAddress> address = parse_daemon_address(testing::as_text(data, size));
  if (const Error* error = address.if_error()) {
    testing::require(error->code == Error::Code::invalid_address);
    testing::require(
        std::ranges::all_of(error->message, [](char c) { return c >= ' ' && c <= '~'; }));
    return 0;
  }
  const std::string udp = address->udp.to_string();
  const std::string tcp = address->tcp.to_string();
  testing::require(address->udp.port != 0 && !address->udp.host.empty());
  testing::require(*parse_daemon_address("udp:" + udp + " tcp:" + tcp) == *address);
  testing::require(parse_daemon_address(tcp)->udp == address->tcp);
  return 0;
}
