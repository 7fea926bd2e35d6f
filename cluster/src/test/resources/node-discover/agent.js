'use strict';
// One node-discover in a process of its own, driven by lines of JSON on its standard input; what happens goes to its
// standard output, with the monotonic time in ms. The twin of LanAgent and LanLoad. It ends when its input does.
const readline = require('readline');
const Discover = require('node-discover');

const now = () => Number(process.hrtime.bigint()) / 1e6;
const tell = (ev, more) => process.stdout.write(JSON.stringify({ ev, t: now(), ...more }) + '\n');
const cpuMicros = () => { const c = process.cpuUsage(); return c.user + c.system; };

const moduleLoadedAt = now();
const d = new Discover(JSON.parse(process.argv[2]), () => tell('ready', { moduleLoadedAt, id: d.broadcast.instanceUuid }));
for (const name of ['promotion', 'demotion', 'added', 'removed', 'master']) {
  d.on(name, (node) => tell(name, { id: node && node.id, port: node && node.port }));
}

const got = { n: 0, first: 0, last: 0, disordered: 0 };
let highest = -1;

const commands = {
  stop() { tell('stopping'); d.stop(); tell('stopped'); },
  promote() { tell('promoting'); d.promote(); },
  demote(m) { tell('demoting'); d.demote(m.permanent); },
  state() {
    const masters = Object.values(d.nodes).filter((node) => node.isMaster).map((node) => node.id);
    if (d.me.isMaster) masters.push(d.broadcast.instanceUuid);
    tell('state', { isMaster: d.me.isMaster, knows: Object.keys(d.nodes).length, masters });
  },
  cpu() { tell('cpu', { us: cpuMicros() }); },
  advertise(m) { d.advertise(m.value); },
  send(m) { d.send(m.channel, m.value); },
  join(m) {
    d.join(m.channel, (value, packet) => tell('message', { channel: m.channel, value, from: packet.iid }));
    tell('joined', { channel: m.channel });
  },

  // Counts and checks what arrives on 'flood', answers 'ping' with 'pong'.
  receive() {
    d.join('flood', (data) => {
      const seq = parseInt(data, 10);
      if (seq < highest) got.disordered++; else highest = seq;
      if (!got.n++) got.first = now();
      got.last = now();
    });
    d.join('ping', (data) => d.send('pong', data));
    tell('receiving');
  },
  count() { tell('count', got); got.n = got.disordered = 0; highest = -1; },

  // So many messages a second, or as many as can be sent if the rate is 0.
  flood(m) {
    const pad = 'x'.repeat(m.size), total = m.rate * m.seconds, t0 = now(), cpu0 = cpuMicros();
    let n = 0;
    (function turn() {
      const elapsed = (now() - t0) / 1000;
      const due = m.rate ? Math.min(total, Math.floor(elapsed * m.rate)) : n + 32;
      for (; n < due; n++) d.send('flood', (n + ' ' + pad).slice(0, m.size));
      if (elapsed < m.seconds && (!m.rate || n < total)) return setImmediate(turn);
      tell('flooded', { sent: n, seconds: (now() - t0) / 1000, t0, us: cpuMicros() - cpu0 });
    })();
  },

  // Round trips of a payload.
  pings(m) {
    const pad = 'x'.repeat(m.size), sentAt = [], trips = [];
    d.join('pong', (data) => trips.push(now() - sentAt[parseInt(data, 10)]));
    const total = m.rate * m.seconds, t0 = now();
    const timer = setInterval(() => {
      const due = Math.min(total, Math.floor((now() - t0) * m.rate / 1000));
      while (sentAt.length < due) {
        sentAt.push(now());
        d.send('ping', ((sentAt.length - 1) + ' ' + pad).slice(0, m.size));
      }
      if (sentAt.length >= total) {
        clearInterval(timer);
        setTimeout(() => { d.leave('pong'); d.removeAllListeners('pong'); tell('pinged', { sent: total, trips }); }, 500);
      }
    }, 1);
  },
};

readline.createInterface({ input: process.stdin })
  .on('line', (line) => { const m = JSON.parse(line); commands[m.cmd](m); })
  .on('close', () => process.exit(0));
