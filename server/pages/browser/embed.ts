import { localizeTimes } from './times.ts';

/**
 * Runs on every page that is shown in a frame: times in the viewer's time zone, messages to the host page, and what is
 * pleasant but not needed. All pages work without it.
 */
interface Settings {
  /** Sites that may frame the page; empty: any. */
  readonly origins: readonly string[];
  readonly registered: { readonly clusterId: string; readonly sessionId: string } | null;
  /** Origin of the host page, as the page before this one knew it; else empty. */
  readonly host: string;
}

const settings = readSettings();
localizeTimes(document);
focusFirst();
prepareForm();
prepareCopying();
tellHost();

function readSettings(): Settings {
  const { origins = '[]', registered = 'null', host = '' } = document.getElementById('embed')?.dataset ?? {};
  return { origins: JSON.parse(origins), registered: JSON.parse(registered), host };
}

/** Readers of a screen reader are taken to what is new: the list of faults, or what came of the form. */
function focusFirst(): void {
  document.querySelector<HTMLElement>('[data-focus]')?.focus();
}

function prepareForm(): void {
  const form = document.querySelector('form');
  if (!form) return;
  const field = (name: string) => form.elements.namedItem(name) as HTMLInputElement;
  field('zone').value = Intl.DateTimeFormat().resolvedOptions().timeZone;
  field('host').value = hostOrigin();
  let isSent = false;
  form.addEventListener('submit', (event) => {
    if (isSent) event.preventDefault();
    isSent = true;
    say('Signing you up …');
  });
  // Whoever comes back by the browser's button finds the form ready again.
  window.addEventListener('pageshow', () => {
    isSent = false;
    say('');
  });
}

function say(text: string): void {
  const status = document.querySelector('[data-status]');
  if (status) status.textContent = text;
}

function prepareCopying(): void {
  const button = document.querySelector<HTMLButtonElement>('[data-copy]');
  const source = document.querySelector<HTMLInputElement>('[data-copy-from]');
  if (!button || !source) return;
  source.addEventListener('focus', () => source.select());
  button.hidden = false;
  button.addEventListener('click', () => void copy(source, button));
}

async function copy(source: HTMLInputElement, button: HTMLButtonElement): Promise<void> {
  source.select();
  try {
    await navigator.clipboard.writeText(source.value);
  } catch {
    // A frame may not be allowed to write; the older way works there.
    document.execCommand('copy');
  }
  button.textContent = 'Copied';
  say('The link has been copied.');
}

/** The site whose page frames this one, as far as the browser says so. */
function hostOrigin(): string {
  const { ancestorOrigins } = window.location;
  if (ancestorOrigins?.[0]) return ancestorOrigins[0];
  const referrer = URL.parse(document.referrer);
  return referrer && referrer.origin !== window.location.origin ? referrer.origin : settings.host;
}

/**
 * `rollcall:height` with every change of it, `rollcall:registered` once. They go to the organization's sites only; where
 * it has named none, any site may frame the page: the height goes to whichever does, the other to the site that the
 * browser names.
 */
function tellHost(): void {
  if (window.parent === window) return;
  const host = hostOrigin();
  if (settings.registered) post({ type: 'rollcall:registered', ...settings.registered }, host === '' ? [] : [host]);
  let last = 0;
  const tellHeight = () => {
    const height = Math.ceil(document.documentElement.getBoundingClientRect().height);
    if (height === last) return;
    last = height;
    post({ type: 'rollcall:height', height }, ['*']);
  };
  new ResizeObserver(tellHeight).observe(document.documentElement);
  tellHeight();
}

/** To the one of the organization's sites that it is, or to each where that is not known; `others` where it has none. */
function post(message: object, others: readonly string[]): void {
  const { origins } = settings;
  const known = origins.filter((origin) => origin === hostOrigin());
  const targets = origins.length === 0 ? others : known.length > 0 ? known : origins;
  for (const target of targets) window.parent.postMessage(message, target);
}
