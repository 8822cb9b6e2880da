import { once } from 'node:events';
import { connect } from 'node:net';

const STALL_MS_MAX = 30_000;

/**
 * Milliseconds from sending the request to the first byte of the body, on a connection of its own that is then cut: for
 * answers of which nobody wants the rest. Rejects where the answer is no 200.
 */
export async function firstByte(address: string, request: Buffer): Promise<number> {
  const { hostname: host, port } = new URL(address);
  const socket = connect({ host, port: Number(port), signal: AbortSignal.timeout(STALL_MS_MAX) });
  try {
    await once(socket, 'connect');
    const start = performance.now();
    socket.write(request);
    const [bytes] = (await once(socket, 'data')) as [Buffer];
    const status = bytes.toString('latin1', 0, bytes.indexOf('\r\n'));
    if (!status.includes(' 200 ')) throw new Error(`a stream was answered ${status}`);
    return performance.now() - start;
  } finally {
    socket.on('error', () => {}).destroy();
  }
}
