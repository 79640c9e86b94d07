// Copies values, and empties the clipboard again as far as a browser lets a page do that.

const KEPT = 30_000;
let deadline = 0;
let isOurs = false;

/** Copies what `text` comes to. The browser is asked at once, while it still knows that somebody pressed a button. */
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
    throw new Error('The browser didn't let the page copy. Reveal the value and copy it by hand');
  }
  isOurs = true;
  deadline = Date.now() + KEPT;
  setTimeout(empty, KEPT);
}

/** Empties the clipboard, unless something else was copied on this page since. */
async function empty() {
  // A page without the focus may not touch the clipboard. It is emptied when the focus comes back.
  if (!isOurs || Date.now() < deadline || !document.hasFocus()) return;
  isOurs = false;
  await navigator.clipboard.writeText('').catch(() => { isOurs = true; });
}

/** To be called once. */
export function watch() {
  for (const name of ['copy', 'cut']) document.addEventListener(name, () => { isOurs = false; });
  window.addEventListener('focus', empty);
}
