// The section Events: the flight recorder, and the cluster as it was at any revision that etcd keeps.
import { get } from './api.js';
import { isAboutCluster, on, state } from './state.js';
import { clock, el, number, put, settled, sync, text } from './dom.js';
import { sentence } from './cluster.js';
import { whyButton } from './why.js';

const KINDS = { member: 'Members', master: 'Elections', node: 'This node', task: 'Tasks', timer: 'Timers' };
const SHOWN = 300;

/** Opens it; returns what closes it. */
export function open(main) {
  const kinds = new Set(Object.keys(KINDS));
  const body = el('tbody', {});
  const search = el('input', { type: 'search', placeholder: 'Filter', 'aria-label': 'Filter events by what they say', oninput: () => show() });
  const pause = el('button', { type: 'button', class: 'quiet', 'aria-pressed': 'false', onclick: () => togglePause() }, 'Pause');
  const note = el('p', { class: 'muted', role: 'status' });
  const past = pastMembers();
  let frozen = null;

  put(main,
    el('h1', {}, 'Events'),
    past.element,
    el('section', { class: 'card', 'aria-label': 'Flight recorder' },
      el('div', { class: 'row wrap' },
        el('h2', {}, 'Flight recorder'),
        el('fieldset', { class: 'choices' }, el('legend', { class: 'hidden' }, 'Kinds of events'),
          Object.entries(KINDS).map(([kind, label]) => el('label', { class: 'check' },
            el('input', { type: 'checkbox', checked: true, onchange: (event) => { event.target.checked ? kinds.add(kind) : kinds.delete(kind); show(); } }), ` ${label}`))),
        search, pause,
        el('button', { type: 'button', class: 'quiet', onclick: () => exportLines(wanted()) }, 'Export JSON lines')),
      note,
      el('div', { class: 'scroll tall', tabindex: 0, role: 'region', 'aria-label': 'Table of events' },
        el('table', { class: 'events' },
          el('thead', {}, el('tr', {}, ['Time', 'Revision', 'Kind', 'What', ''].map((name) => el('th', { scope: 'col' }, name || el('span', { class: 'hidden' }, 'Why'))))),
          body))));

  function wanted() {
    const words = search.value.toLowerCase();
    return (frozen ?? state.records).filter((record) => kinds.has(record.kind)
      && (!words || `${record.kind} ${record.event} ${record.id} ${JSON.stringify(record.fields)}`.toLowerCase().includes(words)));
  }

  function show() {
    const all = wanted();
    const last = all.slice(-SHOWN).reverse();
    sync(body, last, (record) => `${record.seq} ${record.revision} ${record.id}`, makeRow, () => {});
    text(note, `${number(all.length)} events${all.length > SHOWN ? `, the last ${SHOWN} shown` : ''}${frozen ? `; paused, ${number(state.records.length - frozen.length)} more since` : ''}`);
  }

  function togglePause() {
    frozen = frozen ? null : [...state.records];
    pause.setAttribute('aria-pressed', String(Boolean(frozen)));
    text(pause, frozen ? 'Go on' : 'Pause');
    show();
  }

  const soon = settled(show, 80);
  let waiting = 0;
  const ends = [
    on('record', () => {
      // Settled, but not for ever where it never rests.
      soon();
      if (++waiting % 100 === 0) {
        show();
      }
    }),
    on('records', show),
    on('members', () => past.reach()),
  ];
  show();
  past.reach();
  return () => ends.forEach((end) => end());
}

function makeRow(record) {
  const subject = { member: 'member', node: 'member', master: 'master', task: 'task', timer: 'timer' }[record.kind];
  const name = record.kind === 'master' ? String(record.fields.slot ?? '') : record.id;
  const demo = record.fields?.type === 'demo';
  return el('tr', { class: `is-${record.event}` },
    el('td', { class: 'mono', title: record.time ?? 'before this node looked' }, clock(record.time) || 'before'),
    el('td', { class: 'mono' }, record.revision ? number(record.revision) : ''),
    el('td', {}, record.kind),
    el('td', {}, words(record)),
    el('td', { class: 'act' }, demo ? null : whyButton(subject, name)));
}

function words(record) {
  if (isAboutCluster(record)) {
    return sentence(record);
  }
  const member = record.fields.member ? String(record.fields.member).replace(/-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/, '') : '';
  const id = record.fields.type === 'demo' ? record.id.slice(0, 8) : record.id;
  const with_ = { given: ' to ', completed: ' by ', failed: ' by ', dead: ' by ' }[record.event] ?? ' with ';
  const more = [
    record.fields.number !== undefined ? `: ${record.fields.number} × 3` : '',
    record.fields.result !== undefined ? `: ${record.fields.result}` : '',
    record.fields.ms !== undefined ? ` after ${record.fields.ms} ms` : '',
    record.fields.cause ? `: ${record.fields.cause}` : '',
  ].join('');
  return `${id} (${record.fields.type}) ${record.event}${member ? with_ + member : ''}${more}`;
}

function exportLines(records) {
  const lines = records.map((record) => JSON.stringify(record)).join('\n');
  const link = el('a', { href: URL.createObjectURL(new Blob([`${lines}\n`], { type: 'application/jsonl' })), download: 'coterie-events.jsonl' });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

/** The slider: members and masters as they were. */
function pastMembers() {
  const output = el('output', { for: 'past' });
  const slider = el('input', { type: 'range', id: 'past', min: 1, max: 1, value: 1, oninput: () => moved(), 'aria-describedby': 'past-note' });
  const place = el('ul', { class: 'chips', 'aria-label': 'Members at that revision' });
  const note = el('p', { class: 'muted', id: 'past-note', role: 'status' });
  const live = el('button', { type: 'button', class: 'quiet small', onclick: () => { follows = true; reach(); } }, 'Now');
  let follows = true;
  let asked = 0;

  function reach() {
    const first = state.records.find((record) => record.revision > 0 && isAboutCluster(record))?.revision ?? state.revision;
    slider.min = Math.max(1, Math.min(first, state.revision));
    slider.max = Math.max(1, state.revision);
    if (follows) {
      slider.value = slider.max;
      load();
    }
  }

  const soon = settled(load, 40);

  function moved() {
    follows = slider.value === slider.max;
    text(output, `revision ${number(slider.value)}`);
    soon();
  }

  async function load() {
    const mine = ++asked;
    const revision = Number(slider.value);
    text(output, `revision ${number(revision)}${follows ? ', now' : ''}`);
    if (!state.here.etcd) {
      text(note, 'This cluster does without etcd: only the present is known.');
      show(state.members);
      return;
    }
    try {
      const read = await get('api/members', follows ? {} : { revision });
      if (mine === asked) {
        show(read.items);
      }
    } catch (refused) {
      if (mine === asked) {
        put(place);
        place.known?.clear();
        text(note, refused.message);
      }
    }
  }

  function show(members) {
    sync(place, members, (member) => member.id, (member) => el('li', {}, member.name), (chip, member) => {
      chip.classList.toggle('is-master', member.slot !== null);
      text(chip, member.slot !== null ? `★ ${member.name}, master` : member.name);
    });
    if (state.here.etcd) {
      text(note, `${members.length} members`);
    }
  }

  const element = el('section', { class: 'card', 'aria-label': 'The past' },
    el('div', { class: 'row wrap' }, el('h2', {}, el('label', { for: 'past' }, 'Members at')), output, live), slider, note, place);
  return { element, reach };
}
