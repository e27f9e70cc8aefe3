#include "cli/trace_question.h"

#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>

#include "base/json_writer.h"
#include "cli/document_reader.h"
#include "xray/json_cursor.h"

namespace xtrace::cli {

namespace {

constexpr std::string_view kSummariesPath = "/TraceSummaries";
constexpr std::string_view kTracesPath = "/Traces";
constexpr std::size_t kTraceBatch = 20;
constexpr DaemonLimits kQuestionLimits = {.total = std::chrono::seconds(20),
                                          .reply_bytes = std::size_t{256} << 20U};

Error not_understood() {
  return {Error::Code::invalid_reply, Phase::none,
          "the answer is none of the X-Ray API: is it xtrace that listens there?"};
}

/// What of an answer leads on.
struct ReplyPage {
  std::vector<std::string> ids{};
  std::string token{};
};

void read_reply_text(JsonCursor& cursor, std::string& text) {
  if (cursor.token() != '"') {
    cursor.skip_value();
  } else if (const auto read = cursor.string()) {
    read->decode_into(text);
  }
}

/// The ids in `TraceSummaries` or `Traces`, and `NextToken`.
std::optional<ReplyPage> read_page(std::string_view reply) {
  ReplyPage page;
  bool has_traces = false;
  JsonCursor cursor(reply);
  const auto read_trace = [&](std::size_t) {
    return cursor.object([&](const JsonText& key) {
      if (!key.means("Id")) return cursor.skip_value();
      read_reply_text(cursor, page.ids.emplace_back());
      return cursor.stop() == JsonCursor::Stop::none;
    });
  };
  const bool is_read = cursor.object([&](const JsonText& key) {
    if (key.means("NextToken")) {
      read_reply_text(cursor, page.token);
      return cursor.stop() == JsonCursor::Stop::none;
    }
    if (!key.means("TraceSummaries") && !key.means("Traces")) return cursor.skip_value();
    has_traces = true;
    return cursor.array(read_trace);
  });
  return is_read && has_traces ? std::optional(std::move(page)) : std::nullopt;
}

void put_documents(std::string_view reply, collect::TraceStore& store) {
  TextSource source(reply);
  std::vector<DocumentSite> sites;
  DocumentReader reader(source, {.sites = &sites, .mends = true});
  while (true) {
    const DocumentReader::Item item = reader.next();
    using Kind = DocumentReader::Item::Kind;
    if (item.kind == Kind::end || item.kind == Kind::failed) return;
    if (!item.text.empty()) {
      static_cast<void>(store.add(item.text, collect::Door::file, now().wall));
    }
  }
}

void write_token(JsonWriter& json, const std::string& token) {
  if (token.empty()) return;
  json.key("NextToken");
  json.string(token);
}

std::string summaries_request(std::string_view filter, const std::string& token) {
  constexpr double kEndOfTime = 4e9;
  std::string body;
  JsonWriter json(body);
  json.begin_object();
  json.key("StartTime");
  json.integer(0);
  json.key("EndTime");
  json.number(kEndOfTime);
  if (!filter.empty()) {
    json.key("FilterExpression");
    json.string(filter);
  }
  write_token(json, token);
  json.end_object();
  return body;
}

std::string traces_request(std::span<const TraceId> ids, const std::string& token) {
  std::string body;
  JsonWriter json(body);
  json.begin_object();
  json.key("TraceIds");
  json.begin_array();
  for (const TraceId& id : ids) json.string(id.text());
  json.end_array();
  write_token(json, token);
  json.end_object();
  return body;
}

}  // namespace

TraceQuestion::TraceQuestion(const DaemonEndpoint& endpoint)
    : proxy_(loop_, endpoint, kQuestionLimits) {}

TraceQuestion::~TraceQuestion() = default;

Expected<std::vector<TraceId>> TraceQuestion::list(std::string_view filter, std::size_t most) {
  std::vector<TraceId> ids;
  std::string token;
  do {
    const auto reply = ask(kSummariesPath, summaries_request(filter, token));
    if (const Error* error = reply.if_error()) return *error;
    const std::optional<ReplyPage> page = read_page(*reply);
    if (!page) return not_understood();
    for (const std::string& text : page->ids) {
      const auto id = TraceId::parse(text);
      if (id && ids.size() < most) ids.push_back(*id);
    }
    token = page->token;
  } while (!token.empty() && ids.size() < most);
  return ids;
}

Expected<void> TraceQuestion::fetch(std::span<const TraceId> ids, collect::TraceStore& store) {
  while (!ids.empty()) {
    const auto batch = ids.first(std::min(ids.size(), kTraceBatch));
    ids = ids.subspan(batch.size());
    std::string token;
    do {
      const auto reply = ask(kTracesPath, traces_request(batch, token));
      if (const Error* error = reply.if_error()) return *error;
      const std::optional<ReplyPage> page = read_page(*reply);
      if (!page) return not_understood();
      put_documents(*reply, store);
      token = page->token;
    } while (!token.empty());
  }
  return {};
}

Expected<std::string> TraceQuestion::ask(std::string_view path, std::string body) {
  std::optional<Expected<std::string>> answer;
  proxy_.post(path, std::move(body),
              [&answer](Expected<std::string> reply) { answer.emplace(std::move(reply)); });
  loop_.run_until([&answer] { return answer.has_value(); }, kQuestionLimits.total * 2);
  if (answer) return *std::move(answer);
  return Error{Error::Code::call_timeout, Phase::none, "the answer took too long"};
}

}  // namespace xtrace::cli
