// `Stage`: the program, the browser, and what is watched of both while a case runs.
import { spawn } from 'node:child_process';
import dgram from 'node:dgram';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

const HEADER = '{"format":"json","version":1}\n';
const DEADLINE = 10000;
/** So many datagrams are sent before the program is asked for them: its socket holds more. */
const BURST = 100;

export class Stage {
  /** `settings` as page.py has them. */
  static async open(settings) {
    const require = createRequire(`${settings.modules}/`);
    const { chromium } = require('playwright-core');
    const stage = new Stage(settings);
    fs.mkdirSync(settings.screenshots, { recursive: true });
    const started = stage.start();
    // The test runs as whoever runs it, in a network of its own; root has no sandbox.
    const args = ['--no-sandbox', '--disable-dev-shm-usage', '--force-color-profile=srgb'];
    [stage.browser] = await Promise.all([
      chromium.launch({ executablePath: settings.browser, args }),
      started,
    ]);
    return stage;
  }

  constructor(settings) {
    this.settings = settings;
    this.base = `http://127.0.0.1:${settings.web}`;
    this.socket = dgram.createSocket('udp4');
    this.contexts = [];
    this.complaints = [];
    this.allowed = [];
    this.received = 0;
  }

  /** Starts the program; returns once its page is there. */
  async start() {
    const { udp, tcp, web, environment } = this.settings;
    const args = [
      'listen',
      '--udp',
      `127.0.0.1:${udp}`,
      '--tcp',
      `127.0.0.1:${tcp}`,
      '--web',
      `127.0.0.1:${web}`,
      '--format',
      'none',
    ];
    this.process = spawn(this.settings.program, args, {
      env: environment,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    this.said = '';
    this.process.stderr.on('data', (data) => {
      this.said += data;
    });
    this.ended = new Promise((resolve) => {
      this.process.on('exit', (code, signal) => resolve(code ?? signal));
    });
    this.received = 0;
    await until('the program listens', async () => {
      if (this.process.exitCode !== null)
        throw new Fatal(`xtrace ended with ${this.process.exitCode}: ${this.said}`);
      return (await fetch(`${this.base}/api/stats`)).ok;
    });
  }

  /** Lets the program end as Ctrl-C does; it must end well. */
  async stop() {
    this.process.kill('SIGINT');
    const end = await this.ended;
    if (end !== 0 || /Sanitizer|runtime error/.test(this.said))
      throw new Error(`xtrace ended with ${end}: ${this.said}`);
  }

  /** Sends documents, or texts as they are, as SDKs do, and waits until the program has them. */
  async send(...documents) {
    const all = documents.flat();
    for (let at = 0; at < all.length; at += BURST) {
      const burst = all.slice(at, at + BURST);
      await Promise.all(burst.map((document) => this.sendOne(document)));
      this.received += burst.length;
      await until(
        'the program has what was sent',
        async () => (await this.stats()).received >= this.received,
      );
    }
  }

  sendOne(document) {
    const text = HEADER + (typeof document === 'string' ? document : JSON.stringify(document));
    return new Promise((resolve, reject) => {
      this.socket.send(text, this.settings.udp, '127.0.0.1', (error) =>
        error ? reject(error) : resolve(),
      );
    });
  }

  async stats() {
    return (await fetch(`${this.base}/api/stats`)).json();
  }

  /** A page in a browser that knows nothing yet. Whatever goes wrong in it fails the case. */
  async page(address = '/', options = {}) {
    const context = await this.browser.newContext({
      viewport: { width: 1280, height: 800 },
      colorScheme: 'dark',
      baseURL: this.base,
      acceptDownloads: true,
      ...options,
    });
    context.setDefaultTimeout(DEADLINE);
    this.contexts.push(context);
    const page = await context.newPage();
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') this.complain(message.text());
    });
    page.on('pageerror', (error) => this.complain(error.stack));
    page.on('dialog', (dialog) => {
      this.complain(`A dialog opened: ${dialog.message()}`);
      dialog.dismiss();
    });
    page.on('request', (request) => {
      if (!request.url().startsWith(`${this.base}/`) && !/^(data|blob):/.test(request.url()))
        this.complain(`A request left: ${request.url()}`);
    });
    await page.goto(address);
    return page;
  }

  complain(text) {
    if (!this.allowed.some((pattern) => pattern.test(text))) this.complaints.push(text);
  }

  /** The browser's console tells of every answer that is an error, wanted or not. */
  allow(pattern) {
    this.allowed.push(pattern);
  }

  /** Kept in the build folder. */
  async screenshot(page, name) {
    await page.screenshot({ path: path.join(this.settings.screenshots, `${name}.png`) });
  }

  /** Ends a case: its pages, its traces, what it allowed. Returns what was complained of. */
  async reset() {
    const { complaints } = this;
    await Promise.all(this.contexts.map((context) => context.close()));
    this.contexts = [];
    this.complaints = [];
    this.allowed = [];
    await fetch(`${this.base}/api/clear`, { method: 'POST', headers: { 'X-Xtrace': '1' } });
    return complaints;
  }

  async close() {
    this.socket.close();
    await this.browser.close();
    await this.stop();
  }
}

/** Waits until `holds()` is true, which it is asked again and again. */
export async function until(what, holds) {
  const end = Date.now() + DEADLINE;
  for (;;) {
    try {
      if (await holds()) return;
    } catch (error) {
      if (error instanceof Fatal) throw error;
    }
    if (Date.now() > end) throw new Error(`It did not come to be that ${what}.`);
    await new Promise((resolve) => {
      setTimeout(resolve, 5);
    });
  }
}

class Fatal extends Error {}
