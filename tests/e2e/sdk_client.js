// AWS's X-Ray SDK for Node as its users write it, against the daemon of AWS_XRAY_DAEMON_ADDRESS: sdk_client.js
//
// Sends a segment, then samples by the service's rules until it was told its quota. Prints the trace's id, the rule that
// decided, the quota, and every warning and error of the SDK's.
'use strict';

// The SDK reports every ten seconds; nobody has to wait for that here.
const setRealInterval = global.setInterval;
global.setInterval = (work, milliseconds, ...rest) => setRealInterval(work, milliseconds / 500, ...rest);

const xray = require('aws-xray-sdk-core');
const sampler = require('aws-xray-sdk-core/dist/lib/middleware/sampling/default_sampler');

const complaints = [];
const complain = (text, ...rest) => complaints.push([text, ...rest].join(' '));
xray.setLogger({ error: complain, warn: complain, info() {}, debug() {} });

const segment = new xray.Segment('node shop');
segment.addAnnotation('customer', 'four');
const call = segment.addNewSubsegment('pay');
call.namespace = 'remote';
call.addMetadata('items', [1, 2, 3]);
call.close(new Error('no money'));
segment.close();

const look = setRealInterval(() => {
  const rule = sampler.shouldSample({ host: 'h', httpMethod: 'GET', urlPath: '/shop/4', serviceName: 'node shop' });
  const cached = sampler.ruleCache.getRules().find((each) => each.getName() === 'shop');
  const quota = cached && cached.getReservoir().quota;
  if (rule !== 'shop' || !quota) return;
  clearInterval(look);
  console.log(JSON.stringify({ trace_id: segment.trace_id, rule, quota, complaints }));
}, 5);
