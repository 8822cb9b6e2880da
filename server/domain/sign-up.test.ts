import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isToCome, offerOf, readSignUp, type SignUpValues } from './sign-up.ts';

const filled: SignUpValues = {
  session: 'a-session',
  firstName: ' Ada ',
  lastName: 'Lovelace',
  email: ' Ada.Lovelace@Bücher.example ',
  consent: 'yes',
  trap: '',
};

describe('a form', () => {
  test('is read with its names trimmed and its email in the one spelling', () => {
    expect(readSignUp(filled)).toEqual({
      ok: true,
      request: {
        sessionId: 'a-session',
        firstName: 'Ada',
        lastName: 'Lovelace',
        email: 'ada.lovelace@xn--bcher-kva.example',
      },
    });
  });

  test('left empty names every field to fill in, in their order, and not the one that people do not see', () => {
    const empty = { session: '', firstName: ' ', lastName: '', email: '\t', consent: '', trap: '' };
    expect(readSignUp(empty)).toEqual({
      ok: false,
      faults: [
        { field: 'session', message: 'Choose a session.' },
        { field: 'firstName', message: 'Enter your first name.' },
        { field: 'lastName', message: 'Enter your last name.' },
        { field: 'email', message: 'Enter your email address.' },
        { field: 'consent', message: 'Tick the box to agree.' },
      ],
    });
  });

  test.each([
    ['email', 'ada', 'Enter a valid email address, such as name@example.com.'],
    ['email', 'ada@example.com, bob@example.com', 'Enter a valid email address, such as name@example.com.'],
    ['firstName', 'x'.repeat(257), 'First name is longer than 256 characters; shorten it.'],
    ['lastName', 'Love\u202elace', 'Last name contains the control character U+202E; remove it.'],
    ['trap', 'http://buy.example', 'Leave the hidden field empty; your browser may have filled it in.'],
  ] as const)('with a wrong %s (%j) says what to do about it', (field, value, message) => {
    expect(readSignUp({ ...filled, [field]: value })).toEqual({ ok: false, faults: [{ field, message }] });
  });

  test('of any content is either refused with a reason or read into texts that can be stored', () => {
    const text = fc.string({ unit: 'binary', maxLength: 20 });
    const name = fc.oneof({ weight: 3, arbitrary: text }, fc.constant('Ada'));
    const email = fc.oneof(fc.emailAddress(), text);
    const anyValues = fc.record({
      session: fc.constantFrom('', 'a-session'),
      firstName: name,
      lastName: name,
      email,
      consent: fc.constantFrom('yes', 'yes', ''),
      trap: fc.constantFrom('', '', 'x'),
    });
    const read = { ok: 0, refused: 0 };
    fc.assert(
      fc.property(anyValues, (values) => {
        const reading = readSignUp(values);
        read[reading.ok ? 'ok' : 'refused']++;
        if (!reading.ok) {
          expect(reading.faults.length).toBeGreaterThan(0);
          return;
        }
        const { firstName, lastName, email } = reading.request;
        for (const kept of [firstName, lastName, email]) {
          expect(kept).not.toBe('');
          expect(kept).not.toMatch(/[\p{Cc}\p{Cs}]/u);
        }
      }),
      { numRuns: 1_000 },
    );
    expect(Math.min(read.ok, read.refused)).toBeGreaterThan(20);
  });
});

test('the form of a cluster is open where self-registration is on and the cluster is not archived', () => {
  expect(offerOf({ selfRegistration: true, archivedAt: null })).toBe('open');
  expect(offerOf({ selfRegistration: false, archivedAt: null })).toBe('by-invitation');
  expect(offerOf({ selfRegistration: true, archivedAt: 1 })).toBe('archived');
  expect(offerOf({ selfRegistration: false, archivedAt: 1 })).toBe('archived');
});

test('a session takes people until it begins, unless it is cancelled or over', () => {
  const session = (state: string) => ({ state, scheduledStartAt: 1_000 });
  expect(isToCome(session('scheduled'), 999)).toBe(true);
  expect(isToCome(session('open'), 999)).toBe(true);
  expect(isToCome(session('scheduled'), 1_000)).toBe(false);
  expect(isToCome(session('cancelled'), 0)).toBe(false);
  expect(isToCome(session('ended'), 0)).toBe(false);
});
