'use strict';
// The round-robin balancer that Coterie replaces, written anew from its description: the primary owns the one socket,
// forks n workers with the cluster module, and hands datagram k to worker k % n with worker.send({ data, rinfo }).
// Arguments: port, workers. Says "ready"; each line on standard input is answered with how many datagrams the workers
// have had. Ends with its standard input.
const cluster = require('cluster');
const dgram = require('dgram');
const readline = require('readline');

const port = +process.argv[2];
const instances = +process.argv[3];

if (cluster.isPrimary) {
  const workers = [];
  let counter = 0;
  const server = dgram.createSocket('udp4');
  server.on('message', (msg, rinfo) => {
    counter++;
    workers[counter % workers.length].send({ data: msg, rinfo });
  });
  server.bind(port, '127.0.0.1', () => {
    for (let i = 0; i < instances; i++) workers.push(cluster.fork());
    let up = 0;
    cluster.on('online', () => { if (++up === instances) setTimeout(() => console.log('ready'), 200); });
  });
  const count = (worker) => new Promise((resolve) => {
    const listener = (reply) => { worker.off('message', listener); resolve(reply.count); };
    worker.on('message', listener);
    worker.send('count'); // behind everything that was handed over before
  });
  readline.createInterface({ input: process.stdin })
    .on('line', async () => console.log((await Promise.all(workers.map(count))).reduce((a, b) => a + b)))
    .on('close', () => process.exit(0));
} else {
  let count = 0;
  process.on('message', (message) => { if (message === 'count') process.send({ count }); else count++; });
  process.on('disconnect', () => process.exit(0));
}
