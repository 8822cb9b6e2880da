import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

/** What /metrics shows, in Prometheus' form. Labels never hold anything that grows without bound. */
export interface Metrics {
  readonly registry: Registry;
  readonly requestSeconds: Histogram<'route' | 'method' | 'status'>;
  readonly batchSize: Histogram<'operation'>;
  readonly usersWritten: Counter<'change'>;
  readonly completionsStreamed: Counter;
  /** Sessions that a job opened or ended. */
  readonly sessionsAdvanced: Counter<'change'>;
  readonly jobFailures: Counter<'job'>;
  /** Pages that are told of their rooms. */
  readonly roomPages: Gauge;
}

/** `reads` is asked for whenever the metrics are. */
export function createMetrics(reads: Readonly<Record<'primary' | 'standby', number>>): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  new Counter({
    name: 'rollcall_reads_total',
    help: 'Large reads (users, clusters, completions), by where they were done.',
    labelNames: ['from'],
    registers,
    collect() {
      this.reset();
      this.inc({ from: 'primary' }, reads.primary);
      this.inc({ from: 'standby' }, reads.standby);
    },
  });
  return {
    registry,
    requestSeconds: new Histogram({
      name: 'rollcall_http_request_duration_seconds',
      help: 'Time from a request to the end of its answer.',
      labelNames: ['route', 'method', 'status'],
      buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
      registers,
    }),
    batchSize: new Histogram({
      name: 'rollcall_batch_items',
      help: 'Items in a batch of users.',
      labelNames: ['operation'],
      buckets: [1, 2, 5, 10, 20, 50, 100, 150, 200],
      registers,
    }),
    usersWritten: new Counter({
      name: 'rollcall_users_written_total',
      help: 'Users created or updated by batches.',
      labelNames: ['change'],
      registers,
    }),
    completionsStreamed: new Counter({
      name: 'rollcall_completions_streamed_total',
      help: 'Completion records streamed to clients.',
      registers,
    }),
    sessionsAdvanced: new Counter({
      name: 'rollcall_sessions_advanced_total',
      help: 'Sessions opened at their start and ended at their end by the session job.',
      labelNames: ['change'],
      registers,
    }),
    jobFailures: new Counter({
      name: 'rollcall_job_failures_total',
      help: 'Times that a job could not do what was due; it tries again.',
      labelNames: ['job'],
      registers,
    }),
    roomPages: new Gauge({
      name: 'rollcall_room_pages',
      help: 'Pages of session rooms that are connected.',
      registers,
    }),
  };
}
