import { expect, test } from 'vitest';
import { readModule, readModuleChange, readModuleFile } from './module-template.ts';
import type { Refusal } from './refusal.ts';

const PUBLIC_URL = 'https://rollcall.example.com';

function faultsOf(act: () => unknown): string[] {
  try {
    act();
  } catch (error) {
    const { issues } = (error as Refusal).details as { issues: { pointer: string; message: string }[] };
    return issues.map(({ pointer, message }) => `${pointer}: ${message}`);
  }
  return [];
}

test('a template that says the least makes a module without anything else', () => {
  expect(readModule({ name: ' Meetings ', duration: 45 }, PUBLIC_URL)).toEqual({
    name: 'Meetings',
    category: '',
    description: '',
    thumbnailUrl: null,
    durationMinutes: 45,
    steps: [],
  });
});

test('texts are trimmed, lines of prompts and descriptions are kept, however they ended', () => {
  const template = {
    name: 'A',
    category: '\tTeam ',
    description: ' One.\r\n\r\nTwo.\r ',
    thumbnailUrl: '/thumbnails/a.svg',
    duration: 5,
    steps: [
      { title: ' B ', minutes: 1, prompt: '\n1. a\r\n\t- b  \r\nc\n' },
      { title: 'C', minutes: 2 },
    ],
  };
  expect(readModule(template, PUBLIC_URL)).toMatchObject({
    category: 'Team',
    description: 'One.\n\nTwo.',
    thumbnailUrl: 'https://rollcall.example.com/thumbnails/a.svg',
    steps: [
      { title: 'B', minutes: 1, prompt: '1. a\n\t- b  \nc' },
      { title: 'C', minutes: 2, prompt: '' },
    ],
  });
});

test('every fault is told with its place', () => {
  const template = {
    name: ' ',
    category: 'a\u0000b',
    description: 'a\u001bb',
    thumbnailUrl: 'javascript:alert(1)',
    duration: 5,
    steps: [
      { title: 'A\nB', minutes: 1, prompt: 'x' },
      { title: 'C', minutes: 1, prompt: '\ud800' },
    ],
  };
  expect(faultsOf(() => readModule(template, PUBLIC_URL))).toEqual([
    '/name: is empty; write a name',
    '/category: contains the control character U+0000; remove it',
    '/description: contains the control character U+001B; remove it',
    '/thumbnailUrl: is no web address; write one such as https://meet.example.com/room',
    '/steps/0/title: contains the control character U+000A; remove it',
    '/steps/1/prompt: contains the control character U+D800; remove it',
  ]);
  const file = { name: 'A', duration: 5, thumbnail: 'x.gif' };
  expect(faultsOf(() => readModuleFile(file, PUBLIC_URL))).toEqual([expect.stringMatching(/^\/thumbnail: /)]);
});

test('all prompts together have a limit, so that the file of a module is never too large', () => {
  const steps = (count: number) =>
    Array.from({ length: count }, () => ({ title: 'A', minutes: 1, prompt: '😀'.repeat(10_000) }));
  expect(faultsOf(() => readModule({ name: 'A', duration: 5, steps: steps(5) }, PUBLIC_URL))).toEqual([]);
  expect(faultsOf(() => readModule({ name: 'A', duration: 5, steps: steps(6) }, PUBLIC_URL))).toEqual([
    '/steps: have more than 50000 characters of prompts in all; shorten them',
  ]);
});

test('a change holds what was sent and nothing else', () => {
  expect(readModuleChange({}, PUBLIC_URL)).toEqual({});
  expect(readModuleChange({ thumbnailUrl: null, steps: [], category: '' }, PUBLIC_URL)).toEqual({
    thumbnailUrl: null,
    steps: [],
    category: '',
  });
  expect(readModuleChange({ duration: 30, name: 'B ' }, PUBLIC_URL)).toEqual({ durationMinutes: 30, name: 'B' });
});
