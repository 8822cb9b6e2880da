/**
 * Loaded into the server with `--import`: measures how long its event loop keeps others waiting, so that the server
 * itself needs no code for it. SIGUSR2 forgets what was measured so far; at exit the figures go to the file named by
 * BENCH_LOOP_FILE, as JSON, in milliseconds over the timer's own interval.
 */
import { writeFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';

const RESOLUTION_MS = 1;

const histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
histogram.enable();
process.on('SIGUSR2', () => histogram.reset());
process.on('exit', () => {
  const overdue = (nanoseconds: number) => Math.max(0, nanoseconds / 1e6 - RESOLUTION_MS);
  const figures = { p99: overdue(histogram.percentile(99)), max: overdue(histogram.max), samples: histogram.count };
  writeFileSync(process.env.BENCH_LOOP_FILE ?? '', JSON.stringify(figures));
});
