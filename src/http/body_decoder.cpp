#include "http/body_decoder.h"

#include <algorithm>
#include <array>
#include <string>

#include <xtrace/http.h>

#include "base/ascii.h"
#include "http/body_decoder_codings.h"
#include "http/comma_list.h"

namespace xtrace {

namespace {

// A server that means well applies one. A list is how a small body becomes an endless one.
constexpr std::size_t kMostCodings = 4;

struct Coding {
  std::string_view name;
  std::unique_ptr<BodyDecoder> (*make)();
};

constexpr std::array kCodings = std::to_array<Coding>({
    {"gzip", make_gzip_decoder},
    {"x-gzip", make_gzip_decoder},
    {"deflate", make_deflate_decoder},
    {"br", make_brotli_decoder},
    {"zstd", make_zstd_decoder},
});

}  // namespace

std::unique_ptr<BodyDecoder> make_body_decoder(std::string_view content_encoding) {
  std::unique_ptr<BodyDecoder> decoder;
  std::size_t count = 0;
  while (!content_encoding.empty()) {
    const std::string_view name = take_element(content_encoding);
    if (name.empty() || same_word(name, "identity")) continue;
    const auto* coding = std::ranges::find_if(
        kCodings, [name](const Coding& known) { return same_word(known.name, name); });
    if (coding == kCodings.end() || ++count > kMostCodings) return nullptr;
    std::unique_ptr<BodyDecoder> last = coding->make();
    decoder = decoder ? make_chain_decoder(std::move(last), std::move(decoder)) : std::move(last);
  }
  return decoder;
}

std::unique_ptr<BodyDecoder> make_body_decoder(const Headers& headers) {
  std::string codings;
  for (const Header& field : headers) {
    if (equals_ignoring_case(field.name, "Content-Encoding")) (codings += field.value) += ',';
  }
  return make_body_decoder(codings);
}

}  // namespace xtrace
