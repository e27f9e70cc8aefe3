#include <cstdlib>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>
#include <sys/stat.h>

#include "instrument/detect_fixture.h"
#include "support/scripted_server.h"

namespace xtrace::testing::detect_environment_test {

namespace {

constexpr std::string_view kBeanstalk =
    R"({"environment_name":"shop-prod","version_label":"v42","deployment_id":7})";

}  // namespace

TEST_SUITE("instrument/detect_environment") {
  TEST_CASE("nowhere in particular, nothing is found and nothing fails") {
    Surroundings here;
    here.options.detectors = {Detector::lambda, Detector::eks, Detector::ecs,
                              Detector::elastic_beanstalk};
    const Detection detection = here.detect();
    CHECK(detection.environment == ServiceEnvironment{});
    CHECK(detection.found.empty());
    CHECK(failures(detection).empty());
  }

  TEST_CASE("a detector that was not asked for finds nothing") {
    Surroundings here;
    here.variables["AWS_LAMBDA_FUNCTION_NAME"] = "orders";
    here.scratch.write("environment.conf", kBeanstalk);
    here.options.detectors = {};
    CHECK(here.detect().found.empty());
    CHECK(here.detect(Detector::elastic_beanstalk).environment.aws.size() == 1);
  }

  TEST_CASE("a function tells its name, version, memory and log") {
    Surroundings here;
    here.variables = {{"AWS_LAMBDA_FUNCTION_NAME", "orders"},
                      {"AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"},
                      {"AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "512"},
                      {"AWS_LAMBDA_LOG_GROUP_NAME", "/aws/lambda/orders"},
                      {"AWS_LAMBDA_LOG_STREAM_NAME", "2026/[$LATEST]1"}};
    const Detection detection = here.detect(Detector::lambda);
    CHECK(detection.environment.origin == "AWS::Lambda::Function");
    CHECK(block(detection, "lambda") ==
          R"({"function_name":"orders","function_version":"$LATEST","memory_mb":512})");
    CHECK(block(detection, "cloudwatch_logs") ==
          R"([{"log_group":"/aws/lambda/orders","log_stream":"2026/[$LATEST]1"}])");
    CHECK(failures(detection).empty());
  }

  TEST_CASE("a function is known by its task root, and a memory that is no number left out") {
    Surroundings here;
    here.variables = {{"LAMBDA_TASK_ROOT", "/var/task"},
                      {"AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "512M"}};
    const Detection detection = here.detect(Detector::lambda);
    CHECK(detection.found == std::vector{Detector::lambda});
    CHECK(block(detection, "lambda") == "{}");
    CHECK(block(detection, "cloudwatch_logs").empty());
  }

  TEST_CASE("Elastic Beanstalk is known by its file") {
    Surroundings here;
    here.scratch.write("environment.conf", kBeanstalk);
    const Detection detection = here.detect(Detector::elastic_beanstalk);
    CHECK(detection.environment.origin == "AWS::ElasticBeanstalk::Environment");
    CHECK(block(detection, "elastic_beanstalk") == kBeanstalk);
  }

  TEST_CASE("members of another type are left out") {
    Surroundings here;
    here.scratch.write("environment.conf",
                       R"({"environment_name":["x"],"version_label":"v","deployment_id":"7"})");
    CHECK(block(here.detect(Detector::elastic_beanstalk), "elastic_beanstalk") ==
          R"({"version_label":"v"})");
    here.scratch.write("environment.conf", R"({"environment_name":")" + std::string(1025, 'x') +
                                               R"(","version_label":"\ud83d\ude80\n"})");
    const std::string json = block(here.detect(Detector::elastic_beanstalk), "elastic_beanstalk");
    CHECK(nlohmann::json::parse(json) == nlohmann::json{{"version_label", "\xF0\x9F\x9A\x80\n"}});
  }

  TEST_CASE("a file that cannot be understood says so") {
    Surroundings here;
    for (const std::string_view text : {"[1]", "{", "{\"a\":\"\xC3\x28\"}", "\"x\"", "null"}) {
      here.scratch.write("environment.conf", text);
      const Detection detection = here.detect(Detector::elastic_beanstalk);
      CHECK(detection.found.empty());
      REQUIRE(detection.failures.size() == 1);
      CHECK(detection.failures[0].code == Error::Code::invalid_reply);
      CHECK(failures(detection) == "detect elastic_beanstalk: read " + here.options.beanstalk_file +
                                       ": it is no JSON object\n");
    }
  }

  TEST_CASE("a file that cannot be read says why") {
    Surroundings here;
    const std::string start =
        "detect elastic_beanstalk: read " + here.options.beanstalk_file + ": ";
    SUBCASE("it is too large") {
      here.scratch.write("environment.conf", std::string(64 * 1024 + 1, ' '));
      CHECK(failures(here.detect(Detector::elastic_beanstalk)) ==
            start + "it is larger than 64 KiB\n");
    }
    SUBCASE("it is a pipe that nobody writes to") {
      REQUIRE(mkfifo(here.options.beanstalk_file.c_str(), 0600) == 0);
      CHECK(failures(here.detect(Detector::elastic_beanstalk)) ==
            start + "it is no regular file\n");
    }
  }

  TEST_CASE("the most specific origin wins, and every block is kept") {
    Surroundings here;
    here.variables["AWS_LAMBDA_FUNCTION_NAME"] = "orders";
    here.variables["AWS_LAMBDA_LOG_GROUP_NAME"] = "/aws/lambda/orders";
    here.scratch.write("environment.conf", kBeanstalk);
    ScriptedServer ecs(here.loop);
    const std::string task =
        R"({"TaskARN":"arn:aws:ecs:eu-west-1:111122223333:task/a","LaunchType":"FARGATE"})";
    for (int i = 0; i < 2; ++i) {
      ecs.on_connection().expect_head().send(answer(
          R"({"Name":"web","LogDriver":"awslogs","LogOptions":{"awslogs-group":"/ecs/web"},)" +
          task.substr(1)));
    }
    here.variables["ECS_CONTAINER_METADATA_URI_V4"] = ecs.url("/v4/a");
    ScriptedServer ec2(here.loop);
    ec2.on_connection().expect_head().send(answer("token"));
    ec2.on_connection().expect_head().send(
        answer(R"({"instanceId":"i-0abc","accountId":"444455556666"})"));
    here.options.ec2_url = ec2.url("");
    here.options.detectors = {Detector::ec2, Detector::elastic_beanstalk, Detector::ecs,
                              Detector::lambda, Detector::lambda};
    const Detection detection = here.detect();
    CHECK(failures(detection).empty());
    CHECK(detection.found ==
          std::vector{Detector::lambda, Detector::ecs, Detector::elastic_beanstalk, Detector::ec2});
    CHECK(detection.environment.origin == "AWS::Lambda::Function");
    CHECK(detection.environment.aws.size() == 6);
    CHECK(block(detection, "cloudwatch_logs") == R"([{"log_group":"/aws/lambda/orders"}])");
    CHECK(block(detection, "account_id") == R"("111122223333")");
    CHECK(block(detection, "elastic_beanstalk") == kBeanstalk);
    CHECK(block(detection, "ec2") == R"({"instance_id":"i-0abc"})");
  }

  TEST_CASE("the process's own environment and name are the defaults") {
    REQUIRE(setenv("AWS_LAMBDA_FUNCTION_NAME", "from-the-process", 1) == 0);
    const Detection detection = detect_environment({.detectors = {Detector::lambda}});
    unsetenv("AWS_LAMBDA_FUNCTION_NAME");
    CHECK(block(detection, "lambda").find("from-the-process") != std::string::npos);
  }
}

}  // namespace xtrace::testing::detect_environment_test
