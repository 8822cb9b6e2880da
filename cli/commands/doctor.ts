import { ApiError, AuthenticationError, ConnectionError, PermissionError, type Rollcall } from '@rollcall/client';
import { type ClientOptions, type Context, withContext } from '../context.ts';
import { CommandError } from '../exit.ts';
import { table } from '../table.ts';

type State = 'ok' | 'warn' | 'fail';

/** One thing that was looked at, and what to do about it where it is not well. */
interface Finding {
  readonly check: string;
  readonly state: State;
  readonly found: string;
  readonly remedy: string | null;
}

const CLOCK_SKEW_MS_MAX = 30_000;
const SLOW_MS = 1_000;
const PINGS = 5;
const PROBE_TIMEOUT_MS = 10_000;
/** No session was created or held so early: lists up to here are empty. */
const BEFORE_ALL = '1970-01-01T00:00:01Z';

/** `rollcall doctor`: looks at everything that a sync needs, one thing after the other. */
export async function doctor(options: ClientOptions): Promise<void> {
  await withContext(options, async (context) => {
    const findings: Finding[] = [];
    for await (const finding of examine(context)) {
      findings.push(finding);
      if (!context.ui.json) await context.ui.print(lineOf(finding));
    }
    const failed = findings.filter(({ state }) => state === 'fail').length;
    if (context.ui.json) await context.ui.printJson({ ok: failed === 0, url: context.target.url, findings });
    if (failed > 0) throw new CommandError(`${failed} of ${findings.length} checks failed`);
  });
}

function lineOf({ check, state, found, remedy }: Finding): string {
  return (
    table([[state.padEnd(4), check.padEnd(17), found]]) + (remedy === null ? '' : `\n${' '.repeat(6)}-> ${remedy}`)
  );
}

async function* examine({ target, rollcall, signal }: Context): AsyncGenerator<Finding> {
  const answer = await probe(target.url, signal);
  yield answer.finding;
  yield transport(target.url);
  if (answer.response === null) return;
  yield clock(answer.response, answer.at);
  yield await latency(target.url, signal);
  for (const [scope, use] of Object.entries(uses)) {
    const finding = await tryScope(scope, () => use(rollcall, signal));
    yield finding;
    if (finding.check === 'key') return;
  }
}

async function probe(url: string, signal: AbortSignal) {
  const begun = Date.now();
  const found = (state: State, text: string, remedy: string | null): Finding => ({
    check: 'address',
    state,
    found: text,
    remedy,
  });
  try {
    const response = await ping(url, signal);
    const at = (begun + Date.now()) / 2;
    const body = (await response.json().catch(() => null)) as { status?: unknown } | null;
    if (response.ok && body?.status === 'ok') return { finding: found('ok', url, null), response, at };
    const remedy =
      response.status >= 300 && response.status < 400
        ? `it redirects to ${response.headers.get('location')}: use that address`
        : 'something else answers there, or the server is stopping: check the address, with the path if the server is below one';
    return {
      finding: found('fail', `${url} answers ${response.status}, not as a Rollcall server`, remedy),
      response: null,
      at,
    };
  } catch (error) {
    signal.throwIfAborted();
    const { code, remedy } = networkTrouble(error);
    return { finding: found('fail', `${url} cannot be reached (${code})`, remedy), response: null, at: begun };
  }
}

function ping(url: string, signal: AbortSignal): Promise<Response> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(PROBE_TIMEOUT_MS)]);
  return fetch(`${url}/healthz`, { redirect: 'manual', signal: limit });
}

const troubles: Readonly<Record<string, string>> = {
  ENOTFOUND: 'no such host is known: check the spelling of the address and the name server',
  EAI_AGAIN: 'the name server does not answer: check the network',
  ECONNREFUSED: 'nothing listens there: start the server, or check the port',
  ECONNRESET: 'the connection was cut: check proxies and firewalls on the way',
  ETIMEDOUT: 'no answer: check firewalls on the way',
  TimeoutError: `no answer within ${PROBE_TIMEOUT_MS / 1_000} seconds: check firewalls on the way`,
  CERT_HAS_EXPIRED: 'the certificate of the server has expired: have it renewed',
  ERR_TLS_CERT_ALTNAME_INVALID: 'the certificate is of another name: use the name that it was made for',
  ERR_SSL_WRONG_VERSION_NUMBER: 'the server does not speak TLS there: write http:// or another port',
};

function networkTrouble(error: unknown) {
  const { name, cause } = error as { name?: string; cause?: { code?: string; message?: string } };
  const code = cause?.code ?? name ?? 'unknown';
  const isCertificate = /CERT|SIGNATURE|ISSUER/.test(code);
  const remedy = isCertificate
    ? 'the certificate is not trusted here: set NODE_EXTRA_CA_CERTS to the file of your authority'
    : (cause?.message ?? 'check address and network');
  return { code, remedy: troubles[code] ?? remedy };
}

function transport(url: string): Finding {
  const { protocol, hostname } = new URL(url);
  if (protocol === 'https:') return { check: 'TLS', state: 'ok', found: 'the connection is encrypted', remedy: null };
  const isLocal = hostname === 'localhost' || hostname === '[::1]' || hostname.startsWith('127.');
  if (isLocal) return { check: 'TLS', state: 'ok', found: 'not needed on this machine', remedy: null };
  const remedy = 'the key and the people’s data can be read on the way: put the server behind TLS and write https://';
  return { check: 'TLS', state: 'warn', found: 'the connection is not encrypted', remedy };
}

function clock(response: Response, at: number): Finding {
  const date = Date.parse(response.headers.get('date') ?? '');
  if (Number.isNaN(date))
    return { check: 'clock', state: 'warn', found: 'the server does not say its time', remedy: null };
  // The header has whole seconds, rounded down.
  const skew = at - (date + 500);
  const seconds = Math.round(Math.abs(skew) / 1_000);
  if (Math.abs(skew) <= CLOCK_SKEW_MS_MAX)
    return { check: 'clock', state: 'ok', found: `${seconds} s apart`, remedy: null };
  const remedy = 'one of the two is wrong: spans of time (--from, --to) and webhook signatures suffer; let NTP set it';
  return {
    check: 'clock',
    state: 'fail',
    found: `this machine is ${seconds} s ${skew > 0 ? 'ahead of' : 'behind'} the server`,
    remedy,
  };
}

async function latency(url: string, signal: AbortSignal): Promise<Finding> {
  const times: number[] = [];
  for (let count = 0; count < PINGS; count += 1) {
    const begun = performance.now();
    await (await ping(url, signal)).text();
    times.push(performance.now() - begun);
  }
  const median = Math.round(times.sort((one, other) => one - other)[Math.floor(PINGS / 2)] ?? 0);
  const isSlow = median > SLOW_MS;
  const remedy = isSlow ? 'large rosters will take long: run the sync nearer to the server' : null;
  return { check: 'latency', state: isSlow ? 'warn' : 'ok', found: `${median} ms (median of ${PINGS})`, remedy };
}

type Use = (rollcall: Rollcall, signal: AbortSignal) => Promise<unknown>;

/** For each scope a request that needs it and changes nothing. */
const uses: Readonly<Record<string, Use>> = {
  'users:read': (rollcall, signal) => rollcall.users.page({ pageSize: 1 }, { signal }),
  'users:write': (rollcall, signal) =>
    rollcall.users.deactivate([{ remoteId: 'rollcall-doctor' }], { signal, dryRun: true }),
  'clusters:read': (rollcall, signal) => rollcall.clusters.list({ to: BEFORE_ALL }, { signal }),
  'completions:read': async (rollcall, signal) => {
    for await (const _ of rollcall.completions.list({ to: BEFORE_ALL }, { signal }));
  },
};

async function tryScope(scope: string, use: () => Promise<unknown>): Promise<Finding> {
  const check = `scope ${scope}`;
  try {
    await use();
    return { check, state: 'ok', found: 'granted', remedy: null };
  } catch (error) {
    if (error instanceof AuthenticationError) {
      const remedy = 'it is mistyped, expired or revoked: copy it again or make a new one (rollcall key create)';
      return { check: 'key', state: 'fail', found: 'the server does not know the key', remedy };
    }
    if (error instanceof PermissionError) {
      return {
        check,
        state: 'warn',
        found: 'the key lacks it',
        remedy: `if you need it: rollcall key create --scope ${scope}`,
      };
    }
    if (error instanceof ApiError || error instanceof ConnectionError) {
      return {
        check,
        state: 'fail',
        found: error.message,
        remedy: 'try again; if it stays, ask whoever runs the server',
      };
    }
    throw error;
  }
}
