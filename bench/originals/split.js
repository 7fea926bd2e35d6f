'use strict';
// Three network namespaces on a bridge, broadcast to 255.255.255.255; iptables drops what comes from the other side
// for a while. Needs root.
const { execFileSync } = require('child_process');
const { Agent, PROFILES, now, sleep, inTurn, settled, report, arg, run } = require('./lib');

const profile = arg('profile', 'default'), mode = arg('mode', 'master'), rounds = +arg('rounds', 5), net = +arg('net', 1);
const options = PROFILES[profile], check = options.checkInterval || 2000, SPLIT = +arg('split', 6000);
const sh = (line) => execFileSync('sh', ['-c', line], { stdio: ['ignore', 'ignore', 'pipe'] });
const names = [0, 1, 2].map((i) => `orig${net}n${i}`), hub = `orig${net}hub`, ip = (i) => `10.77.${net}.${i + 1}`;

function build() {
  sh(`ip netns add ${hub} && ip -n ${hub} link add br0 type bridge && ip -n ${hub} link set br0 up`);
  names.forEach((n, i) => sh(`ip netns add ${n} && ip link add orig${net}v${i} netns ${hub} type veth peer name eth0 netns ${n}
    ip -n ${hub} link set orig${net}v${i} master br0 up && ip -n ${n} link set lo up && ip -n ${n} link set eth0 up
    ip -n ${n} addr add ${ip(i)}/24 dev eth0 broadcast + && ip -n ${n} route add default dev eth0`));
}
function tearDown() { for (const n of [...names, hub]) try { sh(`ip netns del ${n}`); } catch {} }
const block = (i, j) => { sh(`ip netns exec ${names[i]} iptables -A INPUT -s ${ip(j)} -j DROP`); sh(`ip netns exec ${names[j]} iptables -A INPUT -s ${ip(i)} -j DROP`); };
const heal = () => { for (const n of names) sh(`ip netns exec ${n} iptables -F INPUT`); };

run(async () => {
  tearDown(); build(); process.on('exit', tearDown);
  const agents = await inTurn(names.map((n) => () => new Agent({ ...options }, n))), second = [], healing = [];
  for (let r = 0; r < rounds; r++) {
    const master = await settled(agents, 60000, check * 2), m = agents.indexOf(master);
    await sleep(Math.random() * check);
    const t0 = now();
    for (let i = 0; i < 3; i++) for (let j = i + 1; j < 3; j++) if (mode === 'all' || i === m || j === m) block(i, j);
    await sleep(SPLIT - (now() - t0));
    second.push(Math.min(...agents.flatMap((a) => a.log.filter((e) => e.t > t0 && e.ev === 'promotion').map((e) => e.t))) - t0);
    const t1 = now();
    heal();
    await settled(agents, 30000, check * 2);
    healing.push(Math.max(0, ...agents.flatMap((a) => a.log.filter((e) => e.t > t1 && (e.ev === 'demotion' || e.ev === 'promotion')).map((e) => e.t))) - t1);
  }
  const what = mode === 'all' ? '1|1|1' : 'master|others';
  report(`split ${what}, ${profile}: block to the second master`, second, 'ms');
  report(`split ${what}, ${profile}: healing to one master`, healing, 'ms');
});
