#pragma once

/// cpp-httplib and X-Ray: `trace_httplib_server` (httplib_server.h) traces what a service answers,
/// `HttplibClient` (httplib_client.h) what it calls. docs/adapters.md has both at work.

#include <xtrace/adapters/httplib_client.h>
#include <xtrace/adapters/httplib_request.h>
#include <xtrace/adapters/httplib_server.h>
