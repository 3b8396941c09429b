// Submits with the official Node SDK, as the Python contenders do; the job comes on standard input, as JSON.
// The package alipay-sdk is found as `require` finds it, so NODE_PATH counts.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename } from 'node:path';
import { performance } from 'node:perf_hooks';

const { AlipaySdk, AlipayFormData } = createRequire(import.meta.url)('alipay-sdk');

const TICK = 5;
const WARM_UP = 4;
const job = JSON.parse(readFileSync(0, 'utf8'));
const sdk = new AlipaySdk({
  appId: job.app_id,
  keyType: 'PKCS8',
  privateKey: job.private_key,
  alipayPublicKey: job.public_key,
  endpoint: job.base_url,
  timeout: 120_000,
});
let number = 0;

async function submit() {
  const form = new AlipayFormData();
  const own = job.files[++number % job.files.length];
  for (const [name, path] of Object.entries(own)) form.addFile(name, basename(path), path);
  const body = { ...job.fields, app_version: `0.0.${number}` };
  const reply = await sdk.curl('POST', job.path, { form, body });
  if (reply.data.speed_up !== 'true') throw new Error('the reply was not read');
}

async function submitUntil(end) {
  do await submit(); while (performance.now() < end);
}

const late = [];
let due;

function tick() {
  const now = performance.now();
  for (; due <= now; due += TICK) late.push((now - due) / 1000);
  setTimeout(tick, Math.max(0, due - now)).unref();
}

const base = process.memoryUsage().rss;
await Promise.all(Array.from({ length: WARM_UP }, submit));
const before = number;
const cpu = process.cpuUsage();
const started = performance.now();
due = started + TICK;
tick();
await Promise.all(Array.from({ length: job.concurrency }, () => submitUntil(started + job.seconds * 1000)));
const seconds = (performance.now() - started) / 1000;
const used = process.cpuUsage(cpu);
// On Linux the highest resident size in /proc is this process' alone, unlike the one that getrusage tells.
let peak = process.resourceUsage().maxRSS * 1024;
try {
  peak = Number(/VmHWM:\s*(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))[1]) * 1024;
} catch {}
console.log(JSON.stringify({
  submitted: number - before,
  warm_up: WARM_UP,
  seconds,
  cpu: (used.user + used.system) / 1e6,
  memory: Math.max(0, peak - base),
  late,
}));
process.exit(0);
