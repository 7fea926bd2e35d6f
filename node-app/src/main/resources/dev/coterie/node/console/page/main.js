// Brings the sections together: one is shown at a time, by the address's fragment.
import { get, post } from './api.js';
import { begin, on, state } from './state.js';
import { put, text } from './dom.js';
import * as cluster from './cluster.js';
import * as tasks from './tasks.js';
import * as keys from './keys.js';
import * as events from './events.js';
import * as workers from './workers.js';
import { openWhy } from './why.js';

const SECTIONS = { cluster, tasks, keys, events, workers };
const main = document.getElementById('content');
let close = () => {};
let shown = '';

function show(move) {
  const [name, ...rest] = decodeURIComponent(location.hash.slice(1)).split('/');
  const section = SECTIONS[name] ? name : 'cluster';
  for (const link of document.querySelectorAll('nav a')) {
    if (link.getAttribute('href') === `#${section}`) {
      link.setAttribute('aria-current', 'page');
    } else {
      link.removeAttribute('aria-current');
    }
  }
  if (section !== shown) {
    close();
    put(main);
    shown = section;
    close = SECTIONS[section].open(main, rest.join('/')) ?? (() => {});
    document.title = `${section[0].toUpperCase()}${section.slice(1)} · Coterie`;
    if (move) {
      main.focus({ preventScroll: true });
      scrollTo(0, 0);
    }
  }
}

function showLink() {
  const lost = document.getElementById('lost');
  document.body.classList.toggle('is-lost', !state.connected);
  text(document.getElementById('link-text'), state.connected ? `live, on ${state.here.name}` : 'connection lost');
  lost.hidden = state.connected;
  if (!state.connected && !lost.textContent) {
    text(lost, `The connection to ${state.here?.name ?? 'the node'} was lost at ${new Date().toLocaleTimeString('en-GB')}. What you see is from before; this page goes on trying and will catch up.`);
  } else if (state.connected) {
    text(lost, '');
  }
}

async function start() {
  try {
    await begin();
  } catch (refused) {
    if (refused.status !== 401) {
      text(document.getElementById('link-text'), 'connection lost');
      document.body.classList.add('is-lost');
      setTimeout(start, 1500);
    }
    return;
  }
  on('link', showLink);
  addEventListener('hashchange', () => show(true));
  document.addEventListener('click', (event) => {
    const button = event.target.closest('[data-why]');
    if (button) {
      openWhy(button.dataset.why, button.dataset.name ?? '');
    }
  });
  show(false);
}

const login = document.getElementById('login');
document.addEventListener('token-wanted', () => {
  if (!login.open) {
    login.showModal();
  }
});
document.getElementById('login-form').addEventListener('submit', async (event) => {
  event.preventDefault();
  try {
    await post('api/login', { token: document.getElementById('login-token').value });
    await get('api/here');
    location.reload();
  } catch (refused) {
    text(document.getElementById('login-problem'), refused.message);
  }
});

start();
