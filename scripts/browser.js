import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { runChild } from './child.js';
import { takeLock } from './lock.js';
import { ROOT } from './setup.js';

/** What a Chromium is called, in order of preference. */
const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome'];
const WINDOWS_NAMES = ['chromium.exe', 'chrome.exe', 'msedge.exe'];

/**
 * Where it lies on systems that do not put it on PATH.
 *
 * @type {Partial<Record<NodeJS.Platform, string[]>>}
 */
const USUAL_PLACES = {
  darwin: [
    '/Applications/Chromium.app/Contents/MacOS/Chromium',
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  ],
  win32: [
    'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
    'C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe',
  ],
};

/** What helps where no browser is found. */
export const BROWSER_REMEDY =
  'install Chromium or Google Chrome and put it on PATH (Debian, Ubuntu: sudo apt-get install chromium)';

/**
 * The Chromium that tests drive: on PATH, or where the system usually keeps it.
 *
 * @param {NodeJS.ProcessEnv} [environment]
 * @param {NodeJS.Platform} [platform]
 * @returns {string | undefined} path
 */
export function findBrowser(environment = process.env, platform = process.platform) {
  const name = Object.keys(environment).find((key) => key.toUpperCase() === 'PATH') ?? 'PATH';
  const folders = (environment[name] ?? '').split(delimiter).filter((folder) => folder !== '');
  const names = platform === 'win32' ? WINDOWS_NAMES : NAMES;
  const onPath = folders.flatMap((folder) => names.map((program) => join(folder, program)));
  return [...onPath, ...(USUAL_PLACES[platform] ?? [])].find((path) => existsSync(path));
}

/**
 * Installs what tests need from the system and npm does not have: a Chromium, where there is none and we may (Debian
 * and its kin, as root). Where we may not, or it fails, it says so and goes on: the tests that need a browser then fail
 * and name the remedy, all others run.
 *
 * @returns {Promise<void>}
 */
export async function toolsForTests() {
  if (findBrowser()) return;
  if (!mayInstall()) {
    say(`no Chromium was found, tests that need a browser will fail; what helps: ${BROWSER_REMEDY}`);
    return;
  }
  const release = await takeLock(join(ROOT, '.cache', 'tools.lock'), () => {
    say('waiting for another process that installs Chromium…');
  });
  try {
    if (!findBrowser()) await installChromium();
  } finally {
    release();
  }
}

function mayInstall() {
  return process.platform === 'linux' && existsSync('/usr/bin/apt-get') && process.getuid?.() === 0;
}

async function installChromium() {
  say('installing Chromium for the tests (apt-get)…');
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  for (const args of [
    ['update', '-qq'],
    // The fonts, because without any a page has no letters to measure.
    ['install', '-y', '-qq', '--no-install-recommends', 'chromium', 'fonts-liberation'],
  ]) {
    const { code } = await runChild('apt-get', args, { env, stdio: ['ignore', 2, 2] });
    if (code !== 0) {
      say(`Chromium could not be installed: apt-get ${args[0]} ended with code ${code}; its message is above`);
      return;
    }
  }
}

function say(/** @type {string} */ text) {
  process.stderr.write(`rollcall: ${text}\n`);
}
