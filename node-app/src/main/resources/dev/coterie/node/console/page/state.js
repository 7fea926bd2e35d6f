// What the page knows, and who wants to know when it changes.
import { get, Stream } from './api.js';
import { settled } from './dom.js';

const MOST_RECORDS = 5000;
const MOST_PULSES = 300;

export const stream = new Stream();

export const state = {
  here: null,
  members: [],
  masters: [],
  services: [],
  revision: 0,
  records: [],
  pulses: [],
  connected: false,
};

const listeners = new Map();
const seen = new Set();

/** Calls back when something changes: members, record, records, pulse, keys, reset-keys, link. Returns what ends it. */
export function on(what, action) {
  const all = listeners.get(what) ?? new Set();
  listeners.set(what, all.add(action));
  return () => all.delete(action);
}

function tell(what, detail) {
  for (const action of [...(listeners.get(what) ?? [])]) {
    action(detail);
  }
}

/** Begins: reads how things stand, then follows. */
export async function begin() {
  state.here = await get('api/here');
  await Promise.all([readEvents(), readMembers()]);
  look();
  stream.open(state.here.position);
}

/** Reads the members again. */
export async function readMembers() {
  try {
    const [members, masters, services] = await Promise.all([
      get('api/members'),
      get('api/masters'),
      get('api/services'),
    ]);
    state.members = members.items;
    state.masters = masters.items;
    state.services = services;
    state.revision = members.revision;
    tell('members');
  } catch {
    // The stream says that the connection is lost, and this is tried again when it is back.
  }
}

async function readEvents() {
  const read = await get('api/events', { limit: 2000 });
  state.records = [];
  seen.clear();
  read.events.forEach(note);
  tell('records');
}

/** The same thing at the same revision is told once, also by a node that was restarted meanwhile. */
function identity(record) {
  return record.revision > 0 && (record.kind === 'member' || record.kind === 'master')
    ? `${record.revision} ${record.kind} ${record.event} ${record.id}`
    : `${state.here?.boot} ${record.seq}`;
}

/** Whether a record is about the cluster itself, and not about its work. */
export const isAboutCluster = (record) => record.kind !== 'task' && record.kind !== 'timer';

/** Members and masters are followed side by side, so one may be told of late: it belongs where its revision says. */
function place(record) {
  let at = state.records.length;
  if (record.revision > 0 && isAboutCluster(record)) {
    for (let i = at - 1; i >= 0; i--) {
      const other = state.records[i];
      if (other.revision > 0 && isAboutCluster(other)) {
        if (other.revision <= record.revision) {
          break;
        }
        at = i;
      }
    }
  }
  return at;
}

function note(record) {
  const id = identity(record);
  if (seen.has(id)) {
    return false;
  }
  seen.add(id);
  state.records.splice(place(record), 0, record);
  if (state.records.length > MOST_RECORDS) {
    seen.delete(identity(state.records.shift()));
  }
  return true;
}

const soon = settled(readMembers, 60);

stream.addEventListener('record', ({ detail }) => {
  if (note(detail)) {
    if (detail.kind === 'member' || detail.kind === 'master') {
      soon();
    }
    tell('record', detail);
  }
});

stream.addEventListener('pulse', ({ detail }) => {
  state.pulses.push(detail);
  if (state.pulses.length > MOST_PULSES) {
    state.pulses.shift();
  }
  tell('pulse', detail);
});

stream.addEventListener('keys', ({ detail }) => tell('keys', detail));

stream.addEventListener('reset', ({ detail }) => {
  if (detail.what === 'keys') {
    tell('reset-keys');
  } else {
    readEvents().catch(() => {});
    readMembers();
  }
});

stream.addEventListener('connected', async ({ detail }) => {
  state.here.boot = detail.boot;
  const back = !state.connected && state.pulses.length > 0;
  state.connected = true;
  tell('link');
  if (back) {
    try {
      state.here = await get('api/here');
    } catch {
      return;
    }
    readMembers();
  }
});

stream.addEventListener('lost', () => {
  state.connected = false;
  tell('link');
});

// Nobody sees it, so nobody is told.
stream.addEventListener('resting', () => {
  state.connected = false;
});

function look() {
  if (document.hidden) {
    stream.rest();
  } else {
    stream.wake();
  }
}

document.addEventListener('visibilitychange', look);
addEventListener('pageshow', look);
addEventListener('pagehide', () => stream.rest());

// Leases run down without anything being told.
setInterval(() => {
  if (state.connected && !document.hidden) {
    readMembers();
  }
}, 5000);
