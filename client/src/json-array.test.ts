import fc from 'fast-check';
import { expect, test } from 'vitest';
import { InvalidResponseError, TruncatedError } from './errors.ts';
import { readJsonArray } from './json-array.ts';

/** The bytes of a text in chunks of these sizes, again and again; a character may lie in two of them. */
async function* chunked(bytes: Uint8Array, sizes: readonly number[]): AsyncGenerator<Uint8Array> {
  for (let at = 0, turn = 0; at < bytes.length; turn++) {
    const size = sizes[turn % sizes.length] ?? 1;
    yield bytes.subarray(at, at + size);
    at += size;
  }
}

async function read(text: string, sizes: readonly number[] = [7]): Promise<unknown[]> {
  const elements: unknown[] = [];
  for await (const element of readJsonArray(chunked(new TextEncoder().encode(text), sizes))) elements.push(element);
  return elements;
}

/** Text with what could mislead: brackets, quotes, backslashes, characters of several bytes. */
const trickyText = fc.string({
  unit: fc.constantFrom('[', ']', '{', '}', ',', '"', '\\', ':', ' ', '\n', 'a', 'é', '€', '𝄞', '\u2028'),
});
const value = fc.jsonValue({ stringUnit: 'grapheme' });
const elements = fc.array(fc.oneof(value, trickyText, fc.dictionary(trickyText, fc.array(trickyText))));
const sizes = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 5 });
const indent = fc.constantFrom('', ' ', '\n\t');

test('any array comes out as JSON.parse has it, wherever it is cut', async () => {
  await fc.assert(
    fc.asyncProperty(elements, indent, sizes, async (array, space, cuts) => {
      const text = JSON.stringify(array, null, space);
      expect(await read(`${space}${text}${space}`, cuts)).toEqual(JSON.parse(text));
    }),
  );
});

test('an array that is cut short anywhere is an error, after the elements that came whole', async () => {
  await fc.assert(
    fc.asyncProperty(
      elements,
      sizes,
      fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      async (array, cuts, part) => {
        const text = JSON.stringify(array);
        const bytes = new TextEncoder().encode(text);
        const cut = bytes.subarray(0, Math.floor(bytes.length * part));
        const met: unknown[] = [];
        const reading = (async () => {
          for await (const element of readJsonArray(chunked(cut, cuts))) met.push(element);
        })();
        await expect(reading).rejects.toBeInstanceOf(TruncatedError);
        expect(met).toEqual((JSON.parse(text) as unknown[]).slice(0, met.length));
      },
    ),
  );
});

test.each([
  ['an object', '{"items":[]}'],
  ['a page', '<html>[1]</html>'],
  ['an element that is missing', '[1,,2]'],
  ['a comma at the end', '[1,]'],
  ['a comma alone', '[,]'],
  ['words', '[yes]'],
  ['more after the end', '[1] [2]'],
  ['a wrong bracket', '[{"a":1]]'],
])('%s is refused', async (_, text) => {
  await expect(read(text)).rejects.toBeInstanceOf(InvalidResponseError);
});

test.each([
  ['nothing', ''],
  ['white space', ' \n'],
  ['an opened array', '['],
  ['an element without what follows', '[{"a":1}'],
  ['a comma at the end', '[{"a":1},'],
])('%s is no empty or shorter array', async (_, text) => {
  await expect(read(text)).rejects.toBeInstanceOf(TruncatedError);
});
