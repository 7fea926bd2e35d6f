'use strict';
// kill -9, SIGSTOP and SIGCONT, a clean stop, and a hand-over of the master, to the promotion of another.
const { Agent, PROFILES, now, sleep, inTurn, firstPromotion, settled, unicast, report, arg, run } = require('./lib');

const profile = arg('profile', 'default'), mode = arg('mode', 'kill'), rounds = +arg('rounds', 10), base = +arg('port', 21000);
const weights = arg('weights', 'age'), options = PROFILES[profile], check = options.checkInterval || 2000;
let agents, born = 0;

/** `age` leaves the default, the older wins; with `young` the younger does. */
const start = (slot) => Object.assign(
  new Agent(unicast(base, 3, slot, weights === 'young' ? { ...options, weight: ++born } : options)), { slot });

async function startAll() {
  for (const a of agents || []) a.kill();
  await sleep(100);
  agents = await inTurn([() => start(0)]);
  if (weights === 'young') await settled(agents);
  agents.push(...await inTurn([() => start(1), () => start(2)]));
}

async function replace(dead) {
  if (!dead.gone) { dead.kill(); await sleep(20); }
  agents = agents.filter((a) => a !== dead).concat(start(dead.slot));
}

async function gone(figures, master, others) {
  const promotion = firstPromotion(others);
  let t0 = now();
  if (mode === 'kill') master.kill(); else if (mode === 'stop') t0 = (await master.ask('stop', 'stopping')).t;
  else t0 = (await master.ask('demote', 'demoting', { permanent: true })).t;
  figures('promotion elsewhere', (await promotion).t - t0);
  await sleep(check * 1.5);
  figures('promotions in all', others.filter((a) => a.isMaster).length);
  return replace(master);
}

async function frozen(figures, master, others) {
  const t0 = now(), promotion = firstPromotion(others);
  master.kill('SIGSTOP');
  figures('SIGSTOP: promotion elsewhere', (await promotion).t - t0);
  await sleep(check * (2 + Math.random()));
  const t1 = now(), demotions = agents.map((a) => a.next('demotion', 5 * check + 3000).catch(() => new Promise(() => {})));
  master.kill('SIGCONT');
  const first = await Promise.race([...demotions, sleep(5 * check + 3000)]);
  figures('SIGCONT: two masters for', first ? first.t - t1 : NaN);
  await settled(agents, 30000);
}

run(async () => {
  const table = new Map();
  const figures = (what, value) => { if (!table.has(what)) table.set(what, []); table.get(what).push(value); };
  for (let r = 0; r < rounds; r++) {
    if (!agents || weights === 'young') await startAll();
    const master = await settled(agents, 60000, check * 2);
    await sleep(Math.random() * check);
    await (mode === 'freeze' ? frozen : gone)(figures, master, agents.filter((a) => a !== master));
  }
  for (const [what, values] of table) report(`${mode}, ${profile}, weights by ${weights}: ${what}`, values, /in all/.test(what) ? '' : 'ms');
});
