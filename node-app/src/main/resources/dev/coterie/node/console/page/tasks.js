// The section Tasks: rates and latencies, what waits, runs and has failed, and the timers.
import { get, part, post } from './api.js';
import { on, state } from './state.js';
import { clock, el, number, put, seconds, settled, sync, text } from './dom.js';
import { plot } from './plot.js';
import { whyButton } from './why.js';

const BOUNDS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000, 20000, 60000];
const SMOOTH = 5;
const STATES = ['RUNNING', 'WAITING', 'SCHEDULED', 'DEAD', 'COMPLETED', 'CANCELLED'];
const NAMES = { RUNNING: 'Running', WAITING: 'Waiting', SCHEDULED: 'Scheduled', DEAD: 'Dead letters', COMPLETED: 'Completed', CANCELLED: 'Cancelled' };

/** Opens it; returns what closes it. */
export function open(main) {
  if (!state.here.etcd) {
    put(main, el('h1', {}, 'Tasks and timers'), el('p', {}, 'Durable tasks and timers need etcd; this cluster does without.'));
    return () => {};
  }
  const rates = plot('Tasks a second', '/s', [{ name: 'accepted', style: 'one' }, { name: 'completed', style: 'two' }, { name: 'failed', style: 'three' }]);
  const latencies = plot('From due to done', ' ms', [{ name: 'half within', style: 'one' }, { name: '99 % within', style: 'three' }]);
  const queue = plot('At a time', '', [{ name: 'waiting', style: 'three' }, { name: 'running', style: 'two' }, { name: 'scheduled', style: 'one' }]);
  const types = el('tbody', {});
  const typeNames = el('datalist', { id: 'types' });
  const tasks = list('tasks', '');
  const timers = list('timers', '');

  put(main,
    el('h1', {}, 'Tasks and timers'),
    el('div', { class: 'plots' }, rates.element, latencies.element, queue.element),
    el('section', { class: 'card', 'aria-label': 'Types' },
      el('h2', {}, 'Types'),
      el('div', { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': 'Table of types' },
        el('table', {}, head('Type', 'Tasks', 'Waiting', 'Members that handle it'), types)), typeNames),
    el('div', { class: 'split even' },
      el('div', { class: 'column' }, tasks.element, submitForm(tasks)),
      el('div', { class: 'column' }, timers.element, timerForm(timers))));

  const again = settled(() => { tasks.read(); timers.read(); }, 150);
  let stood = '';

  function showPulse() {
    const points = measure(state.pulses);
    rates.show(points.map((point) => ({ time: point.time, values: [point.accepted, point.completed, point.failed] })));
    latencies.show(points.map((point) => ({ time: point.time, values: [point.half, point.most] })));
    queue.show(points.map((point) => ({ time: point.time, values: [point.waiting, point.running, point.scheduled] })));
    showTypes(types, typeNames);
    // A master may have died before it told of its last events.
    const { term, live, scheduled, dead } = state.pulses.at(-1)?.tasks ?? {};
    const stand = [term, live, scheduled, dead].join();
    if (stand !== stood) {
      stood = stand;
      again();
    }
    tasks.tick();
    timers.tick();
  }

  const ends = [
    on('pulse', showPulse),
    on('record', (record) => {
      if ((record.kind === 'task' && record.fields.type !== 'demo') || record.kind === 'timer') {
        again();
      }
    }),
    on('link', () => { if (state.connected) { again(); } }),
  ];
  showPulse();
  tasks.read();
  timers.read();
  return () => ends.forEach((end) => end());
}

function head(...names) {
  return el('thead', {}, el('tr', {}, names.map((name) => el('th', { scope: 'col' }, name || el('span', { class: 'hidden' }, 'What can be done')))));
}

/** From what was counted, what there was each second. */
export function measure(pulses) {
  const points = [];
  let before = null;
  for (const pulse of pulses) {
    points.push({ time: Date.parse(pulse.time), ...now(pulse), ...between(before, pulse) });
    // Over a few seconds, so that a line can be followed by the eye.
    const at = points.length - SMOOTH;
    before = pulses[Math.max(0, at)];
  }
  return points;
}

function now({ tasks, demo }) {
  const waiting = (tasks?.types ?? []).reduce((sum, type) => sum + type.waiting, 0);
  const running = (tasks?.members ?? []).reduce((sum, share) => sum + share.running, 0)
    + Object.values(demo.running).reduce((sum, one) => sum + one, 0);
  return { waiting, running, scheduled: tasks?.scheduled ?? 0 };
}

function between(before, pulse) {
  const none = { accepted: null, completed: null, failed: null, half: null, most: null };
  if (!before) {
    return none;
  }
  const spent = (Date.parse(pulse.time) - Date.parse(before.time)) / 1000;
  // A new master counts anew, and a console that was restarted too.
  const same = before.tasks && pulse.tasks && before.tasks.term === pulse.tasks.term;
  const grown = (name) => (same ? pulse.tasks.totals[name] - before.tasks.totals[name] : 0);
  const demo = (name) => Math.max(0, pulse.demo[name] - before.demo[name]);
  const buckets = pulse.demo.latencies.map((count, at) => Math.max(0, count - before.demo.latencies[at])
    + (same ? pulse.tasks.latencies[at] - before.tasks.latencies[at] : 0));
  const rate = (count) => Math.max(0, count) / Math.max(spent, 0.2);
  return {
    accepted: rate(grown('ACCEPTED') + demo('given')),
    completed: rate(grown('COMPLETED') + demo('completed')),
    failed: rate(grown('FAILED') + grown('DEAD')),
    half: within(buckets, 0.5),
    most: within(buckets, 0.99),
  };
}

function within(buckets, share) {
  const all = buckets.reduce((sum, one) => sum + one, 0);
  if (all === 0) {
    return null;
  }
  let sum = 0;
  const at = buckets.findIndex((count) => (sum += count) >= all * share);
  return BOUNDS[at] ?? BOUNDS.at(-1);
}

function showTypes(body, names) {
  const pulse = state.pulses.at(-1);
  const types = [...(pulse?.tasks?.types ?? [])];
  const running = Object.values(pulse?.demo.running ?? {}).reduce((sum, one) => sum + one, 0);
  if (pulse && (pulse.demo.given > 0 || running > 0)) {
    types.push({ name: 'demo', tasks: pulse.demo.given, waiting: 0, able: Math.max(0, state.members.length - 1) });
  }
  sync(body, types, (type) => type.name, () => el('tr', {}, el('th', { scope: 'row' }), el('td', {}), el('td', {}), el('td', {})), (row, type) => {
    text(row.children[0], type.name);
    text(row.children[1], number(type.tasks));
    text(row.children[2], number(type.waiting));
    text(row.children[3], number(type.able));
  });
  sync(names, types.filter((type) => type.name !== 'demo'), (type) => type.name, (type) => el('option', { value: type.name }), () => {});
}

/** A list of tasks or timers that is read page by page. */
function list(what, first) {
  const timers = what === 'timers';
  const body = el('tbody', {});
  const note = el('p', { class: 'muted', role: 'status' });
  const none = el('p', { class: 'muted', hidden: true }, `There are no such ${what}.`);
  const more = el('button', { type: 'button', class: 'quiet', hidden: true, onclick: () => read(true) }, 'Show more');
  const choice = el('select', { 'aria-label': `Which ${what}`, onchange: () => read() },
    el('option', { value: '' }, 'All'),
    STATES.map((one) => el('option', { value: one, selected: one === first }, NAMES[one])));
  let rows = [];
  let asked = 0;
  let missed = false;

  async function read(next = false) {
    const mine = ++asked;
    try {
      const page = await get(`api/${what}`, { state: choice.value, limit: 100, after: next ? rows.at(-1)?.id : '' });
      if (mine === asked) {
        rows = next ? [...rows, ...page.tasks] : page.tasks;
        show(page.more);
        if (missed) {
          missed = false;
          text(note, '');
        }
      }
    } catch (refused) {
      missed = true;
      text(note, refused.message);
    }
  }

  function show(isMore) {
    sync(body, rows, (task) => task.id, () => el('tr', {}, el('th', { scope: 'row', class: 'mono' }), el('td', {}), el('td', {}), el('td', {}), el('td', { class: 'act' })), fillTask);
    more.hidden = !isMore;
    none.hidden = rows.length > 0;
  }

  function fillTask(row, task) {
    text(row.children[0], task.id);
    text(row.children[1], task.type);
    text(row.children[2], when(task));
    put(row.children[3], details(task));
    if (row.shown !== task.state) {
      row.shown = task.state;
      put(row.children[4], actions(what, task, read, note));
    }
    row.task = task;
  }

  /** Each second. */
  function tick() {
    if (missed) {
      read();
    }
    for (const row of body.children) {
      text(row.children[2], when(row.task));
    }
  }

  const element = el('section', { class: 'card', 'aria-label': timers ? 'Timers' : 'Tasks' },
    el('div', { class: 'row' }, el('h2', {}, timers ? 'Timers' : 'Tasks'), choice, el('button', { type: 'button', class: 'quiet', onclick: () => read() }, 'Read again')),
    el('div', { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': `Table of ${what}` },
      el('table', {}, head('Id', 'Type', timers ? 'Fires' : 'When', timers ? 'Payload' : 'With whom, and why', ''), body)),
    none, note, more);
  return { element, read: () => read(), tick };
}

function when(task) {
  const left = (Date.parse(task.at) - Date.now()) / 1000;
  if (task.state === 'SCHEDULED') {
    return left > 0 ? `in ${seconds(left)}` : 'now';
  }
  return `${task.state.toLowerCase()} since ${clock(task.at)}`;
}

function details(task) {
  const value = task.value.length > 300 ? `${task.value.slice(0, 300)}…` : task.value;
  return [
    task.member ? el('p', {}, `with ${task.member}`) : null,
    task.cause ? el('p', { class: 'problem' }, `attempt ${task.attempt}: ${task.cause}`) : null,
    el('code', { class: 'value', title: value }, value),
  ];
}

function actions(what, task, read, note) {
  const single = what === 'timers' ? 'timer' : 'task';
  const act = (name, deed) => el('button', {
    type: 'button',
    class: 'quiet small',
    'aria-label': `${name} ${task.id}`,
    onclick: async () => {
      try {
        const said = await post(`api/${what}/${part(task.id)}/${deed}`, {});
        text(note, `${task.id}: ${said.answer}`);
        await read();
      } catch (refused) {
        text(note, refused.message);
      }
    },
  }, name);
  const dead = task.state === 'DEAD';
  const open = task.state === 'SCHEDULED' || task.state === 'WAITING' || task.state === 'RUNNING';
  return [
    dead ? act('Retry', 'retry') : null,
    dead && single === 'task' ? act('Drop', 'drop') : null,
    open ? act(single === 'timer' ? 'Clear' : 'Cancel', single === 'timer' ? 'clear' : 'cancel') : null,
    whyButton(single, task.id),
  ];
}

function field(label, input) {
  return el('label', {}, label, ' ', input);
}

function payloadOf(input) {
  const given = input.value.trim();
  try {
    return given === '' ? null : JSON.parse(given);
  } catch {
    throw new Error(`payload: '${given}' is no JSON; write a number, a "text" in quotes, or an {"object": 1}`);
  }
}

function form(title, fields, send, done) {
  const answer = el('p', { role: 'status' });
  return el('form', {
    class: 'card stack',
    'aria-label': title,
    onsubmit: async (event) => {
      event.preventDefault();
      try {
        const said = await send();
        answer.className = '';
        text(answer, `Accepted: ${said.id}`);
        done();
      } catch (refused) {
        answer.className = 'problem';
        text(answer, refused.message);
      }
    },
  }, el('h2', {}, title), el('div', { class: 'fields' }, fields), el('div', { class: 'row' }, el('button', { type: 'submit' }, title), answer));
}

function submitForm(tasks) {
  const type = el('input', { list: 'types', required: true, maxlength: 128, autocomplete: 'off' });
  const payload = el('textarea', { rows: 2, spellcheck: 'false' });
  const id = el('input', { maxlength: 128, autocomplete: 'off', placeholder: 'made up' });
  const delay = el('input', { type: 'number', min: 0, value: 0, step: 'any' });
  const attempts = el('input', { type: 'number', min: 1, max: 1000, value: 5 });
  return form('Submit a task',
    [field('Type', type), field('Payload, as JSON', payload), field('Id', id), field('Delay in seconds', delay), field('Attempts', attempts)],
    () => post('api/tasks', {
      type: type.value,
      payload: payloadOf(payload),
      id: id.value || null,
      delay: Math.round(Number(delay.value) * 1000),
      attempts: Number(attempts.value),
    }),
    () => tasks.read());
}

function timerForm(timers) {
  const id = el('input', { required: true, maxlength: 128, autocomplete: 'off' });
  const type = el('input', { list: 'types', required: true, maxlength: 128, autocomplete: 'off' });
  const payload = el('textarea', { rows: 2, spellcheck: 'false' });
  const delay = el('input', { type: 'number', min: 0, value: 60, step: 'any', required: true });
  const every = el('input', { type: 'checkbox' });
  return form('Set a timer',
    [field('Id', id), field('Type', type), field('Payload, as JSON', payload), field('Fires in seconds', delay), el('label', { class: 'check' }, every, ' again and again')],
    () => {
      const ms = Math.round(Number(delay.value) * 1000);
      return post('api/timers', { id: id.value, type: type.value, payload: payloadOf(payload), delay: ms, every: every.checked ? ms : null });
    },
    () => timers.read());
}

