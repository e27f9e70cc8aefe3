#include <array>
#include <string>
#include <string_view>

#include <doctest/doctest.h>

#include "http/coded_bodies.h"
#include "http/decoded.h"

namespace body_decoder_test {

using namespace xtrace;
using namespace xtrace::testing;
using namespace std::string_literals;

namespace {

struct Coded {
  std::string_view codings;
  std::string_view digits;
};

// Each holds `coded_text()`.
constexpr std::array kCoded = std::to_array<Coded>({
    {"gzip", kGzip},
    {"x-gzip", kGzipFields},
    {"deflate", kZlib},
    {"deflate", kDeflate},
    {"deflate", kDeflateFixed},
    {"br", kBrotli},
    {"zstd", kZstd},
    {"zstd", kZstdChecked},
    {"gzip, br", kBrotliOfGzip},
    {"br, deflate, zstd, gzip", kGzipOfZstdOfDeflateOfBrotli},
});

constexpr std::array<std::size_t, 4> kSizes = {1, 2, 7, 65536};

Decoded good(std::string text) {
  return {.text = std::move(text)};
}

std::string error_of(std::string_view codings, std::string_view body) {
  return decode(codings, body).error;
}

}  // namespace

TEST_SUITE("http/body_decoder") {
  TEST_CASE("every coding is undone, whatever the sizes of the pieces") {
    for (const Coded& coded : kCoded) {
      CAPTURE(coded.codings);
      const std::string body = from_hex(coded.digits);
      for (const std::size_t input : kSizes) {
        for (const std::size_t room : kSizes) {
          CHECK(decode(coded.codings, body, {.input = input, .room = room}) == good(coded_text()));
        }
      }
    }
  }

  TEST_CASE("a body is decoded the same when split at every byte") {
    for (const Coded& coded : kCoded) {
      CAPTURE(coded.codings);
      const std::string body = from_hex(coded.digits);
      for (std::size_t at = 0; at <= body.size(); ++at) {
        const std::unique_ptr<BodyDecoder> decoder = make_body_decoder(coded.codings);
        DecoderDriver driver(*decoder, 64);
        driver.feed(body.substr(0, at));
        driver.feed(body.substr(at));
        CHECK(driver.end() == good(coded_text()));
      }
    }
  }

  TEST_CASE("a body that is cut anywhere gives what came and says that it is cut") {
    for (const Coded& coded : kCoded) {
      CAPTURE(coded.codings);
      const std::string body = from_hex(coded.digits);
      for (std::size_t size = 1; size < body.size(); ++size) {
        const Decoded decoded = decode(coded.codings, body.substr(0, size));
        CHECK(decoded.error.find(" body is cut: its data has no end") != std::string::npos);
        CHECK(coded_text().starts_with(decoded.text));
      }
    }
  }

  TEST_CASE("a damaged body breaks with a reason, or passes, however it is split") {
    for (const Coded& coded : kCoded) {
      CAPTURE(coded.codings);
      const std::string body = from_hex(coded.digits);
      for (std::size_t at = 0; at < body.size(); ++at) {
        CAPTURE(at);
        std::string damaged = body;
        damaged[at] = static_cast<char>(damaged[at] ^ 0x55);
        const Decoded whole = decode(coded.codings, damaged);
        const Decoded split = decode(coded.codings, damaged, {.input = 1, .room = 1});
        CHECK(whole.has_kept_word);
        CHECK(split.has_kept_word);
        CHECK(whole.error.empty() == split.error.empty());
        // Brotli and zstd keep to themselves what they made in the call that fails.
        CHECK((split.text.starts_with(whole.text) || whole.text.starts_with(split.text)));
        if (whole.error.empty() || coded.codings == "gzip") CHECK(split == whole);
      }
    }
    std::string damaged = from_hex(kGzip);
    damaged[damaged.size() - 5] ^= 1;  // the checksum
    CHECK(decode("gzip", damaged) ==
          Decoded{.text = coded_text(), .error = "the gzip body is damaged: incorrect data check"});
  }

  TEST_CASE("what is no data of the coding is refused in phase body") {
    for (const std::string_view codings : {"gzip", "deflate", "br", "zstd"}) {
      const std::unique_ptr<BodyDecoder> decoder = make_body_decoder(codings);
      std::array<std::byte, 64> room{};
      const auto step = decoder->decode(as_bytes("<!DOCTYPE html><html></html>"), room);
      REQUIRE(!step);
      CHECK(step.error().code == Error::Code::body_undecodable);
      CHECK(step.error().phase == Phase::body);
      CHECK(!decoder->finish());
    }
    CHECK(error_of("gzip", "<html>") == "the gzip body is damaged: incorrect header check");
    CHECK(error_of("br", "<html>").starts_with("the brotli body is damaged: "));
    CHECK(error_of("zstd", "<html>") == "the zstd body is damaged: Unknown frame descriptor");
  }

  TEST_CASE("zlib data that needs a dictionary is refused") {
    CHECK(error_of("deflate", "\x78\xbb\x01\x02\x03\x04rest") ==
          "the deflate body is damaged: it needs a dictionary");
  }

  TEST_CASE("gzip members and zstd frames may follow each other") {
    const std::string gzip = from_hex(kGzip) + from_hex(kGzipEmpty) + from_hex(kGzipFields);
    const std::string zstd = from_hex(kZstd) + from_hex(kZstdEmpty) + from_hex(kZstdChecked) +
                             "\x50\x2a\x4d\x18\x03\0\0\0xyz"s;  // a frame to be skipped
    const Decoded twice = good(coded_text() + coded_text());
    for (const std::size_t piece : kSizes) {
      CHECK(decode("gzip", gzip, {.input = piece, .room = piece}) == twice);
      CHECK(decode("zstd", zstd, {.input = piece, .room = piece}) == twice);
    }
    CHECK(error_of("gzip", gzip.substr(0, gzip.size() - 1)) ==
          "the gzip body is cut: its data has no end");
  }

  TEST_CASE("bytes behind the end of the data are an error, once the data has been given") {
    for (const Coded& coded : kCoded) {
      if (coded.codings.find(',') != std::string_view::npos || coded.codings == "zstd") continue;
      for (const std::size_t piece : kSizes) {
        const Decoded decoded =
            decode(coded.codings, from_hex(coded.digits) + "x", {.input = piece});
        CHECK(decoded.text == coded_text());
        CHECK(decoded.error.ends_with(" body goes on behind the end of its data"));
      }
    }
    const Decoded zstd = decode("zstd", from_hex(kZstd) + "xxxxx");
    CHECK(zstd.text == coded_text());
    CHECK(zstd.error == "the zstd body is damaged: Unknown frame descriptor");
    CHECK(error_of("gzip", from_hex(kGzip) + "\x1f") ==
          "the gzip body is cut: its data has no end");
    CHECK(error_of("deflate", from_hex(kZlib) + from_hex(kZlib)) ==
          "the deflate body goes on behind the end of its data");
  }

  TEST_CASE("nothing decodes to nothing, coded or not") {
    for (const std::string_view codings : {"gzip", "deflate", "br", "zstd", "gzip, br"}) {
      CHECK(decode(codings, "") == good(""));
    }
    CHECK(decode("gzip", from_hex(kGzipEmpty)) == good(""));
    CHECK(decode("deflate", "\x03\0"s) == good(""));
    CHECK(decode("br", from_hex(kBrotliEmpty)) == good(""));
    CHECK(decode("zstd", from_hex(kZstdEmpty)) == good(""));
  }

  TEST_CASE("no room is no error") {
    for (const Coded& coded : kCoded) {
      const std::unique_ptr<BodyDecoder> decoder = make_body_decoder(coded.codings);
      const auto step = decoder->decode(as_bytes(from_hex(coded.digits)), {});
      REQUIRE(step);
      CHECK(step->made == 0);
    }
  }
}

}  // namespace body_decoder_test
