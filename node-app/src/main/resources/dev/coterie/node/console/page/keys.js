// The section Keys: what is in etcd, live.
import { get, post } from './api.js';
import { on, state, stream } from './state.js';
import { bytes, el, number, pretty, put, seconds, settled, text } from './dom.js';

const PAGE = 1000;
const MOST = 20_000;
const SHOWN = 200;
const FLASH = 2500;

/** Opens it; returns what closes it. */
export function open(main, first) {
  if (!state.here.etcd) {
    put(main, el('h1', {}, 'Keys'), el('p', {}, 'This cluster does without etcd, so there are no keys.'));
    return () => {};
  }
  const search = el('input', { type: 'search', placeholder: 'services/', value: first, spellcheck: 'false', autocomplete: 'off', 'aria-label': 'Prefix of the keys to show' });
  const summary = el('p', { class: 'muted', role: 'status' });
  const tree = el('ul', { class: 'tree', 'aria-label': 'Keys' });
  const detail = el('section', { class: 'card detail', 'aria-label': 'Key', 'aria-live': 'polite' }, el('p', { class: 'muted' }, 'Choose a key.'));
  const create = state.here.write ? newKey(() => read()) : null;
  put(main,
    el('h1', {}, 'Keys'),
    el('div', { class: 'split keys' },
      el('section', { class: 'card', 'aria-label': 'Tree of keys' },
        el('div', { class: 'row' }, el('label', { class: 'grow' }, el('span', { class: 'hidden' }, 'Prefix'), search)),
        summary, tree, create),
      detail));

  let root = folder('', '');
  let revision = 0;
  let selected = '';
  let reading = 0;
  let closed = false;
  const opened = new Set(['']);

  async function read() {
    const mine = ++reading;
    const next = folder('', '');
    let after = '';
    let as = 0;
    let count = 0;
    try {
      for (;;) {
        const page = await get('api/keys', { prefix: search.value, after, limit: PAGE, revision: as || '' });
        if (mine !== reading || closed) {
          return;
        }
        as = page.revision;
        count += page.keys.length;
        page.keys.forEach((entry) => insert(next, entry));
        after = page.keys.at(-1)?.key;
        if (!page.more || count >= MOST) {
          next.cut = page.more;
          break;
        }
      }
    } catch (refused) {
      text(summary, refused.message);
      return;
    }
    root = next;
    revision = as;
    render();
    stream.open(null, search.value, as);
    if (selected) {
      select(selected);
    }
  }

  function say() {
    text(summary, `${number(root.count)} keys${root.cut ? ' and more; narrow them by their prefix' : ''}, as of revision ${number(revision)}`);
  }

  function render() {
    say();
    openSome();
    renderChildren(root, tree);
  }

  /** A folder that is alone has nothing to choose from, and a few folders say more when they are open. */
  function openSome() {
    let level = children(root);
    while (level.length === 1 && level[0].children.size > 0) {
      opened.add(level[0].path);
      level = children(level[0]);
    }
    if (level.length <= 6 && root.count <= 60) {
      level.forEach((child) => opened.add(child.path));
    }
  }

  function renderChildren(parent, list, most = SHOWN) {
    parent.list = list;
    const all = children(parent);
    put(list, all.slice(0, most).map(renderNode));
    if (all.length > most) {
      list.append(el('li', {}, el('button', { type: 'button', class: 'quiet small', onclick: () => renderChildren(parent, list, most + 1000) }, `Show more of ${number(all.length)}`)));
    }
  }

  function renderNode(node) {
    node.row = node.children.size > 0 ? renderFolder(node) : renderKey(node);
    return node.row;
  }

  function renderFolder(node) {
    const isOpen = opened.has(node.path);
    const list = el('ul', {});
    node.badge = el('span', { class: 'badge' }, number(node.count));
    const button = el('button', {
      type: 'button',
      class: 'twig',
      'aria-expanded': String(isOpen),
      onclick: () => {
        const now = button.getAttribute('aria-expanded') !== 'true';
        button.setAttribute('aria-expanded', String(now));
        if (now) {
          opened.add(node.path);
          renderChildren(node, list);
        } else {
          opened.delete(node.path);
          node.list = null;
          put(list);
        }
      },
    }, el('span', { class: 'label' }, `${node.name}/`), node.badge);
    const row = el('li', {}, button, node.entry ? keyButton(node) : null, list);
    if (isOpen) {
      renderChildren(node, list);
    }
    return row;
  }

  function renderKey(node) {
    return el('li', {}, keyButton(node));
  }

  function keyButton(node) {
    node.button = el('button', {
      type: 'button',
      class: 'leaf',
      'aria-current': node.path === selected ? 'true' : null,
      onclick: () => select(node.path),
    }, el('span', { class: 'label' }, node.name || '(empty)'), el('span', { class: 'preview' }, node.entry?.preview ?? ''));
    mark(node);
    return node.button;
  }

  // --- What changes ---------------------------------------------------------------------------------------------------

  function changed(message) {
    let shape = false;
    for (const change of message.changes) {
      if (change.revision > revision) {
        shape = apply(change) || shape;
      }
    }
    revision = Math.max(revision, message.revision);
    if (shape) {
      renderSoon();
    }
    say();
  }

  const renderSoon = settled(() => { if (!closed) { renderChildren(root, tree); } }, 300);

  /** Returns whether the tree has another shape now. */
  function apply(change) {
    const node = find(root, change.key);
    if (change.key === selected && change.revision > (detail.revision ?? 0)) {
      select(selected);
    }
    if (!change.entry) {
      if (node?.entry && !node.gone) {
        fade(node, change.key);
      }
      return false;
    }
    const before = node?.entry;
    const now = insert(root, change.entry);
    now.changed = performance.now();
    now.gone = 0;
    if (before && now.button) {
      text(now.button.lastElementChild, change.entry.preview ?? '');
      mark(now);
      return false;
    }
    badges(change.key);
    return true;
  }

  /** Deleted: it goes after a while. */
  function fade(node, key) {
    const since = performance.now();
    node.gone = since;
    mark(node);
    setTimeout(() => {
      if (node.gone === since && find(root, key) === node) {
        remove(root, key);
        badges(key);
        renderSoon();
        say();
      }
    }, FLASH);
  }

  /** What was changed flashes and what was deleted fades, also where it is made anew meanwhile. */
  function mark(node) {
    for (const [name, since] of [['flash', node.gone ? 0 : node.changed], ['fade', node.gone]]) {
      const spent = performance.now() - since;
      const on = since > 0 && spent < FLASH;
      node.button?.classList.toggle(name, on);
      if (on) {
        node.button.style.animationDelay = `${-Math.round(spent)}ms`;
        setTimeout(() => mark(node), FLASH - spent + 1);
      }
    }
  }

  function badges(key) {
    for (let node = root, at = 0; node; at += 1) {
      if (node.badge) {
        text(node.badge, number(node.count));
      }
      const parts = key.split('/');
      node = at < parts.length - 1 ? node.children.get(parts[at]) : null;
    }
  }

  // --- One key --------------------------------------------------------------------------------------------------------

  let asked = 0;

  async function select(key) {
    const mine = ++asked;
    selected = key;
    detail.revision = 0;
    for (const button of tree.querySelectorAll('[aria-current]')) {
      button.removeAttribute('aria-current');
    }
    find(root, key)?.button?.setAttribute('aria-current', 'true');
    try {
      const value = await get('api/keys/value', { key });
      if (mine === asked && !closed) {
        detail.revision = value.modified;
        showKey(detail, value, () => select(key));
      }
    } catch (refused) {
      if (mine === asked && !closed) {
        put(detail, el('h2', { class: 'mono' }, key), el('p', { class: 'problem' }, refused.message), history(key));
      }
    }
  }

  const ends = [
    on('keys', changed),
    on('reset-keys', settled(() => { if (!closed) { read(); } }, 200)),
  ];
  search.addEventListener('input', settled(() => { opened.clear(); opened.add(''); read(); }, 250));
  read();
  return () => {
    closed = true;
    ends.forEach((end) => end());
    stream.open(null);
  };
}

// --- The tree ---------------------------------------------------------------------------------------------------------

function folder(name, path) {
  return { name, path, children: new Map(), entry: null, count: 0, changed: 0, gone: 0, row: null, button: null, badge: null, list: null };
}

function insert(root, entry) {
  const parts = entry.key.split('/');
  const way = [root];
  let node = root;
  parts.forEach((part, at) => {
    let child = node.children.get(part);
    if (!child) {
      child = folder(part, parts.slice(0, at + 1).join('/') + (at < parts.length - 1 ? '/' : ''));
      node.children.set(part, child);
    }
    way.push(child);
    node = child;
  });
  if (!node.entry) {
    way.forEach((one) => { one.count += 1; });
  }
  node.path = node.children.size > 0 ? node.path : entry.key;
  node.entry = entry;
  return node;
}

function find(root, key) {
  let node = root;
  for (const part of key.split('/')) {
    node = node?.children.get(part);
  }
  return node ?? null;
}

function remove(root, key) {
  const way = [root];
  for (const part of key.split('/')) {
    const child = way.at(-1).children.get(part);
    if (!child) {
      return;
    }
    way.push(child);
  }
  way.at(-1).entry = null;
  way.forEach((one) => { one.count -= 1; });
  for (let at = way.length - 1; at > 0 && way[at].count === 0; at -= 1) {
    way[at - 1].children.delete(way[at].name);
  }
}

const collator = new Intl.Collator('en', { numeric: true });

function children(node) {
  return [...node.children.values()].sort((one, other) => collator.compare(one.name, other.name));
}

// --- A key in full ----------------------------------------------------------------------------------------------------

function showKey(place, row, again) {
  const left = el('dd', {}, row.lease ? (row.left === null ? 'gone' : `${row.lease}, ${seconds(row.left)} left of ${seconds(row.granted)}`) : 'none');
  put(place,
    el('h2', { class: 'mono' }, row.key),
    el('dl', { class: 'facts' },
      fact('Created at revision', number(row.created)),
      fact('Modified at revision', number(row.modified)),
      fact('Version', number(row.version)),
      fact('Size', bytes(row.size)),
      el('div', {}, el('dt', {}, 'Lease'), left)),
    row.text === null
      ? el('p', { class: 'muted' }, 'This is no text; as base64:')
      : null,
    el('pre', { class: 'value', tabindex: 0, 'aria-label': 'Value' }, row.text === null ? row.base64 : pretty(row.text)),
    state.here.write && row.text !== null ? editor(row, again) : null,
    history(row.key));
}

function fact(name, value) {
  return el('div', {}, el('dt', {}, name), el('dd', {}, value));
}

function editor(row, again) {
  const value = el('textarea', { rows: 6, spellcheck: 'false', class: 'mono' });
  value.value = row.text;
  const said = el('p', { role: 'status' });
  const act = (path, body) => async (event) => {
    event.preventDefault();
    try {
      await post(path, { key: row.key, revision: row.modified, ...body() });
      again();
    } catch (refused) {
      said.className = 'problem';
      text(said, refused.message);
    }
  };
  return el('details', {}, el('summary', {}, 'Change'),
    el('form', { class: 'stack', onsubmit: act('api/keys/put', () => ({ value: value.value })) },
      el('label', {}, 'New value ', value),
      el('p', { class: 'muted' }, `It is written only if the key is still as of revision ${row.modified}, and keeps its lease.`),
      el('div', { class: 'row' }, el('button', { type: 'submit' }, 'Put'),
        el('button', { type: 'button', class: 'danger', onclick: act('api/keys/delete', () => ({})) }, 'Delete'), said)));
}

function newKey(done) {
  const key = el('input', { required: true, spellcheck: 'false', autocomplete: 'off' });
  const value = el('textarea', { rows: 2, spellcheck: 'false' });
  key.value = state.here.prefix;
  const said = el('p', { role: 'status' });
  return el('details', {}, el('summary', {}, 'New key'),
    el('form', {
      class: 'stack',
      onsubmit: async (event) => {
        event.preventDefault();
        try {
          const put = await post('api/keys/put', { key: key.value, revision: 0, value: value.value });
          said.className = '';
          text(said, `Put at revision ${put.revision}`);
          done();
        } catch (refused) {
          said.className = 'problem';
          text(said, refused.message);
        }
      },
    }, el('label', {}, 'Key ', key), el('label', {}, 'Value ', value), el('div', { class: 'row' }, el('button', { type: 'submit' }, 'Put'), said)));
}

function history(key) {
  const place = el('div', {});
  const details = el('details', {}, el('summary', {}, 'History'), place);
  details.addEventListener('toggle', async () => {
    if (!details.open) {
      return;
    }
    try {
      const read = await get('api/keys/history', { key });
      put(place,
        el('ol', { class: 'versions' }, read.versions.map((one) => el('li', {},
          el('p', { class: 'muted' }, `version ${one.version}, revision ${number(one.modified)}${one.lease ? `, lease ${one.lease}` : ''}`),
          el('pre', { class: 'value' }, one.text === null ? one.base64 : pretty(one.text))))),
        el('p', { class: 'muted' }, read.complete ? 'Before that it was not there.' : `What was before is not shown: ${read.why}.`));
    } catch (refused) {
      put(place, el('p', { class: 'problem' }, refused.message));
    }
  });
  return details;
}
