// Receives changes from the server, whoever makes them. Without a stream, the caller has to check for itself.

import * as api from './api.js';

const CLASSES = 'Secret,Environment,_User,AccessLog';
/** How long to wait after a failed stream, in milliseconds. */
const AGAIN = 15_000;

let open = null;
let tried = -Infinity;
let isHeard = false;
const changed = new Set();

/** Closes the stream: a tab in the background holds no connection. */
export function close() {
  open?.abort();
  open = null;
  isHeard = false;
  tried = -Infinity;
}

/** Returns the classes that changed since the last call, or null if there is no stream. */
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
        // Changes before the stream opened were not reported, so every class counts as changed.
        CLASSES.split(',').forEach((name) => changed.add(name));
        isHeard = true;
      }
      const events = (text + part).split('\n\n');
      text = events.pop();
      events.forEach(hear);
    }
  } catch {
    // Without a stream the caller checks for itself, and gets the error there.
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
