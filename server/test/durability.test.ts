import { expect, test } from 'vitest';
import { crashAgainAndAgain } from './support/crash.ts';
import { createInstallation } from './support/program.ts';

const KILLS = 8;
const TIMEOUT_MS = 180_000;

test(
  'a server that is killed at any moment has every batch that it answered, and every other one whole or not at all',
  async () => {
    await using installation = await createInstallation();
    const report = await crashAgainAndAgain(installation, { clients: 4, kills: KILLS, workMsMax: 1_000 });
    expect(report.faults).toEqual([]);
    expect(report.acknowledged).toBeGreaterThan(KILLS);
  },
  TIMEOUT_MS,
);
