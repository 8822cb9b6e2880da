/** The accent color of organizations that have chosen none. */
export const ACCENT_DEFAULT = '#0f6e5c';

/** WCAG 2.2, success criterion 1.4.3: contrast of text with what is behind it. */
const TEXT_CONTRAST_MIN = 4.5;

/** Grounds on which accented text stands: of each mode the one that is hardest to tell apart from. See style.css. */
export const GROUND_LIGHT = '#f4f4f1';
export const GROUND_DARK = '#24262c';

const BLACK: Color = [0, 0, 0];
const WHITE: Color = [255, 255, 255];
const INK: Color = [23, 24, 28];

/** Red, green and blue, 0 to 255. */
type Color = readonly [number, number, number];

/** An organization's accent, made readable; colors as `#rrggbb`. */
export interface Accent {
  /** The color itself, for grounds of buttons and bars. */
  readonly color: string;
  /** For text on `color`. */
  readonly text: string;
  /** The accent as a color of text, lines and focus rings, in light and in dark mode. */
  readonly inkLight: string;
  readonly inkDark: string;
}

/** Works out the colors that go with an organization's accent (`#rrggbb`), so that whatever it chose can be read. */
export function accentOf(color: string | null): Accent {
  const accent = read(color ?? ACCENT_DEFAULT);
  return {
    color: write(accent),
    text: write(textOn(accent)),
    inkLight: write(towards(BLACK, accent, read(GROUND_LIGHT))),
    inkDark: write(towards(WHITE, accent, read(GROUND_DARK))),
  };
}

/** The contrast of two colors, 1 to 21 (WCAG 2.2, "contrast ratio"). */
export function contrast(one: string, other: string): number {
  return contrastOf(read(one), read(other));
}

/** White where it can be read, since it looks better on most colors, else the darkest that is needed. */
function textOn(ground: Color): Color {
  return [WHITE, INK, BLACK].find((color) => contrastOf(color, ground) >= TEXT_CONTRAST_MIN) ?? BLACK;
}

/** Mixes as little of `end` into the color as makes it readable on the ground. */
function towards(end: Color, color: Color, ground: Color): Color {
  const STEPS = 50;
  for (let step = 0; step < STEPS; step++) {
    const mixed = mix(color, end, step / STEPS);
    if (contrastOf(mixed, ground) >= TEXT_CONTRAST_MIN) return mixed;
  }
  return end;
}

function mix(from: Color, to: Color, share: number): Color {
  const at = (index: 0 | 1 | 2) => Math.round(from[index] + (to[index] - from[index]) * share);
  return [at(0), at(1), at(2)];
}

function contrastOf(one: Color, other: Color): number {
  const [dark = 0, light = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}

/** WCAG 2.2, "relative luminance". */
function luminance([red, green, blue]: Color): number {
  return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue);
}

function linear(channel: number): number {
  const share = channel / 255;
  return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
}

function read(color: string): Color {
  const digits = Number.parseInt(color.slice(1), 16);
  return [digits >> 16, (digits >> 8) & 255, digits & 255];
}

function write(color: Color): string {
  return `#${color.map((channel) => channel.toString(16).padStart(2, '0')).join('')}`;
}
