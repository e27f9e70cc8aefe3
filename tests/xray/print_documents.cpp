// Prints segment documents of every shape, one a line: `print_documents COUNT`.

#include <cstdio>
#include <cstdlib>
#include <random>
#include <vector>

#include "xray/driven_segment.h"

int main(int argc, char** argv) {
  const int count = argc == 2 ? std::atoi(argv[1]) : 0;
  std::mt19937 random{20'260'101};
  for (int i = 0; i < count; ++i) {
    std::vector<std::uint8_t> bytes(random() % 3000);
    for (std::uint8_t& byte : bytes) {
      // Mostly small numbers and letters, so that there are deeds and texts that mean something.
      const std::uint32_t kind = random() % 8;
      byte = static_cast<std::uint8_t>(kind < 4   ? random() % 16
                                       : kind < 7 ? 'a' + random() % 26
                                                  : random());
    }
    const auto driven = xtrace::testing::drive_segment(bytes);
    const xtrace::DocumentLimits limits{.bytes = i % 2 == 0 ? xtrace::kMaxDocument : 4096};
    for (const std::string& document : driven.segment.documents(limits).documents) {
      std::puts(document.c_str());
    }
  }
}
