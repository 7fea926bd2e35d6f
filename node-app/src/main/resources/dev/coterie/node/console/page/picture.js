// The live picture: the master in the middle, the others around it, tasks on their way, who comes, goes and is elected.
import { nameOf, svg, sync, text } from './dom.js';

const CENTER_R = 40;
const calm = matchMedia('(prefers-reduced-motion: reduce)');
const MOST_DOTS = 60;

/** Makes one; show() brings it up to date, record() lets something happen. */
export function picture() {
  const links = svg('g', { class: 'links' });
  const rings = svg('g', { class: 'rings' });
  const dots = svg('g', { class: 'dots' });
  const nodes = svg('g', { class: 'nodes' });
  const root = svg('svg', { viewBox: '-300 -262 600 540', class: 'picture', role: 'img', 'aria-label': 'The cluster' }, links, rings, dots, nodes);
  const places = new Map();
  const ghosts = new Map();
  let master = '';

  function show(members, running) {
    const masters = members.filter((member) => member.slot !== null);
    master = masters[0]?.id ?? '';
    place(members, masters);
    const r = radius(members.length);
    root.classList.toggle('is-dense', members.length > 40);
    root.setAttribute('aria-label', label(members, masters));
    const shown = [...members, ...ghosts.values()];
    sync(nodes, shown, (member) => member.id, makeNode, (node, member) => fillNode(node, member, r, running));
    const around = members.filter((member) => member.id !== master);
    sync(links, master ? around : [], (member) => member.id, () => svg('line', {}), (line, member) => {
      const from = places.get(master);
      const to = places.get(member.id);
      line.setAttribute('x1', from.x);
      line.setAttribute('y1', from.y);
      line.setAttribute('x2', to.x);
      line.setAttribute('y2', to.y);
    });
  }

  function label(members, masters) {
    const who = masters.length ? `master ${masters.map((one) => one.name).join(', ')}` : 'no master';
    return `The cluster: ${members.length} members, ${who}. The table beside it says the same.`;
  }

  /** One ring as long as there is room, else several. */
  function place(members, masters) {
    const middle = masters.length === 1 ? masters[0].id : '';
    const around = members.filter((member) => member.id !== middle).sort((one, other) => (one.id < other.id ? -1 : 1));
    const counts = ringCounts(around.length);
    let next = 0;
    counts.forEach((count, ring) => {
      const distance = 205 - ring * (150 / Math.max(counts.length, 1));
      for (let i = 0; i < count; i += 1) {
        const angle = (2 * Math.PI * i) / count - Math.PI / 2 + ring * 0.2;
        places.set(around[next].id, { x: Math.round(distance * 1.12 * Math.cos(angle)), y: Math.round(distance * Math.sin(angle)) });
        next += 1;
      }
    });
    if (middle) {
      places.set(middle, { x: 0, y: 0 });
    }
  }

  function ringCounts(count) {
    const rings = count <= 40 ? 1 : Math.min(5, Math.ceil(count / 70));
    const share = Array.from({ length: rings }, (unused, ring) => 205 - ring * (150 / rings));
    const all = share.reduce((sum, one) => sum + one, 0);
    const counts = share.map((one) => Math.floor((count * one) / all));
    counts[0] += count - counts.reduce((sum, one) => sum + one, 0);
    return counts;
  }

  function radius(count) {
    return count <= 12 ? 31 : count <= 40 ? 15 : Math.max(4, 220 / Math.sqrt(count) / 2.2);
  }

  function makeNode() {
    return svg('g', { class: 'node' },
      svg('title', {}),
      svg('circle', { class: 'halo', r: 0 }),
      svg('circle', { class: 'body', r: 0 }),
      svg('text', { class: 'count', 'text-anchor': 'middle', dy: '0.35em' }),
      svg('text', { class: 'name', 'text-anchor': 'middle' }));
  }

  function fillNode(node, member, r, running) {
    const at = places.get(member.id) ?? { x: 0, y: 0 };
    const [title, halo, body, count, name] = node.children;
    const isMaster = member.slot !== null;
    const size = isMaster ? Math.max(r, CENTER_R * (r / 31)) : r;
    const has = running.get(member.id) ?? 0;
    node.style.transform = `translate(${at.x}px, ${at.y}px)`;
    node.classList.toggle('is-master', isMaster);
    node.classList.toggle('is-self', member.self);
    node.classList.toggle('is-busy', has > 0);
    node.classList.toggle('is-gone', ghosts.has(member.id));
    body.setAttribute('r', size);
    halo.setAttribute('r', size + 6);
    name.setAttribute('y', size + 20);
    text(title, `${member.name} at ${member.address}:${member.port}${isMaster ? ', master' : ''}`);
    text(count, has > 0 ? has : '');
    text(name, member.name.length > 18 ? `${member.name.slice(0, 17)}…` : member.name);
  }

  /** Something has happened: it is seen to. */
  function record(it, members) {
    if (it.kind === 'member' && it.event === 'left') {
      const member = members.find((one) => one.id === it.id) ?? { id: it.id, name: it.fields.name ?? nameOf(it.id), address: it.fields.address, port: it.fields.port };
      if (places.has(it.id)) {
        ghosts.set(it.id, { ...member, slot: null, self: false });
        setTimeout(() => {
          ghosts.delete(it.id);
          places.delete(it.id);
          nodes.known?.get(it.id)?.remove();
          nodes.known?.delete(it.id);
        }, 4000);
      }
    } else if (it.kind === 'master' && it.event === 'elected') {
      setTimeout(() => ring(it.id), 250);
    } else if (it.event === 'given') {
      send(master, it.fields.member, 'task');
    } else if (it.event === 'completed') {
      send(it.fields.member, master, 'result');
    }
  }

  function ring(id) {
    const at = places.get(id);
    if (at && !calm.matches) {
      const circle = svg('circle', { cx: at.x, cy: at.y, r: 30, class: 'election' });
      rings.append(circle);
      circle.animate([{ r: '30px', opacity: 0.9 }, { r: '150px', opacity: 0 }], { duration: 1600, easing: 'ease-out' }).onfinish = () => circle.remove();
    }
  }

  function send(from, to, kind) {
    const start = places.get(from);
    const end = places.get(to);
    if (!start || !end || from === to || calm.matches || document.hidden || dots.childElementCount >= MOST_DOTS) {
      return;
    }
    const dot = svg('circle', { r: 7, class: `dot is-${kind}` });
    dots.append(dot);
    dot.animate(
      [{ transform: `translate(${start.x}px, ${start.y}px)` }, { transform: `translate(${end.x}px, ${end.y}px)` }],
      { duration: 900, easing: 'ease-in-out' },
    ).onfinish = () => dot.remove();
  }

  return { element: root, show, record };
}
