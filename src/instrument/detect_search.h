#pragma once

/// `Search` is one detector at work, on the loop of `detect_environment`.

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <xtrace/detect_environment.h>
#include <xtrace/loop.h>

#include "base/json_writer.h"

namespace xtrace {

/// What a detector brings home. The origin is empty where it found nothing.
struct Finding {
  std::string origin{};
  std::vector<AwsBlock> blocks{};
  std::vector<Error> failures{};
};

class Search {
 public:
  Search() = default;
  Search(const Search&) = delete;
  Search& operator=(const Search&) = delete;
  virtual ~Search() = default;

  virtual bool is_done() const = 0;
  /// Ends the search, done or not, and gives what was found until now. Once.
  virtual Finding finish() = 0;
};

// They start at once, and fail in what they find. The options outlive them.
std::unique_ptr<Search> search_lambda(const DetectorOptions& options);
std::unique_ptr<Search> search_beanstalk(const DetectorOptions& options);
std::unique_ptr<Search> search_ec2(Loop& loop, const DetectorOptions& options);
std::unique_ptr<Search> search_ecs(Loop& loop, const DetectorOptions& options);
std::unique_ptr<Search> search_eks(Loop& loop, const DetectorOptions& options);

/// Writes one object of those members that have a value.
class BlockWriter {
 public:
  explicit BlockWriter(std::string_view key) : block_{.key = std::string{key}} {
    writer_.begin_object();
  }
  BlockWriter(const BlockWriter&) = delete;
  BlockWriter& operator=(const BlockWriter&) = delete;
  ~BlockWriter() = default;

  BlockWriter& text(std::string_view key, std::string_view value);
  BlockWriter& integer(std::string_view key, std::optional<std::int64_t> value);
  AwsBlock finish();

 private:
  AwsBlock block_;
  JsonWriter writer_{block_.json};
};

/// A block that is a string.
AwsBlock text_block(std::string_view key, std::string_view value);
/// The block of that one object in an array.
AwsBlock listed(AwsBlock block);

/// The error of an answer, or a file, that cannot be understood (`invalid_reply`).
Error not_understood(std::string_view source, std::string_view reason);

}  // namespace xtrace
