#pragma once

/// What an example says on stderr about the X-Ray daemon: the words of AWS's SDK for Go, and a few
/// of its own for what that keeps to itself.

#include <memory>
#include <string_view>

#include <xtrace/central_sampler.h>
#include <xtrace/daemon_address.h>
#include <xtrace/expected.h>
#include <xtrace/loop.h>

namespace xtrace::examples {

/// `2026-03-31T15:46:13Z [INFO] MESSAGE`
void log_info(std::string_view message);

/// `AWS_XRAY_DAEMON_ADDRESS`, or the daemon's default.
Expected<DaemonAddress> find_daemon();

/// A sampler that asks the daemon for the service's rules, on `loop`, and waits for them: at once
/// over where nobody listens, and after half a second in any case. The log says what came of it.
/// Without rules the SDKs' local ones decide, by which the first request of a second is sampled.
std::shared_ptr<CentralSampler> fetch_sampling_rules(Loop& loop, const DaemonEndpoint& daemon);

}  // namespace xtrace::examples
