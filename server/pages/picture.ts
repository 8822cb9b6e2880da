import { hash } from 'node:crypto';
import { Html, html, webAddress } from './html.ts';

/** What a picture is made of. */
export interface Pictured {
  readonly id: string;
  readonly category: string;
  readonly thumbnailUrl: string | null;
}

const WIDTH = 320;
const HEIGHT = 180;

/**
 * A module's picture: its own, or one drawn from its id and category, the same every time. Both are decoration: the
 * module's name stands beside them.
 */
export function modulePicture(module: Pictured): Html {
  const address = webAddress(module.thumbnailUrl);
  if (address) return html`<img class="picture" src="${address}" alt="" width="${WIDTH}" height="${HEIGHT}">`;
  return drawing(module);
}

/** Addresses of pictures, which a page must be allowed to load. */
export function pictureAddresses(module: Pictured): string[] {
  const address = webAddress(module.thumbnailUrl);
  return address ? [address] : [];
}

/** A number from 0 (inclusive) to 1 (exclusive), another with each call. */
type Numbers = () => number;

/** The category decides the kind of the drawing, the id its details. Colors come from the style sheet. */
function drawing({ id, category }: Pictured): Html {
  const kinds = [circle, waves, tiles];
  const kind = kinds[Math.floor(numbersOf(category)() * kinds.length)] ?? circle;
  return html`<svg class="picture drawing" viewBox="0 0 ${WIDTH} ${HEIGHT}" preserveAspectRatio="xMidYMid slice" aria-hidden="true" focusable="false">
${Html.trusted(kind(numbersOf(id)).join(''))}
</svg>`;
}

/** People in a circle, one of whom speaks. */
function circle(next: Numbers): string[] {
  const people = 6 + Math.floor(next() * 4);
  const speaker = Math.floor(next() * people);
  const turn = next() * Math.PI;
  const cx = WIDTH * (0.42 + next() * 0.16);
  const cy = HEIGHT / 2;
  const dots = Array.from({ length: people }, (_, index) => {
    const angle = turn + (index / people) * 2 * Math.PI;
    const radius = index === speaker ? 17 : 10 + next() * 4;
    return disc(cx + Math.cos(angle) * 84, cy + Math.sin(angle) * 56, radius, index === speaker ? 'tone-4' : 'tone-3');
  });
  return [disc(cx, cy, 104, 'tone-1'), disc(cx, cy, 58, 'tone-2'), ...dots];
}

/** Voices that spread and meet. */
function waves(next: Numbers): string[] {
  const left = { x: WIDTH * (0.1 + next() * 0.2), y: HEIGHT * (0.3 + next() * 0.5) };
  const right = { x: WIDTH * (0.7 + next() * 0.2), y: HEIGHT * (0.2 + next() * 0.5) };
  const rings = [120, 88, 56].flatMap((radius, index) => [
    disc(left.x, left.y, radius, `tone-${index + 1}`),
    disc(right.x, right.y, radius * 0.8, `tone-${index + 1}`),
  ]);
  return [...rings, disc(left.x, left.y, 22, 'tone-4'), disc(right.x, right.y, 16, 'tone-4')];
}

/** Parts of something larger. */
function tiles(next: Numbers): string[] {
  const size = 60;
  const shapes: string[] = [];
  const accentAt = Math.floor(next() * 15);
  for (let index = 0; index < 18; index++) {
    const x = (index % 6) * size - 20;
    const y = Math.floor(index / 6) * size;
    const tone = index === accentAt ? 'tone-4' : `tone-${1 + Math.floor(next() * 3)}`;
    const corner = Math.floor(next() * 4);
    const [cx, cy] = [x + (corner % 2) * size, y + Math.floor(corner / 2) * size];
    const [ax, ay] = [corner % 2 === 0 ? x + size : x, cy];
    const [bx, by] = [cx, corner < 2 ? y + size : y];
    const sweep = corner === 0 || corner === 3 ? 1 : 0;
    shapes.push(`<path class="${tone}" d="M${cx} ${cy}L${ax} ${ay}A${size} ${size} 0 0 ${sweep} ${bx} ${by}Z"/>`);
  }
  return shapes;
}

function disc(cx: number, cy: number, radius: number, tone: string): string {
  return `<circle class="${tone}" cx="${Math.round(cx)}" cy="${Math.round(cy)}" r="${Math.round(radius)}"/>`;
}

/** Numbers that look random and follow from a text. */
function numbersOf(text: string): Numbers {
  const bytes = hash('sha512', text, 'buffer');
  let at = 0;
  return () => {
    const number = bytes.readUInt16BE(at % bytes.length) / 65_536;
    at += 2;
    return number;
  };
}
