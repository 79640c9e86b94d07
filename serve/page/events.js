// Hears of changes from the server, whoever makes them. While there is no stream, the caller is told to look by itself.

import * as api from './api.js';

const CLASSES = 'Secret,Environment,_User,AccessLog';
/** How long after a stream failed the next one is tried. */
const AGAIN = 15_000;

let open = null;
let tried = -Infinity;
let isHeard = false;
const changed = new Set();

/** Ends the stream: a tab that nobody looks at holds no connection. */
export function close() {
  open?.abort();
  open = null;
  isHeard = false;
  tried = -Infinity;
}

/** The classes that changed since this was last asked; null where nobody tells. */
export function take() {
  if (!open && Date.now() - tried >= AGAIN) listen();
  if (!isHeard) return null;
  const taken = new Set(changed);
  changed.clear();
  return taken;
}

async function listen() {
  const mine = new AbortController();
  open = mine;
  tried = Date.now();
  try {
    let text = '';
    for await (const part of api.stream(`/events?class=${CLASSES}`, mine.signal)) {
      if (open !== mine) return;
      if (!isHeard) {
        // What happened before the stream was open is told by nobody.
        CLASSES.split(',').forEach((name) => changed.add(name));
        isHeard = true;
      }
      const events = (text + part).split('\n\n');
      text = events.pop();
      events.forEach(hear);
    }
  } catch {
    // Without a stream the caller looks by itself, and hears there what is wrong.
  }
  if (open === mine) {
    open = null;
    isHeard = false;
  }
}

function hear(event) {
  const lines = event.split('\n');
  const data = lines.find((line) => line.startsWith('data: '));
  if (!data) return;
  const told = JSON.parse(data.slice(6));
  if (lines.includes('event: error')) {
    if (told.code === 209) api.end();
    else CLASSES.split(',').forEach((name) => changed.add(name));
  } else {
    changed.add(told.object.className);
  }
}
