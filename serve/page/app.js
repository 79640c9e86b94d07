// Chooses the view for the address, keeps track of who is signed in, and checks for changes while somebody uses the page.

import * as api from './api.js';
import * as clipboard from './clipboard.js';
import { closeAll } from './dialogs.js';
import * as events from './events.js';
import { button, data, el, fill, problem, toast } from './dom.js';
import * as items from './items.js';
import * as log from './log.js';
import * as people from './people.js';
import * as playground from './playground.js';
import * as signIn from './sign-in.js';
import { due, forget, load, store } from './store.js';

/** How often the page checks for changes, in milliseconds. */
const PERIOD = 1000;
/** How many times less often it checks without an event stream. */
const SELDOM = 4;
/** How long it checks after the last use, in milliseconds. */
const ACTIVE = 2 * 60_000;
/** The page signs out after this time without use. The server ends idle sessions by itself, too. */
const IDLE = 15 * 60_000;

const VIEWS = [
  ['items', 'Items', items.show],
  ['due', 'Due', items.showDue],
  ['log', 'Log', log.show],
  ['people', 'Users', people.show],
];

const main = document.getElementById('main');
let view = null;
let touched = Date.now();
let isLooking = false;
let looks = 0;

function current() {
  if (location.pathname === '/playground') return 'playground';
  const name = location.hash.slice(2);
  return VIEWS.some(([known]) => known === name) ? name : 'items';
}

/** The bar with the views and the user. */
function bar() {
  const now = current();
  const link = (name, label, address, count) => el('a', {
    href: address, 'data-key': `view ${name}`, 'aria-current': now === name ? 'page' : null, onclick: (event) => go(event, address),
  }, label, count ? el('span', { class: 'count', 'aria-label': `${count} due` }, String(count)) : null);
  const views = api.isSignedIn()
    ? VIEWS.map(([name, label]) => link(name, label, `/#/${name}`, name === 'due' ? due().length : 0))
    : [link('items', 'Sign in', '/#/items')];
  fill(document.getElementById('tabs'), views, link('playground', 'Playground', '/playground'));
  const who = document.getElementById('who');
  if (!store.me) return who.replaceChildren();
  return fill(who, data(store.me.username, { class: 'me' }), button('Sign out', () => signOut(), { 'data-key': 'out' }));
}

function go(event, address) {
  if (event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  history.pushState(null, '', address);
  render();
  main.focus({ preventScroll: true });
}

/** Loads everything again and shows it. */
async function refresh() {
  await load();
  bar();
  view?.update?.();
}

function render(message) {
  view = null;
  bar();
  const name = current();
  const title = VIEWS.find(([known]) => known === name)?.[1] ?? 'Playground';
  document.title = `${api.isSignedIn() || name === 'playground' ? title : 'Sign in'} · vault`;
  if (name === 'playground') view = playground.show(main);
  else if (!api.isSignedIn()) signIn.show(main, entered, message);
  else view = VIEWS.find(([known]) => known === name)[2](main, refresh);
}

async function entered(me) {
  store.me = me;
  touched = Date.now();
  await load();
  render();
  main.focus({ preventScroll: true });
}

/** Removes everything of the vault from the page. */
function leave(message) {
  events.close();
  closeAll();
  forget();
  items.reset();
  render(message);
}

async function signOut(message) {
  const done = api.logOut();
  leave(message);
  await done;
}

/** Shows changes. Each check keeps the session alive, so it stops when nobody uses the page. */
async function look() {
  const away = Date.now() - touched;
  if (!api.isSignedIn()) return undefined;
  if (away > IDLE) {
    return signOut(`You were signed out, because nobody used the page for ${IDLE / 60_000} minutes.`);
  }
  const isLive = away < ACTIVE && !document.hidden;
  view?.state?.(isLive ? 'Live' : 'Paused until you come back');
  if (!isLive) return events.close();
  if (isLooking || document.querySelector('dialog')) return undefined;
  looks += 1;
  const changed = events.take() ?? (looks % SELDOM === 0 ? new Set(['AccessLog', 'Secret']) : new Set());
  const isLog = changed.delete('AccessLog') && current() === 'log';
  isLooking = true;
  try {
    if (isLog) await view.update();
    if (changed.size && await load()) {
      bar();
      view?.update?.();
    }
  } catch {
    // The user's next action reports the error. The next stream begins with a full check.
    events.close();
  } finally {
    isLooking = false;
  }
  return undefined;
}

/** Takes the one-time code from the address, and removes it there before anything else happens. */
function takeCode() {
  const code = /^#code=([0-9a-f]{1,128})$/.exec(location.hash)?.[1];
  if (code) history.replaceState(null, '', '/');
  return code;
}

async function start() {
  const code = takeCode();
  clipboard.watch();
  api.onEnd(leave);
  for (const name of ['pointerdown', 'keydown', 'wheel', 'touchstart', 'mousemove']) {
    addEventListener(name, () => { touched = Date.now(); }, { passive: true, capture: true });
  }
  addEventListener('popstate', () => render());
  // A closed tab leaves no session behind.
  addEventListener('pagehide', () => { if (api.isSignedIn()) signOut(); });
  document.getElementById('skip').addEventListener('click', (event) => {
    event.preventDefault();
    main.focus({ preventScroll: true });
  });
  addEventListener('keydown', (event) => {
    const isTyping = /^(INPUT|TEXTAREA|SELECT)$/.test(document.activeElement?.tagName) || document.querySelector('dialog');
    const search = document.getElementById('search');
    if (event.key === '/' && !isTyping && search) {
      event.preventDefault();
      search.focus();
    }
  });
  setInterval(look, PERIOD);
  if (!code) return render();
  main.replaceChildren(el('p', { class: 'nothing', role: 'status' }, 'Signing in…'));
  try {
    await entered(await api.logIn({ code }));
  } catch (error) {
    if (!api.isSignedIn()) render(`The code was already used, or is older than ${signIn.CODE_HOLDS}. Sign in with your passphrase.`);
    else main.replaceChildren(problem(error));
  }
  return undefined;
}

start().catch((error) => toast(error.message, 'bad'));
