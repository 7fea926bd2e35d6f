// What the node answers, and the stream by which it tells what happens.

/** The node refused; the message says why. */
export class Refused extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

async function ask(path, options) {
  const answer = await fetch(path, { cache: 'no-store', ...options });
  if (answer.ok) {
    return answer;
  }
  let message = `${answer.status} ${answer.statusText}`;
  try {
    message = (await answer.json()).error ?? message;
  } catch {
    // It was no JSON; the status has to do.
  }
  if (answer.status === 401) {
    document.dispatchEvent(new CustomEvent('token-wanted'));
  }
  throw new Refused(answer.status, message);
}

/** Gets JSON. Fields that are empty are left out. */
export async function get(path, fields = {}) {
  const query = new URLSearchParams(Object.entries(fields).filter(([, value]) => value !== '' && value !== undefined && value !== null));
  return (await ask(query.size ? `${path}?${query}` : path)).json();
}

/** Gets text. */
export async function getText(path) {
  return (await ask(path)).text();
}

/** Sends JSON. */
export async function post(path, body) {
  return (await ask(path, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) })).json();
}

/** A part of a path. */
export function part(text) {
  return encodeURIComponent(text);
}

/**
 * The one stream of events. It says when it is lost, comes again by itself, and then hears of what it missed, since each
 * message says how far it is. While nobody looks it rests: a browser makes six connections to a node for all of its pages
 * together, and keeps pages that were left with theirs. What it tells: connected, lost, resting, record, keys, pulse,
 * reset, restarted.
 */
export class Stream extends EventTarget {
  position = '';
  #source = null;
  #keys = null;
  #keysFrom = null;
  #resting = false;
  #timer = 0;
  #watchdog = 0;
  #tries = 0;

  /** Opens it, or opens it anew for the keys below a prefix, known as of a revision. */
  open(position, keys = null, keysFrom = null) {
    this.position = position || this.position;
    this.#keys = keys;
    this.#keysFrom = keysFrom;
    if (!this.#resting) {
      this.#connect();
    }
  }

  /** Ends until it is to wake. */
  rest() {
    if (!this.#resting) {
      this.#resting = true;
      this.#close();
      this.dispatchEvent(new CustomEvent('resting'));
    }
  }

  /** Goes on from where it rested. */
  wake() {
    if (this.#resting) {
      this.#resting = false;
      this.#connect();
    }
  }

  #close() {
    clearTimeout(this.#timer);
    clearTimeout(this.#watchdog);
    this.#source?.close();
    this.#source = null;
  }

  #connect() {
    this.#close();
    const query = new URLSearchParams({ after: this.position });
    if (this.#keys !== null) {
      query.set('keys', this.#keys);
      if (this.#keysFrom !== null) {
        query.set('keysFrom', this.#keysFrom);
      }
    }
    const source = new EventSource(`api/stream?${query}`);
    this.#source = source;
    source.addEventListener('here', (message) => {
      this.#tries = 0;
      this.dispatchEvent(new CustomEvent('connected', { detail: JSON.parse(message.data) }));
    });
    for (const name of ['record', 'keys', 'pulse', 'reset', 'restarted']) {
      source.addEventListener(name, (message) => {
        this.position = message.lastEventId || this.position;
        this.#keysFrom = null;
        this.#alive();
        this.dispatchEvent(new CustomEvent(name, { detail: JSON.parse(message.data) }));
      });
    }
    source.onerror = () => this.#lost(source);
    this.#alive();
  }

  /** A pulse comes every second: without one for long the other end is gone, though the connection may not say so. */
  #alive() {
    clearTimeout(this.#watchdog);
    this.#watchdog = setTimeout(() => this.#lost(this.#source), 6000);
  }

  #lost(source) {
    if (source !== this.#source) {
      return;
    }
    this.#close();
    this.#tries += 1;
    this.dispatchEvent(new CustomEvent('lost'));
    // Our own reconnecting instead of the browser's: that one gives up when a proxy answers in the server's place.
    this.#timer = setTimeout(() => this.#connect(), Math.min(5000, 300 * 2 ** Math.min(this.#tries, 5)));
  }
}
