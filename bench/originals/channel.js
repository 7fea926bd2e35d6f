'use strict';
// Channel messages between two processes: highest rate without loss, flood, round trips.
const { Agent, sleep, settled, unicast, quantile, digits, report, arg, run } = require('./lib');

const rounds = +arg('rounds', 3), seconds = +arg('seconds', 2), base = +arg('port', 24000), size = 100;
const warm = process.argv.includes('--cold') ? 0.1 : 15;
const RATES = arg('rates', '10000,20000,30000,40000,60000,80000,100000,120000,160000').split(',').map(Number);

async function volley(sender, receiver, rate, time = seconds) {
  await receiver.ask('count', 'count');                                      // sets the counters to 0
  const done = await sender.ask('flood', 'flooded', { rate, seconds: time, size }, (time + 60) * 1000);
  await sleep(500);
  const count = await receiver.ask('count', 'count', {}, 60000);
  return { sent: done.sent, sendRate: done.sent / done.seconds, got: count.n, lossPct: 100 * (1 - count.n / done.sent),
    gotRate: count.n / ((count.last - done.t0) / 1000), disordered: count.disordered };
}

run(async () => {
  const [sender, receiver] = [0, 1].map((i) => new Agent(unicast(base, 2, i, { weight: -i })))    // of equal ones, both may be masters for ever;
  await settled([sender, receiver]);
  await receiver.ask('receive', 'receiving');
  for (const rate of [5000, 20000, 40000, 40000]) await volley(sender, receiver, rate);    // warm up, not counted
  const best = [], nearly = [], floods = [], p50 = [], p99 = [], lost = [];
  for (let r = 0; r < rounds; r++) {
    let top = 0, near = 0;
    for (const rate of RATES) {
      const v = await volley(sender, receiver, rate);
      const reached = v.sendRate > 0.98 * rate;
      if (reached && v.got === v.sent) top = rate;
      if (reached && v.lossPct < 1) near = rate;
      if (v.lossPct > 20 || !reached) break;
    }
    best.push(top); nearly.push(near);
  }
  for (let r = 0; r < rounds; r++) floods.push(await volley(sender, receiver, 0));
  await sender.ask('pings', 'pinged', { rate: 2000, seconds: warm, size }, (warm + 30) * 1000);    // not counted
  for (let r = 0; r < rounds; r++) {
    const m = await sender.ask('pings', 'pinged', { rate: 500, seconds: 4, size }, 30000);
    const s = m.trips.sort((a, b) => a - b);
    p50.push(quantile(s, 0.5) * 1000); p99.push(quantile(s, 0.99) * 1000); lost.push(m.sent - s.length);
  }
  report(`channel, ${size} B: highest offered rate with no message lost in ${seconds} s`, best, 'msg/s');
  report(`channel, ${size} B: highest offered rate with less than 1 % lost`, nearly, 'msg/s');
  report(`channel, ${size} B: flood, sent`, floods.map((v) => v.sendRate), 'msg/s');
  report(`channel, ${size} B: flood, arrived`, floods.map((v) => v.gotRate), 'msg/s');
  report(`channel, ${size} B: flood, lost`, floods.map((v) => v.lossPct), '%');
  report(`channel, ${size} B: flood, out of order`, floods.map((v) => v.disordered), 'msgs');
  report(`channel, ${size} B: round trip at 500/s, p50`, p50, 'us');
  report(`channel, ${size} B: round trip at 500/s, p99`, p99, 'us');
  report(`channel, ${size} B: round trips lost`, lost, 'msgs');
});
