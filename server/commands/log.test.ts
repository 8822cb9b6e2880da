import { once } from 'node:events';
import { PassThrough, Writable } from 'node:stream';
import { expect, test } from 'vitest';
import { LogLines, type LogTarget } from './log.ts';

const LINE = `${'x'.repeat(999)}\n`;

test('lines that a stalled reader has no room for are dropped, and their number is told once it reads on', async () => {
  const target = new PassThrough();
  const lines = new LogLines(target as unknown as LogTarget);
  const heard: string[] = [];
  for (let line = 0; line < 20_000; line++) lines.write(LINE);
  expect(target.writableLength).toBeLessThan(6_000_000);
  target.setEncoding('utf8').on('data', (text: string) => heard.push(text));
  while (target.writableLength > 0) await once(target, 'data');
  lines.write('{"msg":"later"}\n');
  await lines.end();
  const [told, later] = heard
    .join('')
    .trimEnd()
    .split('\n')
    .slice(-2)
    .map((line) => JSON.parse(line));
  const arrived = heard.join('').split(LINE).length - 1;
  expect(told).toMatchObject({ level: 40, dropped: 20_000 - arrived });
  expect(arrived).toBeLessThan(6_000);
  expect(later).toEqual({ msg: 'later' });
});

test('a reader that is gone is written to no more', async () => {
  let writes = 0;
  const target = new Writable({
    write(_chunk, _encoding, done) {
      writes++;
      done(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }));
    },
  });
  const lines = new LogLines(target as unknown as LogTarget);
  lines.write(LINE);
  lines.flush();
  await new Promise((resolve) => target.once('close', resolve));
  for (let line = 0; line < 100; line++) lines.write(LINE);
  await lines.end();
  expect(writes).toBe(1);
});
