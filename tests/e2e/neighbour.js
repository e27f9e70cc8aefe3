// An express app with AWS's SDK for Node as its users write it: neighbour.js NAME SAMPLED
//
// Its port is the first line on stdout; it ends with its stdin. /hello answers at once, /call?url=URL calls on with the
// SDK's captured http client, /status/CODE answers that, /fail throws. SAMPLED is the share of what nobody decided before.
'use strict';

const http = require('http');
const express = require('express');
const xray = require('aws-xray-sdk-core');
const middleware = require('aws-xray-sdk-express');

const [name, sampled] = process.argv.slice(2);
xray.setLogger({ error() {}, warn() {}, info() {}, debug() {} });
xray.middleware.disableCentralizedSampling();
xray.middleware.setSamplingRules({ version: 2, rules: [], default: { fixed_target: 0, rate: Number(sampled) } });
xray.captureHTTPsGlobal(http);

const app = express();
app.use(middleware.openSegment(name));
app.get('/hello', (request, response) => response.send('hello\n'));
app.get('/status/:code', (request, response) => response.status(Number(request.params.code)).send('as asked\n'));
app.get('/fail', () => {
  throw new Error('the shelf is empty');
});
app.get('/call', (request, response) => {
  http
    .get(request.query.url, { agent: false }, (answer) => {
      response.status(answer.statusCode);
      answer.pipe(response);
    })
    .on('error', () => response.status(502).end());
});
app.use(middleware.closeSegment());
// eslint-disable-next-line no-unused-vars -- express knows an error handler by its four parameters
app.use((error, request, response, next) => response.status(500).end());

const server = app.listen(0, '127.0.0.1', () => console.log(JSON.stringify({ port: server.address().port })));
process.stdin.on('end', () => process.exit(0)).resume();
