// The section Workers: what the monitors of supervisors on the hosts say.
import { get, getText, post } from './api.js';
import { state } from './state.js';
import { bytes, el, number, put, seconds, sync, text } from './dom.js';

const COLUMNS = ['Worker', 'Process', 'State', 'Port', 'Restarts', 'Memory', 'CPU', 'Connections', 'Data', 'Heartbeat', ''];
const LOG_BYTES = 32_768;
const LOG_LINES = 2000;

/** Opens it; returns what closes it. */
export function open(main) {
  const place = el('div', { class: 'column' });
  const note = el('p', { class: 'muted', role: 'status' });
  put(main, el('h1', {}, 'Workers'), note, place);
  const before = new Map();
  let logs = null;
  let closed = false;

  async function read() {
    try {
      const said = await get('api/workers');
      if (!closed) {
        text(note, said.monitors.length === 0
          ? 'No monitors were named. Start a supervisor with "coterie workers run --monitor-port 3002 -- COMMAND", and this node with "--console-monitors http://127.0.0.1:3002".'
          : '');
        sync(place, said.monitors, (monitor) => monitor.number, makeMonitor, (card, monitor) => fillMonitor(card, monitor, Date.parse(said.time)));
      }
    } catch (refused) {
      text(note, refused.message);
    }
  }

  function makeMonitor(monitor) {
    const body = el('tbody', {});
    const card = el('section', { class: 'card', 'aria-label': `Workers at ${monitor.url}` });
    card.title_ = el('h2', {});
    card.ecv = el('span', { class: 'pill' });
    card.act = state.here.write ? el('button', { type: 'button', class: 'quiet', onclick: () => turn(card, monitor.number) }) : null;
    card.problem = el('p', { class: 'problem', role: 'status' });
    card.body = body;
    card.log = el('div', {});
    card.table = el('div', { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': 'Table of workers' },
      el('table', {}, el('thead', {}, el('tr', {}, COLUMNS.map((name) => el('th', { scope: 'col' }, name || el('span', { class: 'hidden' }, 'Log'))))), body));
    card.append(
      el('div', { class: 'row wrap' }, card.title_, card.ecv, ...(card.act ? [card.act] : [])),
      card.problem,
      card.table,
      card.log,
      madeOf(monitor.number));
    return card;
  }

  /** The supervisor's Java, and what is on its class path. */
  function madeOf(at) {
    const list = el('div', {});
    const details = el('details', {}, el('summary', {}, 'What it is made of'), list);
    details.addEventListener('toggle', async () => {
      if (!details.open) {
        return;
      }
      try {
        const said = await get(`api/workers/${at}/deps`);
        put(list,
          el('p', { class: 'muted' }, `Java ${said.java}, ${said.vm}, ${said.system}`),
          el('ul', { class: 'plain parts' }, said.classPath.map((one) => el('li', { title: one.file }, one.name, ' ', el('span', { class: 'muted' }, one.version)))));
      } catch (refused) {
        put(list, el('p', { class: 'problem' }, refused.message));
      }
    });
    return details;
  }

  function fillMonitor(card, monitor, now) {
    const supervisor = monitor.supervisor;
    card.enabled = monitor.ecv !== 'DISABLED';
    text(card.title_, supervisor.name ? `${supervisor.name}, process ${supervisor.pid}` : monitor.url);
    card.table.setAttribute('aria-label', `Workers of ${card.title_.textContent}`);
    text(card.problem, monitor.problem);
    text(card.ecv, monitor.ecv ? `ECV ${monitor.ecv}${monitor.disabled.by ? `, by ${monitor.disabled.by}` : ''}${monitor.disabled.why ? `: ${monitor.disabled.why}` : ''}` : '');
    card.ecv.className = `pill is-${(monitor.ecv ?? 'none').toLowerCase()}`;
    if (card.act) {
      text(card.act, card.enabled ? 'Take out of traffic' : 'Take into traffic');
    }
    sync(card.body, supervisor.workers ?? [], (worker) => `${worker.number} ${worker.pid}`,
      (worker) => el('tr', {}, COLUMNS.slice(0, -1).map((name, at) => el(at === 0 ? 'th' : 'td', { scope: at === 0 ? 'row' : null, 'data-label': name })),
        el('td', { class: 'act' }, el('button', { type: 'button', class: 'quiet small', 'aria-label': `Log of ${worker.name}`, onclick: () => follow(card, monitor.number, worker) }, 'Log'))),
      (row, worker) => fillWorker(row, worker, now));
  }

  function fillWorker(row, worker, now) {
    const values = [
      worker.name, worker.pid, worker.state, worker.port || '', number(worker.restarts), bytes(worker.memory),
      share(worker, now), number(worker.connections), number(worker.received), `${seconds(worker.heartbeat / 1000)} ago`,
    ];
    values.forEach((value, at) => text(row.children[at], value));
  }

  /** How much of a CPU it had since it was last looked at. */
  function share(worker, now) {
    if (worker.cpu === undefined) {
      return '';
    }
    const last = before.get(worker.pid);
    before.set(worker.pid, { cpu: worker.cpu, now });
    return last && now > last.now ? `${Math.round((100 * (worker.cpu - last.cpu)) / (now - last.now))} %` : '';
  }

  async function turn(card, at) {
    try {
      await post(`api/workers/${at}/ecv`, { enabled: !card.enabled, why: 'by hand' });
      await read();
    } catch (refused) {
      text(card.problem, refused.message);
    }
  }

  function follow(card, at, worker) {
    leave();
    const lines = el('pre', { class: 'log', tabindex: 0, role: 'log', 'aria-label': `Log of ${worker.name}` });
    put(card.log,
      el('div', { class: 'row' }, el('h3', {}, `Log of ${worker.name}`), el('button', { type: 'button', class: 'quiet small', onclick: () => leave() }, 'Close')),
      lines);
    logs = { card, at, worker: worker.number, lines, source: null };
    listen();
  }

  function leave() {
    if (logs) {
      rest();
      put(logs.card.log);
      logs = null;
    }
  }

  /** Nobody looks: a browser has few connections, which others may need. */
  function rest() {
    logs?.source?.close();
    if (logs) {
      logs.source = null;
    }
  }

  /** Follows the log, unless it does: its end, and then each line as it is written. */
  function listen() {
    if (!logs || logs.source) {
      return;
    }
    const mine = logs;
    const path = `api/workers/${mine.at}/logs?worker=${mine.worker}&bytes=${LOG_BYTES}`;
    const source = new EventSource(`${path}&follow=true`);
    let kept = [];
    let waiting = false;
    mine.source = source;

    function show() {
      waiting = false;
      const atEnd = mine.lines.scrollTop + mine.lines.clientHeight >= mine.lines.scrollHeight - 8;
      text(mine.lines, kept.join('\n'));
      if (atEnd) {
        mine.lines.scrollTop = mine.lines.scrollHeight;
      }
    }

    // Also when it comes again by itself, and is told the end of the log anew.
    source.onopen = () => { kept = []; };
    source.onmessage = (line) => {
      kept.push(line.data);
      if (kept.length > LOG_LINES) {
        kept.splice(0, kept.length - LOG_LINES);
      }
      if (!waiting) {
        waiting = true;
        setTimeout(show, 50);
      }
    };
    source.onerror = async () => {
      if (source.readyState !== EventSource.CLOSED || mine.source !== source) {
        return;
      }
      // It was refused, and the browser keeps the reason to itself. The next look at the workers tries again.
      mine.source = null;
      try {
        text(mine.lines, await getText(path));
      } catch (refused) {
        text(mine.lines, refused.message);
      }
    };
  }

  const timer = setInterval(() => {
    if (document.hidden) {
      rest();
    } else {
      read();
      listen();
    }
  }, 2000);
  read();
  return () => {
    closed = true;
    leave();
    clearInterval(timer);
  };
}
