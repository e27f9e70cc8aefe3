#include <memory>
#include <utility>

#include <xtrace/client_trace.h>

#include "client/event_text.h"
#include "client/hook_table.h"

namespace xtrace {

namespace {

using Sink = std::function<void(const TraceEvent&)>;

template <class... Args>
std::function<void(Args...)> both(const std::function<void(Args...)>& newer,
                                  const std::function<void(Args...)>& older) {
  if (!newer) return older;
  if (!older) return newer;
  return [newer, older](Args... args) {
    newer(args...);
    older(args...);
  };
}

template <class Describe, class... Args>
std::function<void(Args...)> log(const Hook<Describe, Args...>& hook,
                                 const std::shared_ptr<const Sink>& sink) {
  return [&hook, sink](Args... args) {
    EventText text;
    hook.describe(text, args...);
    text.tell(hook.name, *sink);
  };
}

}  // namespace

ClientTrace ClientTrace::compose(const ClientTrace& newer, const ClientTrace& older) {
  ClientTrace composed;
  for_each_hook([&composed, &newer, &older](const auto& hook) {
    composed.*hook.member = both(newer.*hook.member, older.*hook.member);
  });
  return composed;
}

ClientTrace ClientTrace::to_logger(std::function<void(const TraceEvent&)> sink) {
  ClientTrace trace;
  if (!sink) return trace;
  const auto shared = std::make_shared<const Sink>(std::move(sink));
  for_each_hook([&trace, &shared](const auto& hook) { trace.*hook.member = log(hook, shared); });
  return trace;
}

}  // namespace xtrace
