import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { findBrowser } from './browser.js';

function folderWith(...programs: string[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'rollcall-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const program of programs) writeFileSync(join(folder, program), '');
  return folder;
}

test('a browser is found under any of its names, in the first folder of PATH that has one', () => {
  const none = folderWith('node');
  const first = folderWith('google-chrome', 'chromium-browser');
  const second = folderWith('chromium');
  expect(findBrowser({ PATH: [none, first, second].join(delimiter) }, 'linux')).toBe(join(first, 'chromium-browser'));
});

test('where PATH has no browser, or there is no PATH, none is found', () => {
  expect(findBrowser({ PATH: folderWith('node') }, 'linux')).toBeUndefined();
  expect(findBrowser({ PATH: '' }, 'linux')).toBeUndefined();
  expect(findBrowser({}, 'linux')).toBeUndefined();
});

test('on Windows the variable may be called Path, and programs end in .exe', () => {
  const folder = folderWith('msedge.exe', 'chromium');
  expect(findBrowser({ Path: folder }, 'win32')).toBe(join(folder, 'msedge.exe'));
});
