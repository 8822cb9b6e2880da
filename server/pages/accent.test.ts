import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ACCENT_DEFAULT, accentOf, contrast, GROUND_DARK, GROUND_LIGHT } from './accent.ts';

const anyColor = fc.integer({ min: 0, max: 0xffffff }).map((number) => `#${number.toString(16).padStart(6, '0')}`);

test('contrast is what WCAG says it is', () => {
  expect(contrast('#000000', '#ffffff')).toBe(21);
  expect(contrast('#ffffff', '#ffffff')).toBe(1);
  expect(contrast('#777777', '#ffffff')).toBeCloseTo(4.48, 2);
  expect(contrast('#0000ff', '#ffffff')).toBeCloseTo(8.59, 2);
});

test('whatever color an organization chooses, all that is written on it or in it can be read', () => {
  fc.assert(
    fc.property(anyColor, (color) => {
      const accent = accentOf(color);
      expect(accent.color).toBe(color);
      expect(contrast(accent.text, color)).toBeGreaterThanOrEqual(4.5);
      expect(contrast(accent.inkLight, GROUND_LIGHT)).toBeGreaterThanOrEqual(4.5);
      expect(contrast(accent.inkLight, '#ffffff')).toBeGreaterThanOrEqual(4.5);
      expect(contrast(accent.inkDark, GROUND_DARK)).toBeGreaterThanOrEqual(4.5);
    }),
    { numRuns: 2_000 },
  );
});

test('a color that can be read already is left as it is', () => {
  expect(accentOf('#7a1f5c').inkLight).toBe('#7a1f5c');
  expect(accentOf('#ffd866').inkDark).toBe('#ffd866');
});

test('an organization without a color has a readable one', () => {
  expect(accentOf(null)).toEqual(accentOf(ACCENT_DEFAULT));
});

test('the style sheet uses no ground that is harder to read on than those that the colors are made for', () => {
  const style = readFileSync(new URL('./style.css', import.meta.url), 'utf8');
  const grounds = (mode: string) =>
    [...(mode.match(/--(?:ground|surface|raised): (#[0-9a-f]{6})/g) ?? [])].map((text) => text.slice(-7));
  const [light = '', dark = ''] = style.split('prefers-color-scheme: dark');
  expect(grounds(light)).toHaveLength(3);
  expect(grounds(dark)).toHaveLength(3);
  for (const ground of grounds(light)) {
    expect(contrast(ground, '#000000')).toBeGreaterThanOrEqual(contrast(GROUND_LIGHT, '#000000'));
  }
  for (const ground of grounds(dark)) {
    expect(contrast(ground, '#ffffff')).toBeGreaterThanOrEqual(contrast(GROUND_DARK, '#ffffff'));
  }
});
