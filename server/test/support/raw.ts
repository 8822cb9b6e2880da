import { connect, type Socket } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { makeReply, type Reply } from './request.ts';

/** A bare TCP connection to a server, for what no HTTP client would send. */
export async function connectRaw(address: string): Promise<Socket> {
  const { hostname, port } = new URL(address);
  const socket = connect({ host: hostname, port: Number(port) });
  await new Promise<void>((resolve, reject) => socket.once('connect', resolve).once('error', reject));
  return socket;
}

/** Sends bytes and reads the one answer, until the server closes the connection. */
export async function sendRaw(address: string, bytes: string | Uint8Array): Promise<Reply> {
  const socket = await connectRaw(address);
  socket.write(bytes);
  return parseAnswer(await buffer(socket));
}

/** Reads an answer of known length (or until the end) as it came over the wire. */
export function parseAnswer(bytes: Buffer): Reply {
  const headEnd = bytes.indexOf('\r\n\r\n');
  if (headEnd < 0) throw new Error(`no HTTP answer: ${JSON.stringify(bytes.toString('latin1'))}`);
  const [statusLine = '', ...lines] = bytes.toString('latin1', 0, headEnd).split('\r\n');
  const headers = lines.map((line) => /^([^:]+):\s*(.*)$/.exec(line)?.slice(1) as [string, string]);
  const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(statusLine)?.[1]);
  const byName = Object.fromEntries(headers.map(([name, value]) => [name.toLowerCase(), value]));
  return makeReply(status, byName, bytes.subarray(headEnd + 4));
}
