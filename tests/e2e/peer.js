// The other half of peers.py: AWS's SDK for Node, with one JSON question a line on stdin and one JSON answer a line on stdout.
//
// The first line says on which port a service listens that uses the SDK's middleware. {"header": TEXT} is answered by what
// the SDK reads, {"address": TEXT} by where it would send, {"call": TEXT} by the request that a service sends on when it was
// called with that header, {"last": true} by what the service's middleware made of its last request.
'use strict';

const http = require('http');
const readline = require('readline');
const xray = require('aws-xray-sdk-core');
const daemon = require('aws-xray-sdk-core/dist/lib/daemon_config');

xray.enableManualMode();
xray.setLogger({ error() {}, warn() {}, info() {}, debug() {} });
xray.setContextMissingStrategy(() => {});
xray.middleware.disableCentralizedSampling();
xray.middleware.setSamplingRules({ version: 2, rules: [], default: { fixed_target: 1, rate: 1 } });
const traced = xray.captureHTTPs(http, true);
// Segments that end would be sent to whatever listens at the daemon's port.
require('aws-xray-sdk-core/dist/lib/segment_emitter').send = () => {};

let last = null;

function serve(request, response) {
  response.header = response.setHeader.bind(response);
  const header = xray.middleware.processHeaders(request);
  const segment = new xray.Segment('peer', header.root, header.parent);
  xray.middleware.resolveSampling(header, segment, response);
  last = {
    header: request.headers['x-amzn-trace-id'],
    trace_id: segment.trace_id,
    parent_id: segment.parent_id,
    is_traced: !segment.notTraced,
  };
  response.end('ok');
  segment.close();
}

function readAddress(text) {
  Object.assign(daemon, { udp_ip: null, udp_port: null, tcp_ip: null, tcp_port: null });
  try {
    daemon.setDaemonAddress(text);
  } catch (error) {
    return { error: error.message };
  }
  if (daemon.udp_ip === null) return { error: 'silently ignored' };
  return { udp: `${daemon.udp_ip}:${daemon.udp_port}`, tcp: `${daemon.tcp_ip}:${daemon.tcp_port}` };
}

function call(text, port) {
  const header = xray.utils.processTraceData(text);
  const segment = new xray.Segment('peer', header.root, header.parent);
  if (header.sampled === '0') segment.notTraced = true;
  return new Promise((resolve, reject) => {
    const options = { host: '127.0.0.1', port, path: '/', agent: false, XRaySegment: segment };
    const request = traced.get(options, (response) => {
      response.resume();
      response.on('end', () => {
        const id = segment.subsegments ? segment.subsegments[0].id : null;
        resolve({ trace_id: segment.trace_id, id, header: last.header });
      });
    });
    request.on('error', reject);
  });
}

async function answer(question, port) {
  if ('header' in question) return xray.utils.processTraceData(question.header);
  if ('address' in question) return readAddress(question.address);
  return 'call' in question ? call(question.call, port) : last;
}

const server = http.createServer(serve);
server.listen(0, '127.0.0.1', async () => {
  const { port } = server.address();
  console.log(JSON.stringify({ port }));
  for await (const line of readline.createInterface({ input: process.stdin })) {
    console.log(JSON.stringify(await answer(JSON.parse(line), port)));
  }
  server.close();
});
