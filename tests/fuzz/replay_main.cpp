// Runs a fuzz target over the files of a folder, where no fuzzer is at hand: `<target>_replay
// CORPUS`.

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "fuzz/target.h"

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fputs("usage: replay CORPUS\n", stderr);
    return 2;
  }
  int runs = 0;
  for (const auto& entry : std::filesystem::directory_iterator{argv[1]}) {
    std::ifstream file{entry.path(), std::ios::binary};
    const std::string input{std::istreambuf_iterator<char>{file}, {}};
    const void* bytes = input.data();
    // Every beginning of the input is an input too.
    for (std::size_t size = 0; size <= input.size(); ++size, ++runs) {
      LLVMFuzzerTestOneInput(static_cast<const std::uint8_t*>(bytes), size);
    }
  }
  std::printf("%d inputs\n", runs);
  return runs > 0 ? 0 : 1;
}
