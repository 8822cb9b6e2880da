import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Frame, Page } from 'playwright-core';

/** A site of somebody else, whose only page frames a form and keeps what it is told. */
export interface HostSite extends AsyncDisposable {
  /** `http://localhost:PORT`: another site than `127.0.0.1`, so that the frame is a third party to it. */
  readonly origin: string;
}

/** A message as the host page got it. */
export interface HostMessage {
  readonly origin: string;
  readonly data: unknown;
}

/** Starts a site whose page frames a form with this embed code, to the letter. */
export async function startHostSite(iframeCode: string): Promise<HostSite> {
  const page = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Intranet</title></head>
<body><h1>Intranet</h1>
<script>
  window.messages = [];
  window.addEventListener('message', ({ origin, data }) => {
    window.messages.push({ origin, data });
    if (data.type === 'rollcall:height') document.querySelector('iframe').style.height = data.height + 'px';
  });
</script>
${iframeCode}
</body></html>`;
  const server = createServer((request, response) => {
    const isPage = request.url === '/';
    response.writeHead(isPage ? 200 : 204, { 'content-type': 'text/html; charset=utf-8' }).end(isPage ? page : '');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    origin: `http://localhost:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** What the host page has been told so far. */
export function messagesOf(page: Page): Promise<HostMessage[]> {
  return page.evaluate('window.messages');
}

/** The framed page. */
export function frameOf(page: Page): Frame {
  const frame = page.frames()[1];
  if (!frame) throw new Error('the page has no frame');
  return frame;
}
