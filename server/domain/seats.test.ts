import { expect, test } from 'vitest';
import { seatsLeft } from './seats.ts';

test('the seats left are those that nobody has taken', () => {
  expect(seatsLeft(6, 0)).toBe(6);
  expect(seatsLeft(6, 4)).toBe(2);
  expect(seatsLeft(6, 6)).toBe(0);
});

test('a session whose capacity was lowered below its registrations has none left', () => {
  expect(seatsLeft(4, 6)).toBe(0);
});
