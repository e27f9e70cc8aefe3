#include "numbered_documents.h"

#include <array>

namespace xtrace::bench {

namespace {

// As the AWS SDK for Node.js writes it.
constexpr std::string_view kTrace = R"({"trace_id":"1-65a0b1c2-)";
constexpr std::string_view kId = R"(","id":")";
constexpr std::string_view kRest =
    R"(","start_time":1795223087.235,"name":"orders","service":{"runtime":"node",)"
    R"("runtime_version":"v20.20.2","version":"unknown","name":"unknown"},"aws":{"xray":)"
    R"({"sdk":"X-Ray for Node.js","sdk_version":"3.12.0","package":"aws-xray-sdk-core"}},)"
    R"("subsegments":[{"id":"9a8ccd0ec1b4d31a","name":"api.example.com","start_time":)"
    R"(1795223087.235,"namespace":"remote","http":{"request":{"method":"GET","url":)"
    R"("https://api.example.com/v1/items/42"},"response":{"status":200,"content_length":1234}},)"
    R"("end_time":1795223087.235}],"end_time":1795223087.25,"user":")";

constexpr std::size_t kTraceDigits = 24;
constexpr std::size_t kIdDigits = 16;

// Which of four traces a document is of: they have one to four documents.
constexpr std::array<std::uint64_t, 10> kMix{0, 1, 2, 3, 1, 2, 3, 2, 3, 3};

void write_hex(char* to, std::size_t digits, std::uint64_t number) {
  for (; digits-- > 0; number >>= 4U) to[digits] = "0123456789abcdef"[number & 15U];
}

}  // namespace

NumberedDocuments::NumberedDocuments(std::string_view before, std::size_t size)
    : text_(before),
      trace_at_(before.size() + kTrace.size()),
      id_at_(trace_at_ + kTraceDigits + kId.size()) {
  text_ += kTrace;
  text_.append(kTraceDigits, '0').append(kId).append(kIdDigits, '0').append(kRest);
  text_.resize(before.size() + size - 2, 'u');
  text_ += "\"}";
}

std::string_view NumberedDocuments::next() {
  write_hex(text_.data() + trace_at_, kTraceDigits, trace());
  write_hex(text_.data() + id_at_, kIdDigits, ++count_);
  return text_;
}

std::uint64_t NumberedDocuments::trace() const {
  return count_ / kMix.size() * 4 + kMix[count_ % kMix.size()] + 1;
}

}  // namespace xtrace::bench
