// Copies values, and clears the clipboard again as far as browsers allow it.

/** How long a value is kept in the clipboard, or shown, in milliseconds. */
export const KEPT = 30_000;
let deadline = 0;
let isOurs = false;

/** Copies the result of `text`. It asks the browser at once, while the click still counts as a user action. */
export async function copy(text) {
  if (!navigator.clipboard) {
    await text;
    throw new Error('Browsers only let pages at https or 127.0.0.1 copy');
  }
  const blob = text.then((text) => new Blob([text], { type: 'text/plain' }));
  const copied = typeof ClipboardItem === 'undefined'
    ? text.then((text) => navigator.clipboard.writeText(text))
    : navigator.clipboard.write([new ClipboardItem({ 'text/plain': blob })]);
  copied.catch(() => {});
  await text;
  try {
    await copied;
  } catch {
    throw new Error('The browser didn\'t let the page copy. Reveal the value and copy it by hand');
  }
  isOurs = true;
  deadline = Date.now() + KEPT;
  setTimeout(empty, KEPT);
}

/** Clears the clipboard, unless something else was copied on this page since. */
async function empty() {
  // A page without focus can't use the clipboard. It is cleared when the focus returns.
  if (!isOurs || Date.now() < deadline || !document.hasFocus()) return;
  isOurs = false;
  await navigator.clipboard.writeText('').catch(() => { isOurs = true; });
}

/** Sets up the listeners. Call it once. */
export function watch() {
  for (const name of ['copy', 'cut']) document.addEventListener(name, () => { isOurs = false; });
  window.addEventListener('focus', empty);
}
