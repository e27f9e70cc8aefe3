#include <doctest/doctest.h>

#include "instrument/detect_fixture.h"
#include "support/listener.h"
#include "support/scripted_server.h"

namespace xtrace::testing::detect_ec2_test {

namespace {

using namespace std::chrono_literals;

constexpr std::string_view kIdentity = R"({
  "accountId" : "123456789012", "architecture" : "x86_64", "availabilityZone" : "us-west-2b",
  "billingProducts" : null, "devpayProductCodes" : null, "imageId" : "ami-5fb8c835",
  "instanceId" : "i-1234567890abcdef0", "instanceType" : "t2.micro", "region" : "us-west-2"
})";

/// Detects against a server that plays one script to whoever comes first.
struct Ec2 : Surroundings {
  ScriptedServer server{loop};
  Ec2() { options.ec2_url = server.url("/"); }

  std::string failure_of() {
    const Detection detection = detect(Detector::ec2);
    CHECK(detection.found.empty());
    CHECK(detection.environment == ServiceEnvironment{});
    REQUIRE(detection.failures.size() == 1);
    code = detection.failures[0].code;
    return detection.failures[0].message;
  }

  Error::Code code{};
};

}  // namespace

TEST_SUITE("instrument/detect_ec2") {
  TEST_CASE("an instance is asked for a token first and for its identity with it") {
    Ec2 here;
    here.server.on_connection().expect_head().send(answer("AQAEA-token==\n"));
    here.server.on_connection().expect_head().send(answer(kIdentity));
    const Detection detection = here.detect(Detector::ec2);
    CHECK(failures(detection).empty());
    CHECK(detection.environment.origin == "AWS::EC2::Instance");
    CHECK(block(detection, "ec2") ==
          R"({"instance_id":"i-1234567890abcdef0","availability_zone":"us-west-2b",)"
          R"("instance_size":"t2.micro","ami_id":"ami-5fb8c835"})");
    CHECK(block(detection, "account_id") == R"("123456789012")");
    CHECK(here.server.received(0).starts_with("PUT /latest/api/token HTTP/1.1\r\n"));
    CHECK(here.server.received(0).find("\r\nX-aws-ec2-metadata-token-ttl-seconds: 60\r\n") !=
          std::string::npos);
    CHECK(here.server.received(1).starts_with(
        "GET /latest/dynamic/instance-identity/document HTTP/1.1\r\n"));
    CHECK(here.server.received(1).find("\r\nX-aws-ec2-metadata-token: AQAEA-token==\r\n") !=
          std::string::npos);
  }

  TEST_CASE("a service that knows no tokens is asked without one") {
    Ec2 here;
    here.server.on_connection().expect_head().send(answer("", "404 Not Found"));
    here.server.on_connection().expect_head().send(answer(R"({"instanceId":"i-1"})"));
    const Detection detection = here.detect(Detector::ec2);
    CHECK(block(detection, "ec2") == R"({"instance_id":"i-1"})");
    CHECK(block(detection, "account_id").empty());
    CHECK(here.server.received(1).find("metadata-token") == std::string::npos);
  }

  TEST_CASE("a service that refuses a token is not asked without one") {
    struct Vector {
      std::string_view status;
      Error::Code code;
    };
    for (const Vector& vector : {Vector{"403 Forbidden", Error::Code::service_denied},
                                 Vector{"500 Oops", Error::Code::service_unavailable},
                                 Vector{"400 Bad Request", Error::Code::service_refused}}) {
      Ec2 here;
      here.server.on_connection().expect_head().send(answer("", vector.status));
      CHECK(here.failure_of() == "detect ec2: PUT " + here.server.url("/latest/api/token") +
                                     ": answered " + std::string{vector.status.substr(0, 3)});
      CHECK(here.code == vector.code);
      CHECK(here.server.connections() == 1);
    }
  }

  TEST_CASE("a redirect is not followed") {
    Ec2 here;
    here.server.on_connection().expect_head().send(
        "HTTP/1.1 302 Found\r\nLocation: " + here.server.url("/elsewhere") +
        "\r\nContent-Length: 0\r\n\r\n");
    CHECK(here.failure_of().ends_with(": answered 302, and redirects are not followed"));
    CHECK(here.code == Error::Code::service_refused);
    CHECK(here.server.connections() == 1);
  }

  TEST_CASE("an identity that cannot be understood finds nothing") {
    for (const std::string_view body : {"", "{", "[]", "not json", R"({"instanceId":7})",
                                        R"({"instanceId":""})", R"({"accountId":"1"})"}) {
      CAPTURE(body);
      Ec2 here;
      here.server.on_connection().expect_head().send(answer("token"));
      here.server.on_connection().expect_head().send(answer(body));
      CHECK(here.failure_of() == "detect ec2: GET " +
                                     here.server.url("/latest/dynamic/instance-identity/document") +
                                     ": the answer names no instance");
      CHECK(here.code == Error::Code::invalid_reply);
    }
  }

  TEST_CASE("half an answer finds nothing") {
    Ec2 here;
    here.server.on_connection().expect_head().send(answer("token"));
    here.server.on_connection()
        .expect_head()
        .send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"instanceId\":\"i-1\"")
        .close();
    CHECK(here.failure_of().starts_with("detect ec2: GET http://"));
    CHECK(here.code == Error::Code::body_cut);
  }

  TEST_CASE("an answer that is too large is not taken") {
    Ec2 here;
    here.server.on_connection().expect_head().send(answer("token"));
    here.server.on_connection().expect_head().send(
        answer(R"({"instanceId":"i-1"})" + std::string(256 * 1024, ' ')));
    here.failure_of();
    CHECK(here.code == Error::Code::body_too_large);
  }

  TEST_CASE("an answer that is no HTTP, and a token that is no header, find nothing") {
    Ec2 here;
    SUBCASE("no HTTP") {
      here.server.on_connection().expect_head().send("SSH-2.0-OpenSSH\r\n").close();
      here.failure_of();
      CHECK(here.code == Error::Code::not_http);
    }
    SUBCASE("no header") {
      here.server.on_connection().expect_head().send(answer("a\r\nb: c"));
      CHECK(here.failure_of().find("b: c") == std::string::npos);
      CHECK(here.code == Error::Code::invalid_request);
    }
  }

  TEST_CASE("where nobody is, the search ends with the connection") {
    Surroundings here;
    const RefusingAddress nobody;
    here.options.ec2_url = "http://" + nobody.address().to_string();
    const Detection detection = here.detect(Detector::ec2);
    REQUIRE(detection.failures.size() == 1);
    CHECK(detection.failures[0].code == Error::Code::connect_refused);
  }

  TEST_CASE("where packets vanish, the search ends with the time for connecting") {
    Surroundings here;
    const SilentAddress nobody;
    here.options.ec2_url = "http://" + nobody.address().to_string();
    const Detection detection = here.detect(Detector::ec2);
    REQUIRE(detection.failures.size() == 1);
    CHECK(detection.failures[0].code == Error::Code::connect_timeout);
  }

  TEST_CASE("a server that never answers is waited for until the limit") {
    Ec2 here;
    here.server.on_connection().expect_head().silent();
    here.options.limit = 50ms;
    const Tick begin = std::chrono::steady_clock::now();
    CHECK(here.failure_of() == "detect ec2: PUT " + here.server.url("/latest/api/token") +
                                   ": not answered within the time there was");
    CHECK(here.code == Error::Code::call_timeout);
    CHECK(std::chrono::steady_clock::now() - begin >= 50ms);
  }

  TEST_CASE("a server that drips is waited for until the limit") {
    Ec2 here;
    here.server.on_connection().expect_head().send(answer("token"));
    here.server.on_connection()
        .expect_head()
        .send("HTTP/1.1 200 OK\r\n")
        .send_split(std::string(1'000, 'X'))
        .silent();
    here.options.limit = 100ms;
    here.failure_of();
    CHECK(here.code == Error::Code::call_timeout);
  }

  TEST_CASE("an address that is none is named") {
    Surroundings here;
    here.options.ec2_url = "ftp://127.0.0.1";
    CHECK(failures(here.detect(Detector::ec2)).starts_with("detect ec2: "));
    here.options.ec2_url = "http://user:secret@metadata.example";
    CHECK(
        failures(here.detect(Detector::ec2)) ==
        "detect ec2: ask http://metadata.example/latest/api/token: the host of a metadata service "
        "is an IP address\n");
  }
}

}  // namespace xtrace::testing::detect_ec2_test
