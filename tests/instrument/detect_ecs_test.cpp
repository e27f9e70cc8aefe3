#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "instrument/detect_fixture.h"
#include "support/listener.h"
#include "support/scripted_server.h"

namespace xtrace::testing::detect_ecs_test {

namespace {

using namespace std::chrono_literals;

constexpr std::string_view kContainer = R"({
  "DockerId": "ea32192c8553fbff06c9340478a2ff089b2bb5646fb718b4ee206641c9086d66", "Name": "curl",
  "DockerName": "ecs-curltest-24-curl-cca48e8dcadd97805600", "Image": "curl:latest",
  "Labels": {"com.amazonaws.ecs.cluster": "default"}, "DesiredStatus": "RUNNING",
  "Limits": {"CPU": 10, "Memory": 128}, "Type": "NORMAL", "LogDriver": "awslogs",
  "LogOptions": {"awslogs-create-group": "true", "awslogs-group": "/ecs/metadata",
                 "awslogs-region": "us-west-2", "awslogs-stream": "ecs/curl/8f03e41243824aea"},
  "ContainerARN": "arn:aws:ecs:us-west-2:111122223333:container/0206b271-b33f"
})";

std::string task(std::string_view launch_type) {
  nlohmann::json json{{"Cluster", "default"},
                      {"TaskARN", "arn:aws:ecs:us-west-2:111122223333:task/default/158d1c8083dd"},
                      {"Family", "curltest"},
                      {"Revision", "26"},
                      {"DesiredStatus", "RUNNING"},
                      {"AvailabilityZone", "us-west-2d"}};
  if (!launch_type.empty()) json["LaunchType"] = launch_type;
  return json.dump();
}

/// The container is asked for first, its task right behind it, each on a connection of its own.
struct Ecs : Surroundings {
  ScriptedServer server{loop};
  Script& container = server.on_connection().expect_head();
  Script& whole_task = server.on_connection().expect_head();

  Ecs() { variables["ECS_CONTAINER_METADATA_URI_V4"] = server.url("/v4/ea32192c"); }

  Detection detect_both() {
    const Detection detection = detect(Detector::ecs);
    CHECK(server.received(0).starts_with("GET /v4/ea32192c HTTP/1.1\r\n"));
    CHECK(server.received(1).starts_with("GET /v4/ea32192c/task HTTP/1.1\r\n"));
    CHECK(detection.found == std::vector{Detector::ecs});
    return detection;
  }
};

}  // namespace

TEST_SUITE("instrument/detect_ecs") {
  TEST_CASE("a task on Fargate tells its container, task, cluster, account and log") {
    Ecs here;
    here.container.send(answer(kContainer));
    here.whole_task.send(answer(task("FARGATE")));
    const Detection detection = here.detect_both();
    CHECK(failures(detection).empty());
    CHECK(detection.environment.origin == "AWS::ECS::Fargate");
    CHECK(nlohmann::json::parse(block(detection, "ecs")) ==
          nlohmann::json{
              {"container", "curl"},
              {"container_id", "ea32192c8553fbff06c9340478a2ff089b2bb5646fb718b4ee206641c9086d66"},
              {"container_arn", "arn:aws:ecs:us-west-2:111122223333:container/0206b271-b33f"},
              {"cluster_arn", "arn:aws:ecs:us-west-2:111122223333:cluster/default"},
              {"task_arn", "arn:aws:ecs:us-west-2:111122223333:task/default/158d1c8083dd"},
              {"task_family", "curltest"},
              {"task_revision", "26"},
              {"launch_type", "FARGATE"},
              {"availability_zone", "us-west-2d"}});
    CHECK(block(detection, "account_id") == R"("111122223333")");
    CHECK(block(detection, "cloudwatch_logs") ==
          R"([{"log_group":"/ecs/metadata","arn":)"
          R"("arn:aws:logs:us-west-2:111122223333:log-group:/ecs/metadata"}])");
  }

  TEST_CASE("the launch type is the origin, and a container where it is unknown") {
    struct Vector {
      std::string_view launch_type;
      std::string_view origin;
    };
    for (const Vector& vector :
         {Vector{"EC2", "AWS::ECS::EC2"}, Vector{"FARGATE", "AWS::ECS::Fargate"},
          Vector{"fargate", "AWS::ECS::Fargate"}, Vector{"EXTERNAL", "AWS::ECS::Container"},
          Vector{"", "AWS::ECS::Container"}}) {
      CAPTURE(vector.launch_type);
      Ecs here;
      here.container.send(answer(kContainer));
      here.whole_task.send(answer(task(vector.launch_type)));
      CHECK(here.detect_both().environment.origin == vector.origin);
    }
  }

  TEST_CASE("a container that logs elsewhere has no log group") {
    Ecs here;
    here.container.send(
        answer(R"({"LogDriver":"awsfirelens","LogOptions":{"awslogs-group":"/ecs/x"}})"));
    here.whole_task.send(answer(task("EC2")));
    const Detection detection = here.detect_both();
    CHECK(block(detection, "cloudwatch_logs").empty());
    CHECK(block(detection, "account_id") == R"("111122223333")");
    CHECK(block(detection, "ecs").starts_with(R"({"container":"ip-10-0-0-1","cluster_arn":)"));
  }

  TEST_CASE("names that are no ARN make none") {
    Ecs here;
    here.container.send(answer(
        R"({"Name":"a","ContainerARN":"x","LogDriver":"awslogs","LogOptions":{"awslogs-group":"g"}})"));
    here.whole_task.send(answer(R"({"Cluster":"default","TaskARN":"urn:aws:ecs:r:a:t"})"));
    const Detection detection = here.detect_both();
    CHECK(block(detection, "ecs") ==
          R"({"container":"a","container_arn":"x","task_arn":"urn:aws:ecs:r:a:t"})");
    CHECK(block(detection, "account_id").empty());
    CHECK(block(detection, "cloudwatch_logs") == R"([{"log_group":"g"}])");
  }

  TEST_CASE("a cluster that is named by its ARN keeps it, and another partition too") {
    Ecs here;
    here.container.send(answer(R"({"LogDriver":"awslogs","LogOptions":{"awslogs-group":"g"}})"));
    here.whole_task.send(answer(R"({"Cluster":"arn:aws-cn:ecs:cn-north-1:1:cluster/c",)"
                                R"("TaskARN":"arn:aws-cn:ecs:cn-north-1:1:task/c/t"})"));
    const Detection detection = here.detect_both();
    CHECK(
        block(detection, "ecs").find(R"("cluster_arn":"arn:aws-cn:ecs:cn-north-1:1:cluster/c")") !=
        std::string::npos);
    CHECK(block(detection, "cloudwatch_logs") ==
          R"([{"log_group":"g","arn":"arn:aws-cn:logs:cn-north-1:1:log-group:g"}])");
  }

  TEST_CASE("half of the answers tells half") {
    Ecs here;
    SUBCASE("the task's is broken") {
      here.container.send(answer(kContainer));
      here.whole_task.send(answer("{\"LaunchType\":"));
      const Detection detection = here.detect_both();
      CHECK(detection.environment.origin == "AWS::ECS::Container");
      CHECK(block(detection, "ecs").starts_with(R"({"container":"curl","container_id":)"));
      CHECK(block(detection, "account_id") == R"("111122223333")");
      CHECK(failures(detection) == "detect ecs: GET " + here.server.url("/v4/ea32192c/task") +
                                       ": the answer is no JSON object\n");
    }
    SUBCASE("the container's is refused") {
      here.container.send(answer("", "404 Not Found"));
      here.whole_task.send(answer(task("FARGATE")));
      const Detection detection = here.detect_both();
      CHECK(detection.environment.origin == "AWS::ECS::Fargate");
      CHECK(block(detection, "ecs").starts_with(R"({"container":"ip-10-0-0-1","cluster_arn":)"));
      CHECK(failures(detection) ==
            "detect ecs: GET " + here.server.url("/v4/ea32192c") + ": answered 404\n");
    }
    SUBCASE("the task's never comes") {
      here.options.limit = 1s;
      here.container.send(answer(kContainer));
      here.whole_task.silent();
      const Detection detection = here.detect_both();
      CHECK(block(detection, "ecs").starts_with(R"({"container":"curl","container_id":)"));
      CHECK(failures(detection) == "detect ecs: GET " + here.server.url("/v4/ea32192c/task") +
                                       ": not answered within the time there was\n");
    }
  }

  TEST_CASE("where the service is silent, the host's name is all there is") {
    Surroundings here;
    const RefusingAddress nobody;
    here.variables["ECS_CONTAINER_METADATA_URI_V4"] = "http://" + nobody.address().to_string();
    const Detection detection = here.detect(Detector::ecs);
    CHECK(detection.environment.origin == "AWS::ECS::Container");
    CHECK(block(detection, "ecs") == R"({"container":"ip-10-0-0-1"})");
    CHECK(detection.failures.size() == 2);
  }

  TEST_CASE("an address with a name for a host is not asked") {
    Surroundings here;
    here.variables["ECS_CONTAINER_METADATA_URI_V4"] = "http://metadata.example/v4/a";
    const Detection detection = here.detect(Detector::ecs);
    CHECK(failures(detection).find("the host of a metadata service is an IP address") !=
          std::string::npos);
  }
}

}  // namespace xtrace::testing::detect_ecs_test
