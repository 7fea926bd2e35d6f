'use strict';
// Twenty processes with nothing to do but to say hello: processor time of all of them.
const { Agent, PROFILES, now, sleep, settled, unicast, report, arg, run } = require('./lib');

const profile = arg('profile', 'default'), n = +arg('nodes', 20), warmup = +arg('warmup', 30), seconds = +arg('seconds', 20);
const rounds = +arg('rounds', 3), base = +arg('port', 23000);

run(async () => {
  const agents = Array.from({ length: n }, (_, i) => new Agent(unicast(base, n, i, { ...PROFILES[profile], weight: -i })));
  await settled(agents, 100000);
  await sleep(warmup * 1000);
  const used = async () => (await Promise.all(agents.map((a) => a.ask('cpu', 'cpu')))).reduce((sum, m) => sum + m.us, 0);
  const share = [];
  for (let r = 0; r < rounds; r++) {
    const t0 = now(), us0 = await used();
    await sleep(seconds * 1000);
    share.push((await used() - us0) / 10 / (now() - t0));
  }
  report(`rest, ${n} nodes, ${profile}: processor time of all`, share, '% of a core');
});
