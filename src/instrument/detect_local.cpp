// The detectors that ask nobody: what they need is in the environment, or in a file.

#include <charconv>
#include <utility>

#include "instrument/detect_file.h"
#include "instrument/detect_json.h"
#include "instrument/detect_search.h"

namespace xtrace {

namespace {

class DoneSearch final : public Search {
 public:
  explicit DoneSearch(Finding finding) : finding_(std::move(finding)) {}

  bool is_done() const override { return true; }
  Finding finish() override { return std::move(finding_); }

 private:
  Finding finding_;
};

std::optional<std::int64_t> read_number(std::string_view text) {
  std::int64_t number = 0;
  const char* end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, number);
  if (read.ec != std::errc{} || read.ptr != end) return {};
  return number;
}

Finding find_lambda(const DetectorOptions& options) {
  const auto& variable = options.environment;
  const std::string function = variable("AWS_LAMBDA_FUNCTION_NAME");
  if (function.empty() && variable("LAMBDA_TASK_ROOT").empty()) return {};
  Finding finding{.origin = "AWS::Lambda::Function"};
  BlockWriter lambda("lambda");
  lambda.text("function_name", function)
      .text("function_version", variable("AWS_LAMBDA_FUNCTION_VERSION"))
      .integer("memory_mb", read_number(variable("AWS_LAMBDA_FUNCTION_MEMORY_SIZE")));
  finding.blocks.push_back(lambda.finish());
  const std::string group = variable("AWS_LAMBDA_LOG_GROUP_NAME");
  if (group.empty()) return finding;
  BlockWriter logs("cloudwatch_logs");
  logs.text("log_group", group).text("log_stream", variable("AWS_LAMBDA_LOG_STREAM_NAME"));
  finding.blocks.push_back(listed(logs.finish()));
  return finding;
}

Finding find_beanstalk(const DetectorOptions& options) {
  const std::string& path = options.beanstalk_file;
  const Expected<std::string> file = read_small_file(path);
  if (const Error* error = file.if_error()) return {.failures = {*error}};
  if (file->empty()) return {};
  const std::optional<BeanstalkEnvironment> found = read_beanstalk(*file);
  if (!found) return {.failures = {not_understood("read " + path, "it is no JSON object")}};
  BlockWriter block("elastic_beanstalk");
  block.text("environment_name", found->name)
      .text("version_label", found->version_label)
      .integer("deployment_id", found->deployment_id);
  Finding finding{.origin = "AWS::ElasticBeanstalk::Environment"};
  finding.blocks.push_back(block.finish());
  return finding;
}

}  // namespace

std::unique_ptr<Search> search_lambda(const DetectorOptions& options) {
  return std::make_unique<DoneSearch>(find_lambda(options));
}

std::unique_ptr<Search> search_beanstalk(const DetectorOptions& options) {
  return std::make_unique<DoneSearch>(find_beanstalk(options));
}

}  // namespace xtrace
