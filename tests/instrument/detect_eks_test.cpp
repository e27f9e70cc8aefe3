#include <doctest/doctest.h>

#include "instrument/detect_fixture.h"
#include "support/scripted_server.h"
#include "support/tls_certificates.h"
#include "support/tls_host.h"

namespace xtrace::testing::detect_eks_test {

namespace {

using namespace std::chrono_literals;

const std::string kId = "0b7b8c53d6ca7b9b1cd2f1e7a04f8d9b5a26f3a4f59bdd4ec0f1c2b3a4958677";
const std::string kOtherId = "ffff8c53d6ca7b9b1cd2f1e7a04f8d9b5a26f3a4f59bdd4ec0f1c2b3a4958677";
constexpr std::string_view kClusterInfo =
    R"({"kind":"ConfigMap","data":{"cluster.name":"shop","logs.region":"eu-west-1"}})";

/// A pod, and the cluster's own server behind TLS.
struct Eks : Surroundings {
  Identity ca = self_sign({.common_name = "kubernetes", .is_ca = true});
  Identity identity = issue({.common_name = "kube-apiserver", .addresses = {"127.0.0.1"}}, ca);
  TlsHost server{loop, {.identity = identity}};

  Eks() {
    variables["KUBERNETES_SERVICE_HOST"] = "127.0.0.1";
    variables["KUBERNETES_SERVICE_PORT"] = std::to_string(server.address().port());
    scratch.write("token", "eyJhbGciOi.J9\n");
    scratch.write("ca.crt", ca.certificate);
    options.host_name = "web-5d9c7b-x2x7k";
  }

  Detection detect_pod() {
    const Detection detection = detect(Detector::eks);
    CHECK(detection.found == std::vector{Detector::eks});
    CHECK(detection.environment.origin == "AWS::EKS::Container");
    return detection;
  }
};

}  // namespace

TEST_SUITE("instrument/detect_eks") {
  TEST_CASE("a pod tells its cluster, its name and its container") {
    Eks here;
    here.scratch.write("cgroup", "11:memory:/kubepods/besteffort/pod1-2/" + kOtherId +
                                     "\n1:name=systemd:/kubepods/besteffort/pod1-2/" + kId + "\n");
    here.server.answer(answer(kClusterInfo), TlsHost::End::open);
    const Detection detection = here.detect_pod();
    CHECK(failures(detection).empty());
    CHECK(block(detection, "eks") ==
          R"({"cluster_name":"shop","pod":"web-5d9c7b-x2x7k","container_id":")" + kId + "\"}");
    const std::string& request = here.server.tls().received;
    CHECK(request.starts_with(
        "GET /api/v1/namespaces/amazon-cloudwatch/configmaps/cluster-info HTTP/1.1\r\n"));
    CHECK(request.find("\r\nAuthorization: Bearer eyJhbGciOi.J9\r\n") != std::string::npos);
  }

  TEST_CASE("a service account that may not read the config map still tells its pod") {
    Eks here;
    here.scratch.write("cgroup", "0::/kubepods.slice/cri-containerd-" + kId + ".scope\n");
    here.server.answer(answer("{}", "403 Forbidden"), TlsHost::End::open);
    const Detection detection = here.detect_pod();
    CHECK(block(detection, "eks") == R"({"pod":"web-5d9c7b-x2x7k","container_id":")" + kId + "\"}");
    REQUIRE(detection.failures.size() == 1);
    CHECK(detection.failures[0].code == Error::Code::service_denied);
    CHECK(detection.failures[0].message.ends_with("cluster-info: answered 403"));
  }

  TEST_CASE("a cgroup that names no container leaves it out") {
    for (const std::string& text : {std::string{"0::/\n"}, std::string{}, "0::/" + kId + "0\n",
                                    "0::/" + kId.substr(1) + "\n", "0::/" + kId + "f" + kId}) {
      CAPTURE(text);
      Eks here;
      here.scratch.write("cgroup", text);
      here.server.answer(answer(kClusterInfo), TlsHost::End::open);
      CHECK(block(here.detect_pod(), "eks") ==
            R"({"cluster_name":"shop","pod":"web-5d9c7b-x2x7k"})");
    }
  }

  TEST_CASE("a config map that cannot be understood is told") {
    for (const std::string_view body :
         {"", "[]", "{}", R"({"data":[]})", R"({"data":{"cluster.name":1}})"}) {
      CAPTURE(body);
      Eks here;
      here.server.answer(answer(body), TlsHost::End::open);
      const Detection detection = here.detect_pod();
      CHECK(block(detection, "eks") == R"({"pod":"web-5d9c7b-x2x7k"})");
      CHECK(failures(detection).ends_with(": the answer names no cluster\n"));
    }
  }

  TEST_CASE("a server of another authority is not told the token") {
    Eks here;
    here.scratch.write("ca.crt",
                       self_sign({.common_name = "kubernetes", .is_ca = true}).certificate);
    const Detection detection = here.detect_pod();
    REQUIRE(detection.failures.size() == 1);
    CHECK(detection.failures[0].phase == Phase::tls);
    CHECK(here.server.tls().received.empty());
  }

  TEST_CASE("an authority that cannot be read is named") {
    Eks here;
    here.scratch.write("ca.crt", "no certificate");
    const Detection detection = here.detect_pod();
    REQUIRE(detection.failures.size() == 1);
    CHECK(detection.failures[0].code == Error::Code::tls_config);
  }

  TEST_CASE("a server that never shakes hands is waited for until the limit") {
    Eks here;
    ScriptedServer silent(here.loop);
    silent.on_connection().silent();
    here.variables["KUBERNETES_SERVICE_PORT"] = std::to_string(silent.port());
    here.options.limit = 50ms;
    const Detection detection = here.detect_pod();
    REQUIRE(detection.failures.size() == 1);
    CHECK(detection.failures[0].code == Error::Code::call_timeout);
    CHECK(block(detection, "eks") == R"({"pod":"web-5d9c7b-x2x7k"})");
  }

  TEST_CASE("an IPv6 cluster is asked in brackets, and a name not at all") {
    Eks here;
    here.variables["KUBERNETES_SERVICE_HOST"] = "::1";
    CHECK(failures(here.detect_pod()).find("https://[::1]:") != std::string::npos);
    here.variables["KUBERNETES_SERVICE_HOST"] = "cluster.example";
    CHECK(failures(here.detect_pod()).ends_with("is an IP address\n"));
  }

  TEST_CASE("without a token there is no pod") {
    Eks here;
    SUBCASE("none") {
      here.options.service_account_folder = here.scratch.path("elsewhere");
    }
    SUBCASE("an empty one") {
      here.scratch.write("token", "\n");
    }
    const Detection detection = here.detect(Detector::eks);
    CHECK(detection.found.empty());
    CHECK(failures(detection).empty());
  }
}

}  // namespace xtrace::testing::detect_eks_test
