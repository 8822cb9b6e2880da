import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { runChild } from './child.js';

const CHILD_URL = JSON.stringify(new URL('child.js', import.meta.url).href);

/** A parent that runs `program` by runChild and exits with its code. */
function startParent(program: string) {
  const source = `
    const { runChild } = await import(${CHILD_URL});
    const { code, interrupted } = await runChild(process.execPath, ['-e', ${JSON.stringify(program)}]);
    console.log('interrupted: ' + interrupted);
    process.exitCode = code;
  `;
  const parent = spawn(process.execPath, ['--input-type=module', '-e', source], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  parent.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  const until = async (text: string) => {
    while (!output.includes(text)) await once(parent.stdout, 'data');
  };
  return { parent, until, output: () => output };
}

test('the exit code of a program comes through', async () => {
  expect(await runChild(process.execPath, ['-e', 'process.exitCode = 2'])).toMatchObject({
    code: 2,
    interrupted: null,
  });
});

test('what a program writes is captured where it is asked for', async () => {
  const program = 'console.log("out"); console.error("err")';
  const { output } = await runChild(process.execPath, ['-e', program], { stdio: ['ignore', 'pipe', 'pipe'] });
  expect(output.split('\n').sort()).toEqual(['', 'err', 'out']);
});

test('a program that cannot be started is an error that names it', async () => {
  await expect(runChild('no-such-program-here', [])).rejects.toThrow('no-such-program-here');
});

test.each(['SIGTERM', 'SIGINT'] as const)(
  '%s reaches the program, which may finish its work before both end',
  async (signal) => {
    const program = `
    process.once('${signal}', () => setTimeout(() => { console.log('finished'); process.exit(7); }, 100));
    setInterval(() => {}, 1000);
    console.log('ready');
  `;
    const { parent, until, output } = startParent(program);
    await until('ready');
    parent.kill(signal);
    const [code] = await once(parent, 'close');
    expect({ code, output: output() }).toEqual({ code: 7, output: `ready\nfinished\ninterrupted: ${signal}\n` });
  },
);

test('a program that a signal ends gives the exit code that shells give', async () => {
  const { parent, until } = startParent("setInterval(() => {}, 1000); console.log('ready');");
  await until('ready');
  parent.kill('SIGTERM');
  const [code] = await once(parent, 'close');
  expect(code).toBe(128 + 15);
});
