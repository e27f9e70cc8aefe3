// Two services on cpp-httplib in one program: the shop answers with what it asked the stock.
//
//     tools/run demo httplib               one call through both: one trace
//     tools/run demo httplib serve [URL]   the shop alone until stdin ends; the stock is at URL

#include <cstdio>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include <httplib.h>

#include <xtrace/adapters/httplib.h>
#include <xtrace/tracer.h>

namespace {

using xtrace::current_context;
using xtrace::HttplibClient;
using xtrace::ServerTrace;
using xtrace::Tracer;
using xtrace::Url;

std::unique_ptr<Tracer> make_tracer(std::string name) {
  xtrace::TracerConfig config;
  config.name = std::move(name);
  config.sampler = std::make_shared<xtrace::RateSampler>(1);
  const auto finalized = xtrace::finalize_config(std::move(config));
  if (const auto* error = finalized.if_error()) throw std::runtime_error(error->message);
  return std::make_unique<Tracer>(*finalized);
}

/// A traced server on a port of the system's choice, and the thread that accepts for it.
class Service {
 public:
  explicit Service(std::string name)
      : tracer_(make_tracer(std::move(name))), trace_(*tracer_, {.trusted_hops = 1}) {
    xtrace::trace_httplib_server(server_, trace_);
  }
  Service(const Service&) = delete;
  Service& operator=(const Service&) = delete;
  ~Service() {
    server_.stop();
    if (thread_.joinable()) thread_.join();
  }

  httplib::Server& server() { return server_; }
  /// Begins to listen; what connects from now on waits until it is served.
  Url start() {
    const int port = server_.bind_to_any_port("127.0.0.1");
    if (port < 0) throw std::runtime_error("no port of 127.0.0.1 can be listened on");
    thread_ = std::thread([this] { server_.listen_after_bind(); });
    while (!server_.is_running()) std::this_thread::yield();  // stop() needs it to
    return Url::parse("http://127.0.0.1:" + std::to_string(port)).value();
  }

 private:
  std::unique_ptr<Tracer> tracer_;
  ServerTrace trace_;
  httplib::Server server_;
  std::thread thread_;
};

httplib::Result ask(const Url& service, const std::string& path) {
  httplib::Client client{service.host(), service.port()};
  httplib::Request request;
  request.method = "GET";
  request.path = path;
  HttplibClient traced{client, service};
  return traced.send(current_context(), std::move(request));
}

void add_stock_routes(httplib::Server& server) {
  server.Get("/items/lamp", [](const httplib::Request&, httplib::Response& answer) {
    current_context().annotate("item", "lamp");
    answer.set_content("3", "text/plain");
  });
}

void answer_with_stock(const Url& stock, const httplib::Request& request,
                       httplib::Response& answer) {
  const httplib::Result count = ask(stock, request.path);
  if (!count) {
    answer.status = 502;
    answer.set_content("the stock does not answer\n", "text/plain");
  } else if (count->status != 200) {
    answer.status = 404;
    answer.set_content("the stock does not know it\n", "text/plain");
  } else {
    answer.set_content(count->body + " in stock\n", "text/plain");
  }
}

/// Ten lines that are made while they are sent; a torn catalogue has five.
void answer_with_catalogue(const httplib::Request& request, httplib::Response& answer) {
  const bool is_torn = request.has_param("torn");
  answer.set_chunked_content_provider(
      "text/plain", [is_torn, line = 0](std::size_t, httplib::DataSink& sink) mutable {
        if (is_torn && line == 5) return false;
        constexpr std::string_view kLine = "lamp, 12.50\n";
        sink.write(kLine.data(), kLine.size());
        if (++line == 10) sink.done();
        return true;
      });
}

void add_shop_routes(httplib::Server& server, const Url& stock) {
  server.Get(R"(/items/(\w+))",
             [stock](const httplib::Request& request, httplib::Response& answer) {
               answer_with_stock(stock, request, answer);
             });
  server.Get("/catalogue", answer_with_catalogue);
  server.Get("/price-list", [](const httplib::Request&, httplib::Response& answer) {
    const auto list = std::make_shared<const std::string>(8'000'000, '.');
    answer.set_content_provider(
        list->size(), "text/plain",
        [list](std::size_t offset, std::size_t length, httplib::DataSink& sink) {
          return sink.write(list->data() + offset, length);
        });
  });
  // Loggers may copy an answer; it is the one that is sent which ends its segment.
  server.set_logger([](const httplib::Request&, const httplib::Response& answer) {
    const httplib::Response kept = answer;
    if (kept.status >= 500) std::fprintf(stderr, "httplib: answered %d\n", kept.status);
  });
  server.Post("/orders", [](const httplib::Request& request, httplib::Response& answer) {
    if (request.body.empty()) throw std::invalid_argument("an order without items");
    answer.set_content("ordered\n", "text/plain");
  });
}

int serve(const Url& stock) {
  Service shop{"shop"};
  add_shop_routes(shop.server(), stock);
  std::printf("%s\n", shop.start().full().c_str());
  std::fflush(stdout);
  while (std::getchar() != EOF) {
  }
  return 0;
}

int make_one_call() {
  Service stock{"stock"};
  add_stock_routes(stock.server());
  Service shop{"shop"};
  add_shop_routes(shop.server(), stock.start());
  const Url url = shop.start();

  const std::unique_ptr<Tracer> tracer = make_tracer("customer");
  const xtrace::Segment segment = tracer->begin_segment();
  const xtrace::ContextScope scope{segment.context()};
  const httplib::Result answer = ask(url, "/items/lamp");
  if (answer) std::printf("%d %s", answer->status, answer->body.c_str());
  std::printf("trace %s: customer, shop and stock\n", segment.trace_id().to_string().c_str());
  return answer && answer->status == 200 ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2 || std::string_view(argv[1]) != "serve") return make_one_call();
  const auto stock = Url::parse(argc > 2 ? argv[2] : "http://127.0.0.1:8080");
  if (stock) return serve(*stock);
  std::fprintf(stderr, "httplib: %s\n", stock.if_error()->message.c_str());
  return 2;
}
