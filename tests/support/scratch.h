#pragma once

/// `Scratch` is a folder of a test's own, removed with everything in it when the test ends.

#include <string>
#include <string_view>
#include <vector>

namespace xtrace::testing {

class Scratch {
 public:
  Scratch();
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  ~Scratch();

  std::string path(std::string_view name) const;
  /// Writes a file and returns its path.
  std::string write(std::string_view name, std::string_view content) const;
  /// What a file holds; empty where there is none.
  std::string read(std::string_view name) const;
  /// A file with `content`, open for reading and writing at its start; closed with the folder.
  int descriptor(std::string_view name, std::string_view content = {});

 private:
  std::string folder_;
  std::vector<int> descriptors_;
};

}  // namespace xtrace::testing
