// Draws the rooms of src and training with their arrows into docs/architecture.md: node scripts/rooms.mjs
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = resolve(fileURLToPath(new URL('..', import.meta.url)));
const FILE = join(ROOT, 'docs', 'architecture.md');
const [BEGIN, END] = ['<!-- drawn by scripts/rooms.mjs -->', '<!-- end of drawing -->'];

/** @returns the text of docs/architecture.md with the drawing of today's rooms */
export function drawn(text, houses = { src: roomsOf('src'), training: roomsOf('training') }) {
  const [from, to] = [text.indexOf(BEGIN), text.indexOf(END)];
  if (from < 0 || to < from) throw new Error(`${FILE} lacks "${BEGIN}" or "${END}".`);
  const blocks = Object.entries(houses).map(
    ([house, rooms]) => `\`\`\`mermaid\n${chartOf(house, rooms)}\n\`\`\``,
  );
  return `${text.slice(0, from)}${BEGIN}\n\n${blocks.join('\n\n')}\n\n${text.slice(to)}`;
}

/** Arrows that no chain of others says already; those into rooms of another house are left out. */
export function arrowsOf(rooms) {
  const below = (name) => rooms[name].imports.filter((other) => other in rooms);
  const reach = new Map();
  const allBelow = (name) => {
    if (!reach.has(name)) {
      const own = below(name);
      reach.set(name, new Set([...own, ...own.flatMap((other) => [...allBelow(other)])]));
    }
    return reach.get(name);
  };
  return Object.keys(rooms).flatMap((name) => {
    const own = below(name);
    return own
      .filter((other) => !own.some((between) => allBelow(between).has(other)))
      .map((other) => [name, other]);
  });
}

function chartOf(house, rooms) {
  const idOf = (name) => `r${Object.keys(rooms).indexOf(name)}`;
  const labelOf = (name) => (name === '.' ? `${house}'s own files` : name);
  return [
    'flowchart TD',
    ...Object.keys(rooms).map((name) => `  ${idOf(name)}["${labelOf(name)}"]`),
    ...arrowsOf(rooms).map(([from, to]) => `  ${idOf(from)} --> ${idOf(to)}`),
  ].join('\n');
}

function roomsOf(house) {
  return JSON.parse(readFileSync(join(ROOT, house, 'rooms.json'), 'utf8'));
}

if (process.argv[1] && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  writeFileSync(FILE, drawn(readFileSync(FILE, 'utf8')));
}
