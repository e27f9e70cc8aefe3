#include "collect/aws_facts.h"

#include "collect/value_reader.h"

namespace xtrace::collect {

namespace {

void read_instance(ValueReader& reader, AwsFacts& facts) {
  reader.object([&reader, &facts](std::string_view key) {
    if (key == "instance_id") {
      facts.instance_id = reader.text();
    } else if (key == "availability_zone") {
      facts.zone = reader.text();
    } else {
      reader.skip();
    }
  });
}

}  // namespace

AwsFacts read_aws(std::string_view block, std::deque<std::string>& decoded) {
  AwsFacts facts;
  if (block.empty()) return facts;
  ValueReader reader(block, decoded);
  reader.object([&reader, &facts](std::string_view key) {
    if (key == "account_id") {
      facts.account = reader.text();
    } else if (key == "ec2") {
      read_instance(reader, facts);
    } else if (key == "table_name") {
      facts.table = reader.text();
    } else if (key == "queue_url") {
      facts.queue = reader.text();
    } else if (key == "bucket_name") {
      facts.bucket = reader.text();
    } else {
      reader.skip();
    }
  });
  return facts;
}

CallTarget target_of(const TraceNode& call, const AwsFacts& aws) {
  if (call.space != "aws") return {call.name, "remote"};
  if (call.name == "DynamoDB" && !aws.table.empty()) return {aws.table, "AWS::DynamoDB::Table"};
  if (call.name == "SQS" && !aws.queue.empty()) return {aws.queue, "AWS::SQS::Queue"};
  if (call.name == "S3" && !aws.bucket.empty()) return {aws.bucket, "AWS::S3::Bucket"};
  return {call.name, "AWS::" + std::string(call.name)};
}

}  // namespace xtrace::collect
