#include <string>
#include <string_view>

#include <doctest/doctest.h>

#include <xtrace/http.h>

#include "http/coded_bodies.h"
#include "http/decoded.h"

namespace body_decoder_choice_test {

using namespace xtrace;
using namespace xtrace::testing;
using namespace std::string_literals;

namespace {

// How much of a body comes out, and the most that came in one step.
struct Measure {
  std::size_t total = 0;
  std::size_t most = 0;
  std::size_t taken_first = 0;
};

Measure measure(std::string_view codings, std::string_view body, std::size_t room_size) {
  const std::unique_ptr<BodyDecoder> decoder = make_body_decoder(codings);
  std::vector<std::byte> room(room_size);
  std::span<const std::byte> rest = as_bytes(body);
  Measure measured;
  for (;;) {
    const Expected<BodyDecoder::Step> step = decoder->decode(rest, room);
    REQUIRE(step);
    if (measured.total == 0) measured.taken_first = step->taken;
    rest = rest.subspan(step->taken);
    measured.total += step->made;
    measured.most = std::max(measured.most, step->made);
    if (step->taken == 0 && step->made == 0) break;
  }
  CHECK(rest.empty());
  CHECK(decoder->finish());
  return measured;
}

// A zstd frame of zeros in blocks of 128 KiB, four bytes each; the window is 2^`window_log`.
std::string zstd_zeros(int blocks, int window_log) {
  std::string frame = "\x28\xb5\x2f\xfd\0"s + static_cast<char>((window_log - 10) << 3);
  constexpr int kRunOf128KiB = 131072 << 3 | 1 << 1;
  for (int i = 1; i <= blocks; ++i) {
    const int header = kRunOf128KiB | (i == blocks ? 1 : 0);
    for (int shift = 0; shift < 24; shift += 8) frame += static_cast<char>(header >> shift);
    frame += '\0';
  }
  return frame;
}

}  // namespace

TEST_SUITE("http/body_decoder_choice") {
  TEST_CASE("codings are known by name, without case and with blanks") {
    for (const std::string_view codings :
         {"gzip", "GZip", "x-gzip", "deflate", "br", "zstd", " gzip ", "\tgzip", "gzip,", ",gzip",
          "identity, gzip", "gzip,br , zstd,deflate"}) {
      CAPTURE(codings);
      CHECK(make_body_decoder(codings) != nullptr);
    }
  }

  TEST_CASE("what is not coded or not known is left as it came") {
    for (const std::string_view codings :
         {"", " ", ",", "identity", "Identity, identity", "compress", "gzip, aes128gcm", "gz",
          "gzipp", "gzip;q=1", "gzip br", "gzip, gzip, gzip, gzip, gzip"}) {
      CAPTURE(codings);
      CHECK(make_body_decoder(codings) == nullptr);
    }
  }

  TEST_CASE("every coding that is asked for can be undone") {
    CHECK(make_body_decoder(kAcceptedEncodings) != nullptr);
  }

  TEST_CASE("several fields are one list") {
    const Headers headers{
        {"content-encoding", "br, deflate"}, {"X", "y"}, {"Content-Encoding", "zstd, gzip"}};
    const std::unique_ptr<BodyDecoder> decoder = make_body_decoder(headers);
    REQUIRE(decoder);
    DecoderDriver driver(*decoder, 100);
    driver.feed(from_hex(kGzipOfZstdOfDeflateOfBrotli));
    CHECK(driver.end() == Decoded{.text = coded_text()});
    CHECK(make_body_decoder(Headers{{"Content-Type", "gzip"}}) == nullptr);
  }

  TEST_CASE("a bomb goes off in steps of its user's size") {
    std::string deflate;
    for (int i = 0; i < 256; ++i) deflate += from_hex(kDeflateZeros);
    deflate += "\x03\0"s;
    const Measure of_deflate = measure("deflate", deflate, 4096);
    CHECK(of_deflate.total == std::size_t{16} << 20);
    CHECK(of_deflate.most == 4096);
    CHECK(of_deflate.taken_first < 512);

    const Measure of_brotli = measure("br", from_hex(kBrotliZeros), 65536);
    CHECK(of_brotli.total == std::size_t{64} << 20);
    CHECK(of_brotli.most == 65536);

    const Measure of_zstd = measure("zstd", zstd_zeros(512, 17), 65536);
    CHECK(of_zstd.total == std::size_t{64} << 20);
    CHECK(of_zstd.most == 65536);
    CHECK(of_zstd.taken_first < 512);
  }

  TEST_CASE("a zstd window of 8 MiB is taken and a larger one refused") {
    CHECK(measure("zstd", zstd_zeros(1, 23), 65536).total == 131072);
    CHECK(decode("zstd", zstd_zeros(1, 24)).error ==
          "the zstd body is damaged: Frame requires too much memory for decoding");
  }
}

}  // namespace body_decoder_choice_test
