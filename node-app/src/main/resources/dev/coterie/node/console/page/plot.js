// Lines over the last minutes.
import { el, svg, text } from './dom.js';

const WIDTH = 420;
const HEIGHT = 130;
const LEFT = 40;
const BOTTOM = 18;
const LONGEST = 300;

/** Makes one of some lines: [{ name, style }]; show(points) with points [{ time, values }] brings it up to date. */
export function plot(title, unit, lines) {
  const paths = lines.map((line) => svg('path', { class: `line is-${line.style}` }));
  const grid = svg('g', { class: 'grid' });
  const labels = [0, 1, 2].map((step) => {
    const y = yOf(step / 2, 1);
    grid.append(svg('line', { x1: LEFT, x2: WIDTH, y1: y, y2: y }));
    return svg('text', { x: LEFT - 6, y: y + 4, 'text-anchor': 'end' });
  });
  const times = Array.from({ length: 4 }, (unused, at) => svg('text', {
    x: LEFT + ((WIDTH - LEFT) * (4 - at)) / 4, y: HEIGHT - 2, 'text-anchor': at === 0 ? 'end' : 'middle',
  }));
  const values = lines.map(() => el('strong', {}));
  const picture = svg('svg', { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, class: 'plot', role: 'img' }, grid, ...labels, ...times, ...paths);
  const element = el('figure', { class: 'card plot-card' },
    el('figcaption', {},
      el('h2', {}, title),
      el('p', { class: 'legend' }, lines.map((line, at) => el('span', { class: `is-${line.style}` }, `${line.name} `, values[at])))),
    picture);

  function show(points) {
    const now = points.at(-1)?.time ?? 0;
    const top = niceTop(Math.max(0, ...points.flatMap((point) => point.values.filter((value) => value !== null))));
    // What there is fills the picture, from one minute to five.
    const span = [60, 120].find((some) => points.length <= some) ?? LONGEST;
    times.forEach((time, at) => text(time, at === 0 ? 'now' : ago((span * at) / 4)));
    labels.forEach((label, step) => text(label, short((top * step) / 2)));
    lines.forEach((line, at) => {
      paths[at].setAttribute('d', path(points, at, now, top, span));
      const last = points.at(-1)?.values[at];
      text(values[at], last === null || last === undefined ? '–' : `${short(last)}${unit}`);
    });
    picture.setAttribute('aria-label', `${title} over the last minutes: ${lines.map((line, at) => `${line.name} now ${values[at].textContent}`).join(', ')}`);
  }

  return { element, show };
}

function yOf(value, top) {
  return (HEIGHT - BOTTOM) * (1 - value / top) * 0.92 + 6;
}

function ago(seconds) {
  return seconds < 60 ? `−${seconds} s` : `−${+(seconds / 60).toFixed(1)} min`;
}

function path(points, at, now, top, span) {
  let d = '';
  let pen = 'M';
  for (const point of points) {
    const value = point.values[at];
    if (value === null || value === undefined) {
      pen = 'M';
      continue;
    }
    const x = WIDTH - Math.min(1, (now - point.time) / (span * 1000)) * (WIDTH - LEFT);
    d += `${pen}${x.toFixed(1)} ${yOf(value, top).toFixed(1)}`;
    pen = 'L';
  }
  return d;
}

function niceTop(value) {
  if (value <= 1) {
    return 1;
  }
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 5, 10].map((step) => step * power).find((step) => step >= value);
}

function short(value) {
  if (value >= 1e6) {
    return `${+(value / 1e6).toFixed(1)}M`;
  }
  if (value >= 1e3) {
    return `${+(value / 1e3).toFixed(1)}k`;
  }
  return String(+value.toFixed(value < 10 ? 1 : 0));
}
