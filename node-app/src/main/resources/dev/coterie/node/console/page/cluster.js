// The section Cluster: the picture, and beside it the table that says the same in words.
import { isAboutCluster, on, state } from './state.js';
import { el, number, put, seconds, sync, text } from './dom.js';
import { picture } from './picture.js';
import { whyButton } from './why.js';

/** A master's death takes four sentences, from the member's going to the successor's knowing; one more is context. */
const NEWS = 5;

const COLUMNS = ['Name', 'Role', 'Address', 'Host', 'Weight', 'Term', 'Lease left', 'Last seen', 'Handles', 'Running', ''];

/** Opens it; returns what closes it. */
export function open(main) {
  const live = picture();
  const facts = el('dl', { class: 'facts' });
  const body = el('tbody', {});
  const news = el('ol', { class: 'news', 'aria-label': 'What happened last', 'aria-live': 'polite' });
  const filter = el('input', { type: 'search', placeholder: 'Filter members', 'aria-label': 'Filter members by name, host or address', oninput: () => show() });
  const services = el('div', {});
  put(main,
    el('h1', {}, 'Cluster'),
    facts,
    el('div', { class: 'split' },
      el('section', { class: 'card picture-card', 'aria-label': 'Picture' }, live.element, news),
      el('section', { class: 'card', 'aria-label': 'Members' },
        el('div', { class: 'row' }, el('h2', {}, 'Members'), filter),
        el('div', { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': 'Table of members' },
          el('table', { class: 'members' },
            el('thead', {}, el('tr', {}, COLUMNS.map((name) => el('th', { scope: 'col' }, name || el('span', { class: 'hidden' }, 'Why'))))),
            body)),
        services)));

  let running = new Map();

  function show() {
    const wanted = filter.value.toLowerCase();
    const members = state.members;
    showFacts(facts);
    live.show(members, running);
    const rows = members
      .filter((member) => !wanted || `${member.name} ${member.host} ${member.address}`.toLowerCase().includes(wanted))
      .sort((one, other) => (other.slot !== null) - (one.slot !== null) || (one.name < other.name ? -1 : 1));
    sync(body, rows, (member) => member.id, makeRow, (row, member) => fillRow(row, member, running));
    showServices(services);
  }

  function pulse(detail) {
    running = runningTasks(detail);
    live.show(state.members, running);
    for (const member of state.members) {
      const row = body.known?.get(member.id);
      if (row) {
        text(row.children[9], number(running.get(member.id) ?? 0));
      }
    }
  }

  const ends = [
    on('members', show),
    on('pulse', pulse),
    on('record', (record) => {
      live.record(record, state.members);
      if (isAboutCluster(record)) {
        show();
        tell(record);
      }
    }),
  ];

  function tell(record) {
    news.append(el('li', { class: `is-${record.event}` }, sentence(record)));
    while (news.childElementCount > NEWS) {
      news.firstElementChild.remove();
    }
  }

  if (state.pulses.length > 0) {
    running = runningTasks(state.pulses.at(-1));
  }
  state.records.filter((record) => record.kind === 'member' || record.kind === 'master').slice(-NEWS).forEach(tell);
  show();
  return () => ends.forEach((end) => end());
}

/** What is with whom, tasks of the demo included. */
function runningTasks(pulse) {
  const running = new Map(Object.entries(pulse.demo?.running ?? {}));
  for (const share of pulse.tasks?.members ?? []) {
    running.set(share.id, (running.get(share.id) ?? 0) + share.running);
  }
  return running;
}

/** A record in words. */
export function sentence(record) {
  const name = record.fields?.name ?? String(record.id).replace(/-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/, '');
  switch (`${record.kind} ${record.event}`) {
    case 'member joined': return `${name} has come`;
    case 'member left': return `${name} has gone`;
    case 'member updated': return `${name} says something else of itself`;
    case 'master elected': return `${name} is master of slot ${record.fields.slot}, term ${record.fields.term}`;
    case 'master vacant': return `slot ${record.fields.slot} is free`;
    case 'node lost': return `${name} lost its session: ${record.fields.reason}`;
    case 'node demoted': return `${name} is not master any more: ${record.fields.reason}`;
    case 'node promoted': return `${name} knows that it is master`;
    case 'node rejoined': return `${name} is a member again`;
    default: return `${record.kind} ${record.id} ${record.event}`;
  }
}

function showFacts(facts) {
  const master = state.masters[0];
  const all = [
    ['Members', number(state.members.length)],
    ['Master', state.masters.map((one) => one.name).join(', ') || 'none'],
    ['Term', master ? number(master.term) : 'none'],
    ['Since', master?.since ? new Date(master.since).toLocaleString('en-GB') : 'unknown'],
    ['Came to be', master?.how ?? 'unknown'],
    ['etcd revision', number(state.revision)],
  ];
  sync(facts, all, ([name]) => name, ([name]) => el('div', {}, el('dt', {}, name), el('dd', {})), (fact, [, value]) => text(fact.lastElementChild, value));
  if (!facts.why) {
    facts.why = el('div', {}, el('dt', {}, 'Why'), el('dd', {}, whyButton('master', '', 'who is master')));
    facts.append(facts.why);
  }
}

function makeRow(member) {
  return el('tr', {},
    COLUMNS.slice(0, -1).map((name, column) => el(column === 0 ? 'th' : 'td', { 'data-label': name, scope: column === 0 ? 'row' : null })),
    el('td', { class: 'act' }, whyButton('member', member.id, member.name)));
}

function fillRow(row, member, running) {
  const lease = member.lease;
  const role = member.slot !== null ? (state.masters.length > 1 ? `master ${member.slot}` : 'master') : member.eligible ? 'member' : 'not eligible';
  const values = [
    member.name,
    role,
    `${member.address}:${member.port}`,
    member.host,
    member.weight,
    member.term ? number(member.term) : '',
    lease ? seconds(lease.left) : '',
    lease ? (lease.seen < 1 ? 'now' : `${seconds(lease.seen)} ago`) : '',
    (member.work?.types ?? []).join(', '),
    number(running.get(member.id) ?? 0),
  ];
  row.classList.toggle('is-master', member.slot !== null);
  row.title = member.id;
  values.forEach((value, column) => text(row.children[column], value));
  row.children[6].classList.toggle('is-low', Boolean(lease) && lease.left < lease.granted / 4);
}

function showServices(place) {
  if (state.services.length === 0) {
    put(place);
    return;
  }
  put(place,
    el('h2', {}, 'Services'),
    el('ul', { class: 'plain' }, state.services.map((service) => el('li', { class: 'row' },
      el('span', {}, el('strong', {}, service.name), ' ', el('span', { class: 'muted' }, service.instances.map((one) => `${one.name}${one.ready ? '' : ' (not ready)'}`).join(', '))),
      whyButton('service', service.name)))));
}
