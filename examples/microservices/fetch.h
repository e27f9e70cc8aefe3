#pragma once

/// `Fetch` is one fetch under way: the request to the target, then the one to the archiver, each a
/// subsegment of the visit's segment. Destroying it gives the fetch up.

#include <cstdint>
#include <string>
#include <string_view>

#include <xtrace/callback.h>
#include <xtrace/client.h>
#include <xtrace/http.h>
#include <xtrace/traced_client.h>

#include "microservices/visit.h"

namespace xtrace::examples {

/// What all fetches share. Two clients, for what is asked of strangers has limits of its own.
struct FetchClients {
  TracedClient targets;
  TracedClient archiver;
  Url archive;  ///< Where documents are posted.
};

class Fetch {
 public:
  /// `clients` outlives it. `on_over` runs before the visit is answered and may destroy the fetch.
  Fetch(FetchClients& clients, Visit visit, Url target, Callback<void()> on_over);
  Fetch(const Fetch&) = delete;
  Fetch& operator=(const Fetch&) = delete;
  ~Fetch();

  void start();

 private:
  void on_target(Exchange exchange);
  void on_archived(const Exchange& exchange);
  void finish(std::string_view archive_href);
  void refuse(const Refusal& refusal);
  Visit leave();

  FetchClients& clients_;
  Visit visit_;
  Url target_;
  Callback<void()> on_over_;
  std::int64_t status_ = 0;  // the target's
  TracedCall call_;
};

}  // namespace xtrace::examples
