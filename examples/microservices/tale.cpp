#include "microservices/tale.h"

#include <string_view>

namespace xtrace::examples {

namespace {

/// Collects what is not as it should be.
class Judge {
 public:
  void hold(bool is_kept, const std::string& sentence) {
    if (!is_kept) broken_.push_back(sentence);
  }

  /// The one child of that name, with that status; null where it is not there, or another.
  const TraceNode* follow(const TraceNode& parent, const std::string& name, int status) {
    const TraceNode* child = find_child(parent, name);
    hold(child != nullptr, "below " + parent.name + " there should be " + name);
    if (child != nullptr) {
      hold(child->status == status, name + " should have status " + std::to_string(status) +
                                        ", and has " + std::to_string(child->status));
    }
    return child;
  }

  std::vector<std::string> take() { return std::move(broken_); }

 private:
  std::vector<std::string> broken_;
};

std::string authority_of(std::string_view url) {
  const std::size_t begin = url.find("://") + 3;
  return std::string(url.substr(begin, url.find('/', begin) - begin));
}

void judge_target(Judge& judge, const Tale& tale, const TraceNode& fetcher) {
  const std::string name = authority_of(tale.url);
  const TraceNode* target = find_child(fetcher, name);
  judge.hold(target != nullptr, "below fetcher there should be the target, " + name);
  if (target == nullptr) return;
  judge.hold(target->is_remote, name + " should be remote");
  judge.hold(target->cause == tale.target_cause, name + " should have failed with '" +
                                                     tale.target_cause + "', and did with '" +
                                                     target->cause + "'");
  if (!tale.is_archived()) return judge.hold(target->is_fault, name + " should be a fault");
  judge.hold(target->status == tale.target_status,
             name + " should have status " + std::to_string(tale.target_status));
  for (const char* phase : {"request", "response", "body"}) {
    judge.hold(find_child(*target, phase) != nullptr,
               "below " + name + " there should be its phase " + phase);
  }
}

}  // namespace

std::vector<std::string> find_broken_promises(const Tale& tale, const Cast& cast,
                                              const TraceTree& tree) {
  Judge judge;
  judge.hold(tree.roots.size() == 1, "there should be one tree, and there are " +
                                         std::to_string(tree.roots.size()) + " pieces");
  if (tree.roots.empty()) return judge.take();
  const TraceNode& client = tree.roots.front();
  judge.hold(client.name == "client", "the trace should begin with client");
  const TraceNode* call = judge.follow(client, cast.fetcher, tale.status);
  const TraceNode* fetcher = call ? judge.follow(*call, "fetcher", tale.status) : nullptr;
  if (fetcher == nullptr) return judge.take();
  judge.hold(fetcher->is_segment, "fetcher should be a segment");
  judge.hold(fetcher->remote_url == tale.url, "fetcher should be annotated with " + tale.url);
  judge_target(judge, tale, *fetcher);
  judge.hold((find_child(*fetcher, cast.archiver) != nullptr) == tale.is_archived(),
             "the archiver should have been called where there is something to archive");
  if (!tale.is_archived()) return judge.take();
  const TraceNode* archiving = judge.follow(*fetcher, cast.archiver, 200);
  if (archiving != nullptr) judge.follow(*archiving, "archiver", 200);
  return judge.take();
}

}  // namespace xtrace::examples
