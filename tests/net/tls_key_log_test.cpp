#include <vector>

#include <sys/stat.h>

#include "net/tls_fixture.h"
#include "net/tls_library.h"

namespace xtrace::testing::tls_key_log_test {

namespace {

constexpr std::size_t kRandomAt = 11;  // behind the headers of record and message, and the version
constexpr std::size_t kRandomSize = 32;

std::string to_hex(std::string_view bytes) {
  std::string hex;
  for (const char byte : bytes) {
    for (const int half : {byte >> 4 & 0xF, byte & 0xF}) {
      hex += "0123456789abcdef"[static_cast<std::size_t>(half)];
    }
  }
  return hex;
}

std::vector<std::string> split(const std::string& text, char at) {
  std::vector<std::string> parts;
  std::size_t begin = 0;
  for (std::size_t end = text.find(at); end != std::string::npos; end = text.find(at, begin)) {
    parts.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  if (begin < text.size()) parts.push_back(text.substr(begin));
  return parts;
}

/// Shakes hands and returns the random number of the ClientHello.
std::string random_of_handshake(const std::shared_ptr<const TlsContext>& context,
                                const std::shared_ptr<TlsServerMemory>& memory) {
  TlsPair pair({.identity = good_identity(), .memory = memory});
  pair.start(context);
  pair.carry_until([&pair] { return pair.is_done() && pair.server.is_shaken; });
  REQUIRE_FALSE(pair.error.has_value());
  return to_hex(pair.inner->written.substr(kRandomAt, kRandomSize));
}

}  // namespace

TEST_SUITE("net/tls_key_log") {
#if MBEDTLS_VERSION_MAJOR < 3
  TEST_CASE("every connection appends one line, a continued session too") {
    const Scratch folder;
    const std::string file = folder.write("keys", "# of an earlier run\n");
    const TemporaryFile ca(test_ca().certificate);
    const auto context = context_of({.ca_file = ca.path(), .key_log_file = file});
    const auto memory = std::make_shared<TlsServerMemory>(TlsServerMemory::Names::tickets);
    const std::string first = random_of_handshake(context, memory);
    const std::string second = random_of_handshake(context, memory);

    const auto lines = split(folder.read("keys"), '\n');
    REQUIRE(lines.size() == 3);
    CHECK(lines[0] == "# of an earlier run");
    std::vector<std::string> masters;
    for (const auto& [line, random] : {std::pair(lines[1], first), std::pair(lines[2], second)}) {
      const auto words = split(line, ' ');
      REQUIRE(words.size() == 3);
      CHECK(words[0] == "CLIENT_RANDOM");
      CHECK(words[1] == random);
      CHECK(words[2].size() == 96);
      masters.push_back(words[2]);
    }
    CHECK(first != second);
    CHECK(masters[0] == masters[1]);  // the session's
  }
#endif

  TEST_CASE("a new file is its owner's alone, and there before the first connection") {
    const Scratch folder;
    const TemporaryFile ca(test_ca().certificate);
    const auto context = context_of({.ca_file = ca.path(), .key_log_file = folder.path("keys")});
    struct stat status {};
    REQUIRE(stat(folder.path("keys").c_str(), &status) == 0);
    CHECK((status.st_mode & 0777U) == 0600);
    CHECK(status.st_size == 0);
  }

  TEST_CASE("a file that cannot be opened refuses the context") {
    const auto context =
        make_tls_context({.accept_any_certificate = true, .key_log_file = "/nowhere/keys"});
    REQUIRE_FALSE(context.has_value());
    CHECK(context.error().code == Error::Code::tls_config);
    CHECK(context.error().message ==
          "open the key log file /nowhere/keys: no such file or directory (ENOENT)");
  }
}

}  // namespace xtrace::testing::tls_key_log_test
