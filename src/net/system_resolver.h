#pragma once

/// `SystemResolver` asks the system, as every other program on the host does: getaddrinfo on
/// libuv's thread pool, timed inside the worker thread, so that the wait for a thread is never
/// taken for DNS.
///
/// At most two of its lookups hold a thread of the pool (libuv has four by default, shared with the
/// host's file I/O); the others wait, and that wait counts as submitted to started. Lookups of the
/// same name and family share one getaddrinfo. Nothing is cached.
///
/// getaddrinfo cannot be interrupted. A lookup, or the resolver, may be destroyed at any time, but
/// a getaddrinfo that has started finishes alone; until then libuv keeps the loop alive, and the
/// destructor of an owned `Loop` waits for it. A program that will not wait ends without destroying
/// its loop (`std::_Exit`).

#include <functional>
#include <memory>
#include <vector>

#include <xtrace/loop.h>

#include "net/resolver.h"

namespace xtrace {

/// One blocking lookup, run on a thread of the pool; the port of the request is set on every
/// address.
using NameLookup = std::function<Expected<std::vector<Address>>(const ResolveRequest&)>;

/// getaddrinfo: duplicates removed, the system's order kept.
Expected<std::vector<Address>> look_up_name(const ResolveRequest& request);

class SystemResolver final : public Resolver {
 public:
  /// `look_up` is what the worker threads do; it may outlive the resolver.
  explicit SystemResolver(Loop& loop, NameLookup look_up = look_up_name);
  SystemResolver(const SystemResolver&) = delete;
  SystemResolver& operator=(const SystemResolver&) = delete;
  /// No callback runs afterwards.
  ~SystemResolver() override;

  std::unique_ptr<Lookup> resolve(const ResolveRequest& request,
                                  Callback<void(Expected<Resolved>)> on_done) override;
  std::string_view name() const override { return "system"; }

 private:
  class Job;
  class PendingLookup;

  std::shared_ptr<Job> find_shareable(const ResolveRequest& request) const;
  void start_waiting_jobs();
  void on_job_done(const std::shared_ptr<Job>& job);
  void on_lookup_gone(Job& job);

  Loop& loop_;
  NameLookup look_up_;
  std::vector<std::shared_ptr<Job>> jobs_;  // in the order of submission, until answered
};

}  // namespace xtrace
