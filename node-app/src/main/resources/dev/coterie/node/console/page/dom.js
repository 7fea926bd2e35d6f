// Makes elements. Whatever comes from the cluster becomes text, never markup.

const SVG = 'http://www.w3.org/2000/svg';

/** An element: attributes, properties that begin with "on" as listeners, and children that are elements or text. */
export function el(name, attributes = {}, ...children) {
  return fill(document.createElement(name), attributes, children);
}

/** The same for pictures. */
export function svg(name, attributes = {}, ...children) {
  return fill(document.createElementNS(SVG, name), attributes, children);
}

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith('on')) {
      element.addEventListener(name.slice(2), value);
    } else if (value === true) {
      element.setAttribute(name, '');
    } else if (value !== false && value !== null && value !== undefined) {
      element.setAttribute(name, value);
    }
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return element;
}

/** Puts children in place of those that are there. */
export function put(element, ...children) {
  element.replaceChildren(...children.flat().filter((child) => child !== null && child !== undefined));
}

/** Changes text only where it differs, so that a screen reader is not told the same again. */
export function text(element, value) {
  const now = String(value ?? '');
  if (element.textContent !== now) {
    element.textContent = now;
  }
}

/**
 * Keeps the children of an element in step with a list, each by its key: what stays is updated, not made anew.
 * make(item) gives an element, update(element, item) fills it.
 */
export function sync(parent, items, key, make, update) {
  const known = parent.known ?? (parent.known = new Map());
  const wanted = new Set();
  let place = parent.firstElementChild;
  for (const item of items) {
    const id = String(key(item));
    wanted.add(id);
    let child = known.get(id);
    if (!child) {
      child = make(item);
      known.set(id, child);
    }
    update(child, item);
    if (child === place) {
      place = place.nextElementSibling;
    } else {
      parent.insertBefore(child, place);
    }
  }
  for (const [id, child] of known) {
    if (!wanted.has(id)) {
      known.delete(id);
      child.remove();
    }
  }
}

/** The part of an id that people remember. */
export function nameOf(id) {
  return String(id).replace(/-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/, '');
}

/** Seconds in words. */
export function seconds(value) {
  if (value === null || value === undefined || Number.isNaN(value)) {
    return '';
  }
  const whole = Math.round(value);
  if (whole < 120) {
    return `${whole} s`;
  }
  if (whole < 7200) {
    return `${Math.round(whole / 60)} min`;
  }
  return whole < 172800 ? `${Math.round(whole / 3600)} h` : `${Math.round(whole / 86400)} d`;
}

/** Bytes in words. */
export function bytes(value) {
  if (value === null || value === undefined) {
    return '';
  }
  if (value < 1024) {
    return `${value} B`;
  }
  return value < 1 << 20 ? `${(value / 1024).toFixed(1)} KiB` : `${(value / (1 << 20)).toFixed(1)} MiB`;
}

/** A number with its thousands apart. */
export function number(value) {
  return Number(value ?? 0).toLocaleString('en');
}

/** The time of day of an instant; empty if it is not known. */
export function clock(instant) {
  if (!instant) {
    return '';
  }
  const time = new Date(instant);
  return time.toLocaleTimeString('en-GB') + '.' + String(time.getMilliseconds()).padStart(3, '0');
}

/** JSON laid out, its numbers as they were written, or the text as it is if it is none. */
export function pretty(value) {
  try {
    JSON.parse(value);
  } catch {
    return value;
  }
  let depth = 0;
  const line = () => `\n${'  '.repeat(depth)}`;
  return value.replace(/"(?:[^"\\]|\\.)*"|\[\s*\]|\{\s*\}|[[\]{},:]|\s+|[^\s[\]{},:"]+/g, (token) => {
    switch (token) {
      case '{': case '[':
        depth += 1;
        return token + line();
      case '}': case ']':
        depth -= 1;
        return line() + token;
      case ',':
        return token + line();
      case ':':
        return ': ';
      default:
        return /^\s/.test(token) ? '' : token.replace(/^([[{])\s*([\]}])$/, '$1$2');
    }
  });
}

/** Runs something once things have been quiet for a while. */
export function settled(action, ms) {
  let timer = 0;
  return () => {
    clearTimeout(timer);
    timer = setTimeout(action, ms);
  };
}
