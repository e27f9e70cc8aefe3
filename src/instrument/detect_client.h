#pragma once

/// `MetadataClient` asks a metadata service: small questions, small answers, and no waiting for
/// those who are not there.
///
/// Lives on its loop's thread; destroying it cancels every question.

#include <list>
#include <string>
#include <string_view>
#include <vector>

#include <xtrace/callback.h>
#include <xtrace/client.h>
#include <xtrace/clock.h>
#include <xtrace/expected.h>
#include <xtrace/http.h>
#include <xtrace/loop.h>

namespace xtrace {

/// Where a question goes. Fails on what is no URL, and on a host that is a name: a lookup could
/// outlast every limit.
Expected<Url> metadata_url(std::string_view base, std::string_view path);

struct MetadataAnswer {
  std::string question{};  ///< `GET http://169.254.170.2/v4/task`
  int status = 0;
  std::string body{};
};

/// The body of a 200. Fails with `service_denied` (401, 403), `service_unavailable` (5xx) or
/// `service_refused` on any other status, a redirect among them.
Expected<std::string> body_of(Expected<MetadataAnswer> answer);

/// A token without the end of its line, which a header cannot hold.
std::string token_in(std::string_view text);

class MetadataClient {
 public:
  struct Options {
    Duration connect{};     ///< Zero: no limit but that of all.
    std::string ca_file{};  ///< Empty: the system's.
  };

  MetadataClient(Loop& loop, const Options& options);
  MetadataClient(const MetadataClient&) = delete;
  MetadataClient& operator=(const MetadataClient&) = delete;
  ~MetadataClient();

  /// `on_answer` runs once, on a later turn, with the errors of a `Client`.
  void ask(std::string method, Url url, Headers headers,
           Callback<void(Expected<MetadataAnswer>)> on_answer);
  bool is_waiting() const { return !questions_.empty(); }
  /// Cancels what is still waiting; says so of each question.
  std::vector<Error> give_up();

 private:
  struct Question {
    std::string text;
    Callback<void(Expected<MetadataAnswer>)> on_answer;
    Call call;
  };

  void on_done(std::list<Question>::iterator question, Exchange exchange);

  Client client_;
  std::list<Question> questions_;
};

}  // namespace xtrace
