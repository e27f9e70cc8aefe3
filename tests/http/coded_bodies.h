#pragma once

/// One text in every coding, made by other programs than those that decode it here, as hexadecimal
/// digits.

#include <string>
#include <string_view>

namespace xtrace::testing {

/// What all of them hold, unless they say otherwise.
inline std::string coded_text() {
  std::string text;
  for (int i = 0; i < 40; ++i) {
    text += "line " + std::to_string(i) + " of the text that every coding carries\n";
  }
  return text;
}

inline std::string from_hex(std::string_view digits) {
  std::string bytes;
  for (std::size_t i = 0; i < digits.size(); i += 2) {
    bytes += static_cast<char>(std::stoi(std::string(digits.substr(i, 2)), nullptr, 16));
  }
  return bytes;
}

/// What Python's gzip.compress makes of it.
inline constexpr std::string_view kGzip =
    "1f8b080000000000020395d4cb0dc2500c44d13d55b8043cc3b79c281878529448e10941f74007dc9d177777"
    "349eda5cb18de51afd5ed1ebd5bfc7d0a39eb5be635c2e6dbec538ac6babc766fac5496291d824de91784fe2"
    "03898f243e91f88c501821324c84984831116322c744908924135126b214b214db23b214b214b214b214b214"
    "b214b214b234b234b2347baec8d2c8d2c8d2c8d2c8d2c8d2ff5a7e00d5ea332126070000";

/// The same with every optional field of a gzip header: extra, name, comment, checksum.
inline constexpr std::string_view kGzipFields =
    "1f8b081e01000000000306004142020068696e616d652e747874006120636f6d6d656e7400c77295d4cb0dc2"
    "500c44d13d55b8043cc3b79c281878529448e10941f74007dc9d177777349eda5cb18de51afd5ed1ebd5bfc7"
    "d0a39eb5be635c2e6dbec538ac6babc766fac5496291d824de91784fe203898f243e91f88c501821324c8498"
    "4831116322c744908924135126b214b214db23b214b214b214b214b214b214b214b234b234b2347baec8d2c8"
    "d2c8d2c8d2c8d2c8d2ff5a7e00d5ea332126070000";

/// Gzip of nothing.
inline constexpr std::string_view kGzipEmpty = "1f8b080000000000020303000000000000000000";

/// Python's zlib.compress.
inline constexpr std::string_view kZlib =
    "78da95d4cb0dc2500c44d13d55b8043cc3b79c281878529448e10941f74007dc9d177777349eda5cb18de51a"
    "fd5ed1ebd5bfc7d0a39eb5be635c2e6dbec538ac6babc766fac5496291d824de91784fe203898f243e91f88c"
    "501821324c84984831116322c744908924135126b214b214db23b214b214b214b214b214b214b214b234b234"
    "b2347baec8d2c8d2c8d2c8d2c8d2c8d2ff5a7e00c8fb851f";

/// The same without the zlib wrapping.
inline constexpr std::string_view kDeflate =
    "95d4cb0dc2500c44d13d55b8043cc3b79c281878529448e10941f74007dc9d177777349eda5cb18de51afd5e"
    "d1ebd5bfc7d0a39eb5be635c2e6dbec538ac6babc766fac5496291d824de91784fe203898f243e91f88c5018"
    "21324c84984831116322c744908924135126b214b214db23b214b214b214b214b214b214b214b234b234b234"
    "7baec8d2c8d2c8d2c8d2c8d2c8d2ff5a7e00";

/// Bare, with the fixed Huffman code.
inline constexpr std::string_view kDeflateFixed =
    "cbc9cc4b553050c84f5328c948552849ad280132124b1452cb528b2a1592f35332f3d21592138b8a32538bb9"
    "72408a0d49516c448a626352149b90a2d89414c566a428362745b105298a2d498a14d2a290a438342429120d"
    "498a454392a2d190a478342429220d498a494392a2d290a4b83422292e8d48cb8f24c5a51149716944525c1a"
    "9114974624c5a51149716944525c1a911497c624c5a5314971694c5ae14a525c1a931497c624c5a531497169"
    "4c525c1a931497c6c4c62500";

/// Bare, `hi` in a stored block.
inline constexpr std::string_view kDeflateStoredHi = "010200fdff6869";

/// BrotliCompressSync of Node's zlib.
inline constexpr std::string_view kBrotli =
    "1b2507008c946ee6221d1c9206d84ecfb878239a1c801d3e422d91b650731cf3db89886e157b91514d3511da"
    "ce37be9de7d6740b1818999859b166c396dd2362fc031c9d9c5db976e3965d8ee9e0e8e4eccab51bb7ec724a"
    "0747276757aeddb81507";

/// Brotli of nothing.
inline constexpr std::string_view kBrotliEmpty = "3b";

/// Zstd's command line.
inline constexpr std::string_view kZstd =
    "28b52ffd0068c50300e2451211903d06b4a62be94277e7e80681d1d822662aa1630a192290ab848e29648830"
    "ae123aa69021c4d5d3d1cfcd0b19025c27ad5dec90ca56d9b775d91daf888fb5c37711ffd5873b2a6728a811"
    "306bfb7f06e035ab01113404ffffcf10f801d46a698d52d64ea1ac261877361e420882ab77a110906a";

/// With checksum.
inline constexpr std::string_view kZstdChecked =
    "28b52ffd0468c50300e2451211903d06b4a62be94277e7e80681d1d822662aa1630a192290ab848e29648830"
    "ae123aa69021c4d5d3d1cfcd0b19025c27ad5dec90ca56d9b775d91daf888fb5c37711ffd5873b2a6728a811"
    "306bfb7f06e035ab01113404ffffcf10f801d46a698d52d64ea1ac261877361e420882ab77a110906aa2dc32"
    "63";

/// Zstd of nothing.
inline constexpr std::string_view kZstdEmpty = "28b52ffd240001000099e9d851";

/// Gzip, then brotli.
inline constexpr std::string_view kBrotliOfGzip =
    "1ba700f867629c4d50da53ce500215e524f93a081b701e08c51c100e6a570108c42f42005e06816bf6d7b0b3"
    "ae18cb1d23af0988e1dc78b38291e25e6d7b83347b37859fb7d09393355b4f03074b1e58bfc13b6f07534bdb"
    "5dada3931181caa4c905dd9e84eea5e8af05bbf08a63c965458acb2db8a04c625cf151ecca10aa3b66d7dbaa"
    "1123444b96e50512b29b6c88324439130f51a0a9f4bee5ddf9ef9f053878d510cae00000";

/// Br, deflate, zstd, gzip.
inline constexpr std::string_view kGzipOfZstdOfDeflateOfBrotli =
    "1f8b0800000000000203017a0085ff28b52ffd045869030078da0162009dff1b2507008c946ee6221d1c9206"
    "d84ecfb878239a1c801d3e422d91b650731cf3db89886e157b91514d3511dace37be9de7d6740b1818999859"
    "b166c396dd2362fc031c9d9c5db976e3965d8ee9e0e8e4eccab51bb7ec724a0747276757aeddb815072f692d"
    "c1f109934b919bd9f87a000000";

/// 64 KiB of zeros as bare deflate blocks that stand alone: any number makes a body, with 0300
/// behind.
inline constexpr std::string_view kDeflateZeros =
    "ecc101010000008090feafee080a000000000000000000000000000000000000000000000000000000000000"
    "0000000000000000000000000000000000000000000000000000000000000000006a000000ffff";

/// 64 MiB of zeros in brotli.
inline constexpr std::string_view kBrotliZeros =
    "cbffff3ff82700e2b14020f7fe8fffff7ff04f00c4611180eefd1fffffffe09f0088c30200ddfb3ffeffffc1"
    "3f0110870500baf77ffcffff837f02200e0b0074effff8ffff07ff04401c1600e8defff1ffff0ffe0980382c"
    "00d0bdffcbffff3ffc1300715800a07bff07";

}  // namespace xtrace::testing
