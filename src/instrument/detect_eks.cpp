#include <utility>

#include "base/ascii.h"
#include "instrument/detect_client.h"
#include "instrument/detect_file.h"
#include "instrument/detect_json.h"
#include "instrument/detect_search.h"

namespace xtrace {

namespace {

constexpr std::string_view kClusterInfoPath =
    "/api/v1/namespaces/amazon-cloudwatch/configmaps/cluster-info";
constexpr std::size_t kContainerDigits = 64;

/// `https://10.100.0.1:443`
std::string server_url(const DetectorOptions& options) {
  const std::string host = options.environment("KUBERNETES_SERVICE_HOST");
  const std::string port = options.environment("KUBERNETES_SERVICE_PORT");
  const bool is_bracketed = host.find(':') != std::string::npos;
  std::string url = is_bracketed ? "https://[" : "https://";
  url += host;
  url += is_bracketed ? "]:" : ":";
  url += port.empty() ? std::string{"443"} : port;
  return url;
}

/// The last run of exactly 64 hex digits, which is how every runtime names its container, with
/// something of its own around it (`cri-containerd-<id>.scope`). Empty with cgroup v2 in a
/// namespace of its own, where the file does not tell.
std::string_view find_container_id(std::string_view cgroup) {
  std::string_view id;
  for (std::size_t at = 0; at < cgroup.size(); ++at) {
    const std::size_t begin = at;
    while (at < cgroup.size() && is_hex_digit(cgroup[at])) ++at;
    if (at - begin == kContainerDigits) id = cgroup.substr(begin, kContainerDigits);
  }
  return id;
}

class EksSearch final : public Search {
 public:
  EksSearch(Loop& loop, const DetectorOptions& options)
      : options_(options), client_(loop, {.ca_file = options.service_account_folder + "/ca.crt"}) {
    if (!options.environment("KUBERNETES_SERVICE_HOST").empty()) read_token();
  }

  bool is_done() const override { return !client_.is_waiting(); }

  Finding finish() override {
    for (Error& error : client_.give_up()) finding_.failures.push_back(std::move(error));
    if (finding_.origin.empty()) return std::move(finding_);
    Expected<std::string> cgroup = read_small_file(options_.cgroup_file);
    if (const Error* error = cgroup.if_error()) finding_.failures.push_back(*error);
    BlockWriter block("eks");
    block.text("cluster_name", cluster_name_).text("pod", options_.host_name);
    if (cgroup) block.text("container_id", find_container_id(*cgroup));
    finding_.blocks.push_back(block.finish());
    return std::move(finding_);
  }

 private:
  void read_token() {
    const Expected<std::string> token = read_small_file(options_.service_account_folder + "/token");
    if (const Error* error = token.if_error()) return finding_.failures.push_back(*error);
    const std::string bearer = token_in(*token);
    if (bearer.empty()) return;
    finding_.origin = "AWS::EKS::Container";
    ask_for_cluster(bearer);
  }

  void ask_for_cluster(const std::string& bearer) {
    Expected<Url> url = metadata_url(server_url(options_), kClusterInfoPath);
    if (const Error* error = url.if_error()) return finding_.failures.push_back(*error);
    client_.ask("GET", *url, {{"Authorization", "Bearer " + bearer}},
                [this](Expected<MetadataAnswer> answer) { on_cluster(std::move(answer)); });
  }

  void on_cluster(Expected<MetadataAnswer> answer) {
    const std::string question = answer ? answer->question : std::string{};
    const Expected<std::string> body = body_of(std::move(answer));
    if (const Error* error = body.if_error()) return finding_.failures.push_back(*error);
    cluster_name_ = read_cluster_name(*body).value_or("");
    if (!cluster_name_.empty()) return;
    finding_.failures.push_back(not_understood(question, "the answer names no cluster"));
  }

  const DetectorOptions& options_;
  std::string cluster_name_;
  Finding finding_;
  MetadataClient client_;
};

}  // namespace

std::unique_ptr<Search> search_eks(Loop& loop, const DetectorOptions& options) {
  return std::make_unique<EksSearch>(loop, options);
}

}  // namespace xtrace
