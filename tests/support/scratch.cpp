#include "support/scratch.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include <doctest/doctest.h>
#include <fcntl.h>
#include <unistd.h>

namespace xtrace::testing {

Scratch::Scratch() {
  std::string pattern = std::filesystem::temp_directory_path() / "xtrace-test-XXXXXX";
  REQUIRE(mkdtemp(pattern.data()) != nullptr);
  folder_ = pattern;
}

Scratch::~Scratch() {
  for (const int descriptor : descriptors_) close(descriptor);
  std::filesystem::remove_all(folder_);
}

std::string Scratch::path(std::string_view name) const {
  return folder_ + "/" + std::string(name);
}

std::string Scratch::write(std::string_view name, std::string_view content) const {
  std::ofstream(path(name), std::ios::binary) << content;
  return path(name);
}

std::string Scratch::read(std::string_view name) const {
  std::ifstream file(path(name), std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

int Scratch::descriptor(std::string_view name, std::string_view content) {
  const int descriptor = open(write(name, content).c_str(), O_RDWR | O_CLOEXEC);
  REQUIRE(descriptor >= 0);
  descriptors_.push_back(descriptor);
  return descriptor;
}

}  // namespace xtrace::testing
