import { chownSync, cpSync, readdirSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { startPostgres } from '../../../scripts/postgres.js';
import { askServer } from './postgres-servers.ts';

type Postgres = Awaited<ReturnType<typeof startPostgres>>;

/** A primary and a hot standby that replays what the primary streams to it. */
export interface PostgresPair extends AsyncDisposable {
  readonly primary: Postgres;
  readonly standby: Postgres;
  /** Resolves once the standby has replayed all that the primary has written by now. */
  caughtUp(): Promise<void>;
  /** Stops replay on the standby, or lets it go on. */
  replay(how: 'pause' | 'resume'): Promise<void>;
}

/** What the standby cancels is for the tests to say: nothing is cleaned up on the primary but what they clean up. */
const PRIMARY = { autovacuum: 'off' };
/** Replay waits for no reader. */
const STANDBY = { max_standby_streaming_delay: '0', hot_standby_feedback: 'off' };

/** The standby begins as a copy of the stopped primary, which takes no program that a system may lack. */
export async function startPostgresPair(): Promise<PostgresPair> {
  const primary = await startPostgres({ settings: PRIMARY });
  await primary.stop();
  const standby = await startPostgres({
    settings: STANDBY,
    from: async (directory) => {
      copyCluster(primary, directory);
      await primary.start();
    },
  });
  const ask = <Row extends object>(server: Postgres, statement: string) =>
    askServer<Row>(server.url('postgres'), statement);
  return {
    primary,
    standby,
    async caughtUp() {
      const [written] = await ask<{ lsn: string }>(primary, 'select pg_current_wal_flush_lsn()::text as lsn');
      const statement = `select coalesce(pg_last_wal_replay_lsn() >= '${written?.lsn}', false) as done`;
      while (!(await ask<{ done: boolean }>(standby, statement))[0]?.done);
    },
    async replay(how) {
      await ask(standby, `select pg_wal_replay_${how}()`);
      // A pause takes effect at the next record.
      while (how === 'pause' && !(await isPaused(standby))) {
        await ask(primary, 'select pg_switch_wal()');
      }
    },
    async [Symbol.asyncDispose]() {
      await standby.remove();
      await primary.remove();
    },
  };
}

async function isPaused(standby: Postgres): Promise<boolean> {
  const statement = 'select pg_get_wal_replay_pause_state() as state';
  return (await askServer<{ state: string }>(standby.url('postgres'), statement))[0]?.state === 'paused';
}

function copyCluster({ data, port, owner }: Postgres, directory: string): void {
  cpSync(data, directory, { recursive: true, verbatimSymlinks: true });
  const conninfo = `primary_conninfo = 'host=127.0.0.1 port=${port} user=rollcall'\n`;
  writeFileSync(join(directory, 'standby.signal'), '');
  writeFileSync(join(directory, 'postgresql.auto.conf'), conninfo);
  const { uid, gid = uid } = owner;
  if (uid === undefined || gid === undefined) return;
  for (const path of ['', ...readdirSync(directory, { recursive: true, encoding: 'utf8' })]) {
    chownSync(join(directory, path), uid, gid);
  }
}

/** A way to a server on which silence can fall: connections stay, but nothing comes through any more. */
export interface SilentWay extends AsyncDisposable {
  readonly port: number;
  fallSilent(): void;
  speakAgain(): void;
}

export async function openSilentWay(to: number): Promise<SilentWay> {
  const sockets = new Set<Socket>();
  let isSilent = false;
  const server = createServer((near) => {
    const far = connect(to, '127.0.0.1');
    for (const [from, onto] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from);
      from.on('error', () => onto.destroy());
      from.on('close', () => {
        sockets.delete(from);
        onto.destroy();
      });
      from.on('data', (bytes: Buffer) => onto.write(bytes));
      if (isSilent) from.pause();
    }
  });
  const port = await new Promise<number>((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      resolve(typeof address === 'object' && address ? address.port : 0);
    });
  });
  return {
    port,
    fallSilent() {
      isSilent = true;
      for (const socket of sockets) socket.pause();
    },
    speakAgain() {
      isSilent = false;
      for (const socket of sockets) socket.resume();
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
