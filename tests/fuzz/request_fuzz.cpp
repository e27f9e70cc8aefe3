#include "fuzz/target.h"
#include "http/request_record.h"

/// The first byte chooses where the bytes are cut. What a caller sees does not depend on it, nor on
/// what the parser read before. What passes has one framing, and is the same once written anew.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace xtrace;
  if (size == 0) return 0;
  const std::string_view bytes = testing::as_text(data + 1, size - 1);
  const RequestLimits limits{.head_bytes = 512, .body_bytes = 64};
  testing::RequestRecord whole(limits);
  std::string written;
  whole.during_head = [&written](const IncomingRequest& request) {
    testing::require(testing::is_unambiguous(request));
    written = testing::written_anew(request);
  };
  whole.feed(bytes);
  testing::RequestRecord split(limits);
  split.feed(bytes.substr(0, data[0]));
  split.feed(bytes.substr(split.taken));
  testing::require(split.summary() == whole.summary());
  split.begin_next();
  split.feed_singly(bytes);
  testing::require(split.summary() == whole.summary());
  testing::RequestRecord again;
  again.feed(written);
  testing::require(again.head == whole.head && again.heads == whole.heads);
  return 0;
}
