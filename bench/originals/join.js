'use strict';
// A third process joins two: from its constructor to 'added' at both others, and until it knows both itself.
const { Agent, PROFILES, sleep, inTurn, settled, unicast, report, arg, run } = require('./lib');

const profile = arg('profile', 'default'), rounds = +arg('rounds', 10), base = +arg('port', 22000);
const cold = process.argv.includes('--cold'), options = PROFILES[profile];

run(async () => {
  const two = await inTurn([0, 1].map((i) => () => new Agent(unicast(base, 3, i, options))));
  await settled(two);
  const seen = [], sees = [], fork = [];
  for (let r = 0; r < rounds; r++) {
    await sleep(Math.random() * 1000);
    const added = two.map((a) => a.next('added'));
    const third = new Agent(unicast(base, 3, 2, options));
    const both = new Promise((resolve) => third.on('added', (m) => { if (third.knows.size === 2) resolve(m.t); }));
    const from = (await third.next('ready')).moduleLoadedAt;
    const at = Math.max(...(await Promise.all(added)).map((m) => m.t));
    seen.push(at - from); fork.push(at - third.spawnedAt); sees.push((await both) - from);
    const removed = two.map((a) => a.next('removed'));
    third.kill();
    await Promise.all(removed);
  }
  report(`join, ${profile}${cold ? ', cold' : ''}: constructor to seen by both others`, seen, 'ms');
  report(`join, ${profile}${cold ? ', cold' : ''}: constructor to the new one knowing both others`, sees, 'ms');
  report(`join, ${profile}${cold ? ', cold' : ''}: process started to seen by both others`, fork, 'ms');
});
