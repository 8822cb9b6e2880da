import { describe, expect, test } from 'vitest';
import { ConfigError, readConfig } from './config.ts';

describe('mail', () => {
  test('is off unless a mail server is named', () => {
    expect(readConfig({}).mail).toBe(null);
    expect(readConfig({ SMTP_URL: ' ' }).mail).toBe(null);
  });

  test.each(['rollcall@example.com', 'Rollcall <rollcall@example.com>', '"Roll, call" <rollcall@example.com>'])(
    'is sent by the server of SMTP_URL in the name of MAIL_FROM, such as %s',
    (from) => {
      const smtpUrl = 'smtps://user:secret@mail.example.com:465';
      expect(readConfig({ SMTP_URL: smtpUrl, MAIL_FROM: from }).mail).toEqual({ smtpUrl, from });
    },
  );

  test.each([
    ['smtp://mail.example.com', ''],
    ['smtp://mail.example.com', 'Rollcall'],
    ['smtp://mail.example.com', 'a@example.com, b@example.com'],
    ['smtp://mail.example.com', 'Rollcall <rollcall@example.com> <b@example.com>'],
    ['http://mail.example.com', 'rollcall@example.com'],
    ['mail.example.com', 'rollcall@example.com'],
    ['', 'rollcall@example.com'],
  ])('set up only in part (%j from %j) is refused at start', (smtpUrl, from) => {
    expect(() => readConfig({ SMTP_URL: smtpUrl, MAIL_FROM: from })).toThrow(ConfigError);
  });

  test.each([
    { SMTP_URL: 'smpt://user:secret@mail.example.com', MAIL_FROM: 'rollcall@example.com' },
    { SMTP_URL: 'smtp://user:secret@mail.example.com', MAIL_FROM: '' },
    { SMTP_URL: 'user:secret@mail.example.com', MAIL_FROM: 'rollcall@example.com' },
  ])('a refused SMTP_URL is not repeated, since it may hold a password (%j)', (settings) => {
    let message = '';
    try {
      readConfig(settings);
    } catch (error) {
      message = String(error);
    }
    expect(message).toMatch(/SMTP_URL|MAIL_FROM/);
    expect(message).not.toContain('secret');
  });
});

describe('TRUST_PROXY', () => {
  test.each([
    ['', false],
    ['0', false],
    ['1', 1],
    ['2', 2],
    ['loopback', ['loopback']],
    ['10.0.0.0/8, ::1,192.168.1.7', ['10.0.0.0/8', '::1', '192.168.1.7']],
    ['2001:db8::/32', ['2001:db8::/32']],
  ] as const)('%j trusts %j', (text, trusted) => {
    expect(readConfig({ TRUST_PROXY: text }).trustProxy).toEqual(trusted);
  });

  test.each([
    'true',
    'yes',
    '99',
    '-1',
    '10.0.0.0/33',
    '::1/129',
    '0.0.0.0/0',
    'proxy.example.com',
    '10.0.0.1/8/8',
    '10.0.0.1,,',
  ])('%j is refused, since it would trust nobody or everybody', (text) => {
    expect(() => readConfig({ TRUST_PROXY: text })).toThrow(ConfigError);
  });
});

test('SIGN_UP_LIMIT is 120 forms a minute from one address unless it says otherwise; 0 lifts it', () => {
  expect(readConfig({}).signUpLimit).toBe(120);
  expect(readConfig({ SIGN_UP_LIMIT: '300' }).signUpLimit).toBe(300);
  expect(readConfig({ SIGN_UP_LIMIT: '0' }).signUpLimit).toBe(null);
  expect(() => readConfig({ SIGN_UP_LIMIT: 'many' })).toThrow(/SIGN_UP_LIMIT/);
});

test('DATABASE_URL names a PostgreSQL database; what cannot be one is refused without its password', () => {
  expect(readConfig({ DATABASE_URL: 'postgres://u:p@db/rollcall?sslmode=verify-full' }).postgres).toMatchObject({
    url: 'postgres://u:p@db/rollcall?sslmode=verify-full',
    readUrl: null,
    poolSize: 10,
    statementTimeoutMs: 30_000,
  });
  for (const text of [
    'db',
    'mysql://u:secret@db/x',
    'postgres://u:secret@db',
    'postgres://u:secret@db/x?sslmode=foo',
  ]) {
    const read = () => readConfig({ DATABASE_URL: text });
    expect(read).toThrow(/^DATABASE_URL /);
    expect(read).not.toThrow(/secret/);
  }
  expect(() => readConfig({ DATABASE_READ_URL: 'postgres://u@db/x' })).toThrow(/DATABASE_READ_URL.*DATABASE_URL/);
});
