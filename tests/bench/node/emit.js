// The peer of tools/bench's line emit-peer: emit.js PORT COUNT, the sample of sample_segment.cpp made with AWS's SDK.
//
// Prints `ready`, waits for a line on stdin, makes and sends the segments, and prints when the work began and ended on the
// steady clock, its CPU time in nanoseconds and the number of segments; all over again until stdin ends.
'use strict';

const readline = require('readline');
const xray = require('aws-xray-sdk-core');

const [port, count] = process.argv.slice(2).map(Number);
xray.setDaemonAddress(`127.0.0.1:${port}`);
xray.enableManualMode();
xray.setContextMissingStrategy(() => {});
xray.setLogger({ error() {}, warn() {}, info() {}, debug() {} });

// How many are made before the sockets get their turn.
const kTurn = 100;

function recordSample() {
  const segment = new xray.Segment('shop');
  segment.http = {
    request: { method: 'GET', url: 'http://shop.example.com/v1/orders/1042', user_agent: 'Mozilla/5.0', client_ip: '203.0.113.7' },
    response: { status: 200, content_length: 1024 },
  };
  const call = segment.addNewSubsegment('api.example.com');
  call.namespace = 'remote';
  call.http = {
    request: { method: 'GET', url: 'https://api.example.com/v1/stock/1042' },
    response: { status: 200, content_length: 512 },
  };
  call.close();
  segment.close();
}

function nextTurn() {
  return new Promise((resolve) => setImmediate(resolve));
}

async function work() {
  const began = process.hrtime.bigint();
  const cpuBegan = process.cpuUsage();
  for (let made = 0; made < count; made += kTurn) {
    for (let i = 0; i < kTurn; ++i) recordSample();
    await nextTurn();
  }
  const cpu = process.cpuUsage(cpuBegan);
  const ended = process.hrtime.bigint();
  console.log(`${began} ${ended} ${(cpu.user + cpu.system) * 1000} ${count}`);
}

async function main() {
  console.log('ready');
  for await (const _ of readline.createInterface({ input: process.stdin })) {
    await work();
    console.log('ready');
  }
}

main();
