import { once } from 'node:events';
import type { AddressInfo, Server } from 'node:net';
import PostalMime, { type Email } from 'postal-mime';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';

/** A mail that came in, read by a library that has no part in writing it. */
export interface ReceivedMail {
  readonly from: string;
  /** Whom the envelope names. */
  readonly to: readonly string[];
  readonly email: Email;
}

/** A mail server on a port of its own that keeps what it is sent. */
export interface MailServer extends AsyncDisposable {
  /** For SMTP_URL. */
  readonly url: string;
  readonly mails: readonly ReceivedMail[];
  /** The number of mails that came, once there are so many; throws after some seconds. */
  waitFor(count: number): Promise<readonly ReceivedMail[]>;
}

/** Refusals and their reply codes, for as long as they stand here: `{ rcpt: 550 }`. */
export interface MailTroubles {
  rcpt?: number;
  data?: number;
}

const WAIT_MS_MAX = 15_000;

/** Starts a mail server; it takes everything except what `troubles` say. */
export async function startMailServer(troubles: MailTroubles = {}, port = 0): Promise<MailServer> {
  const mails: ReceivedMail[] = [];
  const options: SMTPServerOptions = {
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    onRcptTo: (_address, _session, answer) => answer(refusal(troubles.rcpt)),
    onData: (stream, { envelope }, answer) => {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        const fault = refusal(troubles.data);
        if (fault) return answer(fault);
        void PostalMime.parse(Buffer.concat(chunks)).then((email) => {
          const from = envelope.mailFrom === false ? '' : envelope.mailFrom.address;
          mails.push({ from, to: envelope.rcptTo.map(({ address }) => address), email });
          answer();
        });
      });
    },
  };
  const server = new SMTPServer(options);
  const listening: Server = server.listen(port, '127.0.0.1');
  await once(listening, 'listening');
  return {
    url: `smtp://127.0.0.1:${(listening.address() as AddressInfo).port}`,
    mails,
    async waitFor(count) {
      const until = performance.now() + WAIT_MS_MAX;
      while (mails.length < count) {
        if (performance.now() > until) throw new Error(`${mails.length} mails came, not ${count}`);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      return mails;
    },
    async [Symbol.asyncDispose]() {
      await new Promise<void>((resolve) => server.close(resolve));
    },
  };
}

function refusal(responseCode: number | undefined): Error | null {
  return responseCode === undefined ? null : Object.assign(new Error('refused by the test'), { responseCode });
}
