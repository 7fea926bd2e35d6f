'use strict';
// Starts agents, in Node.js or in Java, waits for their events, makes statistics.
const { spawn } = require('child_process');
const path = require('path');
const readline = require('readline');
const { EventEmitter } = require('events');

const PROFILES = {
  default: {},                                                                                  // 1000 / 2000 / 2000 / 2000
  fast: { helloInterval: 100, checkInterval: 100, nodeTimeout: 300, masterTimeout: 300 },       // dead after three hellos missed
  fastest: { helloInterval: 20, checkInterval: 20, nodeTimeout: 100, masterTimeout: 100 },      // dead after five hellos missed
};
const ROOT = path.join(__dirname, '..', '..');
const IMPL = arg('impl', 'node');

const now = () => Number(process.hrtime.bigint()) / 1e6;
const sleep = (ms) => new Promise((r) => setTimeout(r, ms));
const live = new Set();
process.on('exit', () => { for (const a of live) a.kill(); });

function command(options) {
  // A JVM loads and compiles what it needs when it needs it; --cold leaves that in what is measured.
  const json = JSON.stringify({ warm: !process.argv.includes('--cold'), ...options });
  if (IMPL !== 'java') return [process.execPath, path.join(ROOT, 'cluster', 'target', 'node-discover', 'agent.js'), json];
  const classes = ['cluster/target/classes', 'cluster/target/test-classes', 'node-app/target/coterie/lib/*'].map((p) => path.join(ROOT, p));
  const flags = (process.env.LAN_JAVA_OPTS || '-Xms16m -Xmx128m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -XX:-UsePerfData').split(' ');
  return ['java', ...flags, '-cp', classes.join(':'), 'dev.coterie.cluster.lan.LanAgent', json];
}

class Agent extends EventEmitter {
  /** @param options for node-discover; @param netns name of a network namespace, or nothing */
  constructor(options, netns) {
    super();
    this.isMaster = false; this.knows = new Set(); this.log = []; this.spawnedAt = now();
    this.setMaxListeners(50);
    const [cmd, ...args] = [...(netns ? ['ip', 'netns', 'exec', netns] : []), ...command(options)];
    this.child = spawn(cmd, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    readline.createInterface({ input: this.child.stdout }).on('line', (line) => this.hear(JSON.parse(line)));
    this.child.on('exit', () => { this.gone = true; this.isMaster = false; });
    this.child.on('error', () => {});
    this.child.stdin.on('error', () => {});
    live.add(this);
  }
  hear(m) {
    if (m.ev === 'promotion') this.isMaster = true;
    if (m.ev === 'demotion') this.isMaster = false;
    if (m.ev === 'added') this.knows.add(m.id);
    if (m.ev === 'removed') this.knows.delete(m.id);
    if (m.ev !== 'count') this.log.push(m);
    this.emit(m.ev, m);
  }
  tell(cmd, more) { if (!this.gone) this.child.stdin.write(JSON.stringify({ cmd, ...more }) + '\n'); }
  kill(signal = 'SIGKILL') { if (!this.gone) this.child.kill(signal); if (signal === 'SIGKILL') live.delete(this); }
  /** The first event `ev` from now on, or a rejection after `ms`. */
  next(ev, ms = 20000) {
    return new Promise((resolve, reject) => {
      const onEvent = (m) => { clearTimeout(timer); this.off(ev, onEvent); resolve(m); };
      const timer = setTimeout(() => { this.off(ev, onEvent); reject(new Error(`no ${ev} within ${ms} ms`)); }, ms);
      this.on(ev, onEvent);
    });
  }
  async ask(cmd, ev, more, ms) { const p = this.next(ev, ms); this.tell(cmd, more); return p; }
}

/**
 * Starts agents one after another, so that no two are of one age: a node-discover weighs by the millisecond of its
 * start, and of two that weigh the same neither ever steps down.
 */
async function inTurn(starts) {
  const agents = [];
  for (const start of starts) {
    const agent = start();
    agents.push(agent);
    await agent.next('ready');
  }
  return agents;
}

/** First promotion in any of `agents`. */
function firstPromotion(agents, ms = 20000) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`no promotion within ${ms} ms`)), ms);
    for (const a of agents) a.next('promotion', ms).then((m) => { clearTimeout(timer); resolve({ agent: a, t: m.t }); }, () => {});
  });
}

/** Waits until every agent knows all others and exactly one is master, unchanged for `calm` ms. */
async function settled(agents, ms = 60000, calm = 0) {
  const end = now() + ms;
  let since = 0;
  while (now() < end) {
    const ok = agents.filter((a) => a.isMaster).length === 1 && agents.every((a) => a.knows.size === agents.length - 1);
    since = ok ? since || now() : 0;
    if (ok && now() - since >= calm) return agents.find((a) => a.isMaster);
    await sleep(5);
  }
  throw new Error('not settled: ' + agents.map((a) => `${a.isMaster ? 'M' : '-'}${a.knows.size}`).join(' '));
}

/** Unicast on 127.0.0.1, one port a process; every process sends to the other `n - 1` ports. */
function unicast(basePort, n, i, more) {
  const all = Array.from({ length: n }, (_, k) => `127.0.0.1:${basePort + k}`);
  return { address: '127.0.0.1', port: basePort + i, unicast: all.filter((_, k) => k !== i), ...more };
}

function quantile(sorted, q) { return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))]; }
function stats(values) {
  const s = values.slice().sort((a, b) => a - b), mid = s.length >> 1;
  return { n: s.length, min: s[0], median: s.length % 2 ? s[mid] : (s[mid - 1] + s[mid]) / 2, max: s[s.length - 1] };
}
function digits(x) { return x === undefined ? '-' : Math.abs(x) >= 100 ? x.toFixed(0) : Math.abs(x) >= 10 ? x.toFixed(1) : x.toFixed(3); }
function report(what, values, unit) {
  const s = stats(values);
  console.log(`| ${IMPL} | ${what} | ${s.n} | ${digits(s.min)} | ${digits(s.median)} | ${digits(s.max)} | ${unit} |`);
}
function arg(name, fallback) { const i = process.argv.indexOf('--' + name); return i < 0 ? fallback : process.argv[i + 1]; }
/** Runs `main` to its end, within a time limit. */
function run(main, seconds = 280) {
  setTimeout(() => { console.error('time limit'); process.exit(2); }, seconds * 1000).unref();
  main().then(() => process.exit(0), (e) => { console.error(e); process.exit(1); });
}

module.exports = { Agent, PROFILES, IMPL, now, sleep, inTurn, firstPromotion, settled, unicast, quantile, stats, digits, report, arg, run };
