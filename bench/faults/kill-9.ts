/**
 * Kills a server again and again (SIGKILL) while clients send batches, on each engine, and compares what is stored with
 * what was answered: `node bench/faults/kill-9.ts [--kills 200] [--engine sqlite]`. Prints one JSON object an engine.
 */
import { parseArgs } from 'node:util';
import { crashAgainAndAgain } from '../../server/test/support/crash.ts';
import { createInstallation } from '../../server/test/support/program.ts';
import { type Engine, makeStorage } from './storage.ts';

const CLIENTS = 4;
const WORK_MS_MAX = 1_000;

const { values } = parseArgs({ options: { kills: { type: 'string', default: '200' }, engine: { type: 'string' } } });
const engines: readonly Engine[] = values.engine === undefined ? ['sqlite', 'postgres'] : [values.engine as Engine];
for (const engine of engines) {
  await using installation = await createInstallation(await makeStorage(engine));
  const startedAt = performance.now();
  const options = { clients: CLIENTS, kills: Number(values.kills), workMsMax: WORK_MS_MAX };
  const report = await crashAgainAndAgain(installation, options);
  const seconds = Math.round((performance.now() - startedAt) / 1_000);
  process.stdout.write(`${JSON.stringify({ engine, ...report, seconds })}\n`);
  if (report.faults.length > 0) process.exitCode = 1;
}
