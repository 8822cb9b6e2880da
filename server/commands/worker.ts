import cluster from 'node:cluster';
import type { App, Colleagues } from '../app.ts';
import { readConfig } from '../config.ts';
import { DEMO_SLUG } from '../demo/make-demo.ts';
import { type Announcement, Announcements } from '../store/broadcast.ts';
import { startServer, stopSignal } from './serve.ts';
import type { FromWorker, ToWorker } from './worker-messages.ts';

export interface WorkerOptions {
  /** Tells the processes apart in the log. */
  readonly number: string;
  readonly jobs?: true;
  readonly demo?: true;
}

/** `rollcall worker`: one of the processes that `serve` starts where WORKERS says so. */
export async function work({ number, jobs, demo }: WorkerOptions): Promise<void> {
  const { worker } = cluster;
  if (!worker)
    throw new Error('a worker is started by "rollcall serve" alone. Set WORKERS to how many there are to be');
  const primary = new Primary();
  try {
    await serveFor(primary, { number: Number(number), hasJobs: jobs === true, hasDemo: demo === true });
  } catch (error) {
    primary.tell({ kind: 'failed', message: error instanceof Error ? error.message : String(error) });
    process.exitCode = 1;
  }
  worker.disconnect();
}

interface Place {
  readonly number: number;
  readonly hasJobs: boolean;
  readonly hasDemo: boolean;
}

async function serveFor(primary: Primary, { number, hasJobs, hasDemo }: Place): Promise<void> {
  const colleagues: Colleagues = {
    hasJobs,
    relay: {
      send: (announcements) => primary.announce(announcements),
      receive: (listener) => primary.on('announcements', (message) => listener(message.announcements)),
    },
    wakeMailer: () => primary.tell({ kind: 'wake-mailer' }),
    gatherMetrics: () => primary.gatherMetrics(),
  };
  const stopWish = new Promise<void>((resolve) => primary.on('stop', () => resolve()));
  await using app = await startServer(readConfig(), { demo: hasDemo ? DEMO_SLUG : null, colleagues, worker: number });
  primary.on('wake-mailer', () => app.wakeMailer());
  primary.on('read-metrics', ({ id }) => sendMetrics(primary, app, id));
  primary.tell({ kind: 'ready', address: app.address });
  await Promise.race([stopWish, stopSignal()]);
}

function sendMetrics(primary: Primary, { metrics }: App, id: number): void {
  void metrics.registry.getMetricsAsJSON().then((json) => primary.tell({ kind: 'metrics', id, metrics: json }));
}

type MessageOf<Kind extends ToWorker['kind']> = Extract<ToWorker, { readonly kind: Kind }>;

/** The process that started this one, as this one sees it. */
class Primary {
  readonly #listeners = new Map<string, (message: never) => void>();
  readonly #gathering = new Map<number, (text: string) => void>();
  #gathered = 0;
  readonly #announcements = new Announcements();

  constructor() {
    process.on('message', (message: ToWorker) => this.#listeners.get(message.kind)?.(message as never));
    this.on('gathered-metrics', ({ id, text }) => {
      this.#gathering.get(id)?.(text);
      this.#gathering.delete(id);
    });
  }

  on<Kind extends ToWorker['kind']>(kind: Kind, listener: (message: MessageOf<Kind>) => void): void {
    this.#listeners.set(kind, listener);
  }

  /** Says nothing to one that is gone: its end is ours too. */
  tell(message: FromWorker): void {
    if (process.connected) process.send?.(message, undefined, undefined, () => {});
  }

  /** Those of one turn of the event loop go together: a group of transactions has many that are the same. */
  announce(announcements: readonly Announcement[]): void {
    if (this.#announcements.isEmpty) setImmediate(() => this.#sendAnnouncements());
    for (const announcement of announcements) this.#announcements.add(announcement);
  }

  gatherMetrics(): Promise<string> {
    const id = this.#gathered++;
    return new Promise((resolve) => {
      this.#gathering.set(id, resolve);
      this.tell({ kind: 'gather-metrics', id });
    });
  }

  #sendAnnouncements(): void {
    this.tell({ kind: 'announcements', announcements: this.#announcements.take() });
  }
}
