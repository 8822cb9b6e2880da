import { expect, test } from 'vitest';
import { readOrganizationChange } from './organization-change.ts';
import type { Refusal } from './refusal.ts';

test('settings are kept in one spelling, each item of a list once; absent ones stay absent', () => {
  expect(
    readOrganizationChange({
      name: '  Acme Ltd ',
      trustedDomains: ['Bücher.example', 'xn--bcher-kva.example', 'acme.example'],
      embedOrigins: ['https://Intranet.Acme.example/', 'https://intranet.acme.example:443'],
      accentColor: '#0A7F5A',
    }),
  ).toEqual({
    name: 'Acme Ltd',
    trustedDomains: ['xn--bcher-kva.example', 'acme.example'],
    embedOrigins: ['https://intranet.acme.example'],
    accentColor: '#0a7f5a',
  });
  expect(readOrganizationChange({})).toEqual({});
});

test('null turns the restriction off and takes the color away', () => {
  expect(readOrganizationChange({ trustedDomains: null, accentColor: null, embedOrigins: [] })).toEqual({
    trustedDomains: null,
    accentColor: null,
    embedOrigins: [],
  });
});

test('every fault is told with its place', () => {
  const change = {
    name: ' ',
    trustedDomains: ['acme.example', '@acme.example'],
    embedOrigins: ['https://intranet.acme.example/path', "https://a.example; script-src 'self'"],
    accentColor: '',
  };
  let refusal: Refusal | undefined;
  try {
    readOrganizationChange(change);
  } catch (error) {
    refusal = error as Refusal;
  }
  expect(refusal?.details.issues).toEqual([
    { pointer: '/name', message: expect.stringContaining('is empty') },
    { pointer: '/trustedDomains/1', message: expect.stringContaining('is not a domain name') },
    { pointer: '/embedOrigins/0', message: expect.stringContaining('is not the origin') },
    { pointer: '/embedOrigins/1', message: expect.stringContaining('is not the origin') },
    { pointer: '/accentColor', message: expect.stringContaining('is no color') },
  ]);
});
