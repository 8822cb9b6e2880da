import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A way to the server on which the network can fail. */
export interface CuttingProxy extends AsyncDisposable {
  readonly address: string;
  /** From now on lets so many bytes through, then cuts every connection and takes no more. */
  cutAfter(bytes: number, direction: 'up' | 'down'): void;
  /** Lets a request pass that has this text in its head, and cuts every connection instead of bringing the answer. */
  loseAnswerTo(text: string): void;
  /** The network works again. */
  heal(): void;
  /** Whether it was cut since the last `cutAfter`. */
  readonly isCut: boolean;
  /** Settles once it is cut for the first time. */
  readonly firstCut: Promise<void>;
}

export async function startCuttingProxy(server: { readonly address: string }): Promise<CuttingProxy> {
  const port = Number(new URL(server.address).port);
  const open = new Set<Socket>();
  let left = { up: Number.POSITIVE_INFINITY, down: Number.POSITIVE_INFINITY };
  let isCut = false;
  let lost: string | null = null;
  let isAnswerDue = false;
  const { promise: firstCut, resolve: noteCut } = Promise.withResolvers<void>();
  const cut = () => {
    isCut = true;
    noteCut();
    for (const socket of open) socket.destroy();
  };
  const pass = (from: Socket, to: Socket, direction: 'up' | 'down') => {
    open.add(from);
    from.on('data', (bytes: Buffer) => {
      left = { ...left, [direction]: left[direction] - bytes.length };
      if (direction === 'down' && isAnswerDue) return cut();
      if (direction === 'up' && lost !== null && bytes.includes(lost)) isAnswerDue = true;
      if (left[direction] >= 0) to.write(bytes);
      else cut();
    });
    from.once('end', () => to.end());
    from.once('error', () => to.destroy());
    from.once('close', () => {
      open.delete(from);
      to.destroy();
    });
  };
  const proxy = createServer((client) => {
    if (isCut) {
      client.destroy();
      return;
    }
    const upstream = connect(port, '127.0.0.1');
    pass(client, upstream, 'up');
    pass(upstream, client, 'down');
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  return {
    address: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
    cutAfter(bytes, direction) {
      isCut = false;
      left = { up: Number.POSITIVE_INFINITY, down: Number.POSITIVE_INFINITY, [direction]: bytes };
    },
    loseAnswerTo(text) {
      isCut = false;
      lost = text;
    },
    heal() {
      isCut = false;
      isAnswerDue = false;
      lost = null;
      left = { up: Number.POSITIVE_INFINITY, down: Number.POSITIVE_INFINITY };
    },
    firstCut,
    get isCut() {
      return isCut;
    },
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        for (const socket of open) socket.destroy();
        proxy.close(() => resolve());
      }),
  };
}
