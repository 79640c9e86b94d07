// Times and lengths in words.

const UNITS = [
  [365 * 86400, 'y'], [30 * 86400, 'mo'], [86400, 'd'], [3600, 'h'], [60, 'min'],
];
const SOON = 7 * 86400;

/** Returns the date in a field: plain text, or Parse's date object. */
export function moment(value) {
  const text = typeof value === 'string' ? value : value?.iso;
  return text ? new Date(text) : null;
}

function length(seconds) {
  const [size, unit] = UNITS.find(([size]) => seconds >= size) ?? [1, 's'];
  return `${Math.floor(seconds / size)} ${unit}`;
}

/** Returns `3 d ago`. */
export function ago(date, now = Date.now()) {
  const seconds = (now - date) / 1000;
  if (seconds < 60) return 'just now';
  return `${length(seconds)} ago`;
}

/** Returns `in 3 d`, or how long ago it was. */
export function until(date, now = Date.now()) {
  const seconds = (date - now) / 1000;
  return seconds > 0 ? `in ${length(Math.max(seconds, 60))}` : ago(date, now);
}

/** Returns `2026-11-29 10:00`, in the reader's time zone. */
export function stamp(date) {
  const two = (number) => String(number).padStart(2, '0');
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}`;
}

/** Returns when an item is due for replacement, in words, and how urgent it is. */
export function outlook(item, now = Date.now()) {
  const expires = moment(item.expiresAt);
  const due = moment(item.rotateDue) ?? expires;
  if (!due) return null;
  if (expires && expires <= now) return { text: `Expired ${stamp(expires).slice(0, 10)}`, level: 'bad' };
  if (due <= now) return { text: `Due since ${stamp(due).slice(0, 10)}`, level: 'bad' };
  const word = expires && expires <= due ? 'Expires' : 'Due';
  return { text: `${word} ${until(due, now)}`, level: (due - now) / 1000 <= SOON ? 'warn' : 'calm' };
}

/** Returns `1 item` or `2 items`. */
export function plural(count, noun) {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

export const KINDS = [['secret', 'Secret'], ['variable', 'Variable'], ['api-key', 'API key']];
export const RIGHTS = [['none', 'No access'], ['read', 'Read'], ['write', 'Read and write']];
