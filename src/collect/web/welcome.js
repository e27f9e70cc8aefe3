// What the list shows while there is nothing to list: how to send a first trace.
import { copyButton, h } from './dom.js';
import * as format from './format.js';

const USUAL = '127.0.0.1:2000';
const HOST = location.hostname.replace(/^\[|\]$/g, '');

/** `told` is where documents are received, `127.0.0.1:2000`; empty where that is not known. */
export function drawWelcome(told) {
  const address = told || defaultAddress();
  return h('div', { class: 'welcome' }, [
    h('h1', { text: 'Waiting for the first trace' }),
    h('p', { class: 'muted' }, [
      'Documents sent to ',
      h('code', { text: address }),
      ' (UDP, as to the X-Ray daemon) appear here at once. ',
      address === USUAL
        ? 'SDKs send there unless told otherwise.'
        : 'Tell SDKs where that is with the variable below.',
    ]),
    h('div', { class: 'snippets' }, snippets(address).map(drawSnippet)),
  ]);
}

/** Without any: the filter takes none of what is there. */
export function drawNoMatch(total, onClear) {
  return h('div', { class: 'welcome' }, [
    h('h1', { text: 'No trace matches' }),
    h('p', {
      class: 'muted',
      text: `This filter takes none of ${format.plural(total, 'trace')}; what it takes appears.`,
    }),
    h('button', { type: 'button', text: 'Remove the filter', on: { click: onClear } }),
  ]);
}

function defaultAddress() {
  return `${HOST.includes(':') ? `[${HOST}]` : HOST}:2000`;
}

function drawSnippet({ title, text }) {
  return h('section', { class: 'snippet' }, [
    h('div', { class: 'snippet-head' }, [h('h3', { text: title }), copyButton(text, title)]),
    h('pre', { tabindex: '0', 'aria-label': title, text }),
  ]);
}

function snippets(address) {
  const before = address === USUAL ? '' : `AWS_XRAY_DAEMON_ADDRESS=${address} `;
  return [
    { title: 'One request, now', text: `${before}xtrace get https://example.com` },
    { title: 'A command as a segment', text: `${before}xtrace exec --name nightly -- ./backup.sh` },
    { title: 'Whatever runs in this shell', text: `export AWS_XRAY_DAEMON_ADDRESS=${address}` },
    {
      title: 'Node.js (express)',
      text: [
        "const xray = require('aws-xray-sdk');",
        `xray.setDaemonAddress('${address}');`,
        "app.use(xray.express.openSegment('my-service'));",
        '// ... routes ...',
        'app.use(xray.express.closeSegment());',
      ].join('\n'),
    },
    {
      title: 'Python (Flask)',
      text: [
        'from aws_xray_sdk.core import xray_recorder, patch_all',
        'from aws_xray_sdk.ext.flask.middleware \\',
        '    import XRayMiddleware',
        'xray_recorder.configure(',
        `    service="my-service", daemon_address="${address}")`,
        'patch_all()',
        'XRayMiddleware(app, xray_recorder)',
      ].join('\n'),
    },
    {
      title: 'Go (net/http)',
      text: [
        `xray.Configure(xray.Config{DaemonAddr: "${address}"})`,
        'namer := xray.NewFixedSegmentNamer("my-service")',
        'http.ListenAndServe(":8000", xray.Handler(namer, mux))',
      ].join('\n'),
    },
  ];
}
