// Why something is as it is, in the nodes' own words.
import { get, part } from './api.js';
import { el, put } from './dom.js';

const dialog = document.getElementById('why');
const body = document.getElementById('why-body');
const title = document.getElementById('why-title');
document.getElementById('why-close').addEventListener('click', () => dialog.close());

/** Asks, and shows what is answered. */
export async function openWhy(subject, name) {
  title.textContent = name ? `Why: ${subject} ${name}` : `Why: ${subject}`;
  put(body, el('p', { class: 'muted' }, 'Asking the nodes …'));
  if (!dialog.open) {
    dialog.showModal();
  }
  try {
    const why = await get(`api/explain/${part(subject)}/${part(name)}`);
    put(body, why.answers.length === 0 ? el('p', {}, 'No node knows anything about it.') : why.answers.map(answer));
  } catch (refused) {
    put(body, el('p', { class: 'problem' }, refused.message));
  }
}

function answer(said) {
  return el('section', {},
    el('h3', {}, `${said.name} says`),
    said.problem ? el('p', { class: 'problem' }, `It gave no answer: ${said.problem}`) : null,
    el('ul', { class: 'lines' }, said.lines.map((line) => el('li', { class: line.startsWith('  ') ? 'inner' : null }, line.trim()))),
  );
}

/** A button that asks about something. */
export function whyButton(subject, name, label) {
  return el('button', { type: 'button', class: 'quiet small', 'data-why': subject, 'data-name': name, 'aria-label': `Why: ${label ?? `${subject} ${name}`}` }, 'Why');
}
