import { afterAll, describe, expect, test } from 'vitest';
import { archiveCluster } from '../actions/archive-cluster.ts';
import { contextOf } from './support/learning.ts';
import { addOffer, changeSettings, fillSession, joinLinkOn, sendForm } from './support/offers.ts';
import type { Reply } from './support/request.ts';
import { startTestServer } from './support/test-server.ts';

const server = await startTestServer({ environment: { SIGN_UP_LIMIT: '0' } });
afterAll(() => server[Symbol.asyncDispose]());

function heading(page: Reply): [number, string | undefined] {
  return [page.status, /<h2[^>]*>([^<]+)<\/h2>/.exec(page.text)?.[1]];
}

/** A header's directives by name. */
function policyOf(page: Reply): Record<string, string> {
  const directives = String(page.headers['content-security-policy']).split('; ');
  return Object.fromEntries(directives.map((directive) => directive.split(/ (.*)/, 2)));
}

describe('a form that takes nobody has a page of its own', () => {
  test('where seats are given by invitation', async () => {
    const acme = await server.createOrganization();
    const offer = await addOffer(server, acme, { selfRegistration: false });
    expect(heading(await server.request(offer.path))).toEqual([403, 'By invitation only']);
    expect(heading(await sendForm(server, offer))).toEqual([403, 'By invitation only']);
  });

  test('where the cluster is archived', async () => {
    const acme = await server.createOrganization();
    const offer = await addOffer(server, acme);
    await archiveCluster(contextOf(server), acme.id, offer.clusterId, { cancelSessions: true });
    expect(heading(await server.request(offer.path))).toEqual([410, 'No longer offered']);
    expect(heading(await sendForm(server, offer))).toEqual([410, 'No longer offered']);
  });

  test('where there are no dates', async () => {
    const acme = await server.createOrganization();
    const offer = await addOffer(server, acme, { capacities: [] });
    expect(heading(await server.request(offer.path))).toEqual([200, 'No dates yet']);
    expect(heading(await sendForm(server, offer))).toEqual([200, 'No dates yet']);
  });

  test('where there are no seats', async () => {
    const acme = await server.createOrganization();
    const offer = await addOffer(server, acme, { capacities: [1, 1] });
    for (const { id } of offer.sessions) await fillSession(server, acme, id, 1);
    const page = await server.request(offer.path);
    expect(heading(page)).toEqual([200, 'No seats left']);
    expect(page.text.match(/>Full</g)).toHaveLength(2);
    expect(page.text).not.toContain('<form');
    expect(heading(await sendForm(server, offer))).toEqual([409, 'No seats left']);
  });

  test('where there is no such form, or it is another organization’s', async () => {
    const acme = await server.createOrganization();
    const other = await server.createOrganization();
    const { clusterId } = await addOffer(server, acme);
    for (const path of [
      `/embed/${other.slug}/${clusterId}`,
      `/embed/${acme.slug}/${clusterId.toUpperCase()}`,
      `/embed/${acme.slug}/x`,
      `/embed/nobody/${clusterId}`,
      `/embed/${acme.slug}`,
      '/embed/',
      `/embed/${acme.slug}/${clusterId}/more`,
    ]) {
      const page = await server.request(path);
      expect([path, page.status, page.headers['content-type']]).toEqual([path, 404, 'text/html; charset=utf-8']);
    }
  });
});

describe('a page', () => {
  test('runs, loads and talks to nothing but this server, passes its address on to nobody, and is not kept', async () => {
    const acme = await server.createOrganization();
    const { path } = await addOffer(server, acme);
    const page = await server.request(path);
    const { 'style-src': style, ...policy } = policyOf(page);
    expect(policy).toEqual({
      'default-src': "'none'",
      'script-src': "'self'",
      'img-src': "'self'",
      'connect-src': "'self'",
      'frame-src': "'none'",
      'base-uri': "'none'",
      'form-action': "'self'",
    });
    expect(style).toMatch(/^'self' 'sha256-[\w+/=]+'$/);
    expect(page.headers).toMatchObject({
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-store',
      'x-robots-tag': 'noindex',
    });
    expect(page.headers['x-frame-options']).toBeUndefined();
  });

  test('may be framed by the organization’s sites only, where it has named some', async () => {
    const acme = await server.createOrganization();
    const offer = await addOffer(server, acme);
    const embedOrigins = ['https://intranet.example.com', 'https://wiki.example.com:8443'];
    await changeSettings(server, acme, { embedOrigins });
    for (const page of [await server.request(offer.path), await sendForm(server, offer)]) {
      expect(policyOf(page)['frame-ancestors']).toBe(embedOrigins.join(' '));
    }
  });

  test('loads a module’s picture from its site, and no other', async () => {
    const acme = await server.createOrganization();
    const thumbnailUrl = 'https://pictures.example.com/a.png?b="c"';
    const offer = await addOffer(server, acme, { module: { thumbnailUrl } });
    const page = await server.request(offer.path);
    expect(page.text).toContain('src="https://pictures.example.com/a.png?b=%22c%22"');
    expect(policyOf(page)['img-src']).toBe("'self' https://pictures.example.com");
  });

  test('draws a picture of a module that has none, the same every time, another for each', async () => {
    const acme = await server.createOrganization();
    const [one, other] = [await addOffer(server, acme), await addOffer(server, acme)];
    const drawing = async (path: string) => /<svg[\s\S]*?<\/svg>/.exec((await server.request(path)).text)?.[0];
    expect(await drawing(one.path)).toContain('<svg class="picture drawing"');
    expect(await drawing(one.path)).toBe(await drawing(one.path));
    expect(await drawing(one.path)).not.toBe(await drawing(other.path));
  });

  test('wears the organization’s accent', async () => {
    const acme = await server.createOrganization();
    const { path } = await addOffer(server, acme);
    await changeSettings(server, acme, { accentColor: '#aa3377' });
    expect((await server.request(path)).text).toContain('--accent:#aa3377;--accent-text:#ffffff');
  });

  test('weighs less than 60 kB with all that it loads, even uncompressed; files are kept for ever', async () => {
    const acme = await server.createOrganization();
    const offer = await addOffer(server, acme, { capacities: Array.from({ length: 12 }, () => 6) });
    const pages = [await server.request(offer.path), await sendForm(server, offer)];
    for (const page of pages) {
      let bytes = page.bytes.length;
      const files = [...page.text.matchAll(/(?:href|src)="((?:\.\.\/)+(assets\/[^"]+))"/g)].map(
        ([, , file]) => file ?? '',
      );
      expect(files.length).toBeGreaterThanOrEqual(4);
      // The script imports another.
      for (const file of new Set([...files, (files.at(-1) ?? '').replace('embed.js', 'times.js')])) {
        const reply = await server.request(`/${file}`);
        expect([file, reply.status, reply.headers['cache-control']]).toEqual([
          file,
          200,
          'public, max-age=31536000, immutable',
        ]);
        bytes += reply.bytes.length;
      }
      expect(bytes).toBeLessThan(60_000);
    }
  });

  test('names its own files and addresses by where they are from it, so that it works below any path of a proxy', async () => {
    const acme = await server.createOrganization();
    const offer = await addOffer(server, acme);
    for (const page of [await server.request(offer.path), await sendForm(server, offer, { email: '' })]) {
      const addresses = [...page.text.matchAll(/(?:href|src|action)="([^"]*)"/g)].map(([, address]) => address);
      expect(addresses.length).toBeGreaterThan(4);
      for (const address of addresses) expect(address).not.toMatch(/^(\/|[a-z]+:)/);
    }
  });

  test('asks for its files in the coding that the browser takes', async () => {
    const acme = await server.createOrganization();
    const { path } = await addOffer(server, acme);
    const file = /assets\/\w+\/style\.css/.exec((await server.request(path)).text)?.[0];
    const coding = async (accepted: string) => {
      const { headers } = await server.request(`/${file}`, { headers: { 'accept-encoding': accepted } });
      return [headers['content-encoding'], headers.vary];
    };
    expect(await coding('gzip, deflate, br')).toEqual(['br', 'Accept-Encoding']);
    expect(await coding('gzip, br;q=0')).toEqual(['gzip', 'Accept-Encoding']);
    expect(await coding('')).toEqual([undefined, 'Accept-Encoding']);
  });

  test('of an older version still finds its files after an update, to be asked for again', async () => {
    const old = await server.request('/assets/000000000000/style.css');
    expect([old.status, old.headers['cache-control']]).toEqual([200, 'no-cache']);
    expect((await server.request('/assets/000000000000/other.css')).status).toBe(404);
    expect((await server.request('/assets/000000000000/..%2fpages.ts')).status).toBe(404);
  });
});

test('markup in any text that reaches a page is shown as text', async () => {
  const attack = `"><script>alert(1)</script><img src=x onerror=alert(2)>'\`{{7*7}}\${x}`;
  const acme = await server.createOrganization();
  await changeSettings(server, acme, { name: attack });
  const module = { name: attack, category: attack, description: `${attack}\n\n${attack}`, thumbnailUrl: null };
  const offer = await addOffer(server, acme, { module, capacities: [6, 6] });
  const query = new URLSearchParams({ firstName: attack, lastName: attack, email: attack, session: attack });
  const fields = { firstName: attack, lastName: attack, zone: attack, host: attack };
  const pages = [
    await server.request(`${offer.path}?${query}`),
    await sendForm(server, offer, fields),
    await sendForm(server, offer, { ...fields, email: attack, session: attack, subject: attack }),
    await sendForm(server, offer, { ...fields, session: attack }),
    await server.request(`/embed/${encodeURIComponent(attack)}/x`),
    await server.request(`/join/${encodeURIComponent(attack)}`),
  ];
  expect(pages.map(({ status }) => status)).toEqual([200, 200, 422, 409, 404, 404]);
  for (const { text } of pages) {
    expect(text).not.toMatch(/<script(?! type="module" src="[./]*assets\/)/);
    expect(text).not.toMatch(/<img|onerror=alert\(2\)>/);
    expect(text).not.toContain('"><script>');
  }
  expect(pages[0]?.text).toContain('&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;');
});

describe('many forms at once', () => {
  test('from one address are refused with the form, still filled in, and how long to wait; others are not', async () => {
    await using own = await startTestServer({ environment: { SIGN_UP_LIMIT: '3', TRUST_PROXY: '1' } });
    const acme = await own.createOrganization();
    const offer = await addOffer(own, acme, { capacities: [50] });
    const send = (address: string) => sendForm(own, offer, {}, { 'x-forwarded-for': address });

    const pages = [];
    // Forms that are filled in wrongly do not count.
    for (let count = 0; count < 4; count++) {
      const fields = { email: 'no address' };
      expect((await sendForm(own, offer, fields, { 'x-forwarded-for': '192.0.2.1' })).status).toBe(422);
    }
    for (let count = 0; count < 4; count++) pages.push(await send('192.0.2.1'));

    expect(pages.map(({ status }) => status)).toEqual([200, 200, 200, 429]);
    const last = pages[3];
    expect(last?.headers['content-type']).toBe('text/html; charset=utf-8');
    expect(Number(last?.headers['retry-after'])).toBeGreaterThan(0);
    expect(Number(last?.headers['retry-after'])).toBeLessThanOrEqual(60);
    expect(last?.text).toMatch(/role="alert"[^>]*><h2>One moment, please<\/h2><p>[^<]*Wait \d+ seconds?, then/);
    expect(last?.text).toMatch(/name="firstName"[^>]* value="Ada"/);
    expect(last?.text).toMatch(/name="consent"[^>]* checked/);
    expect(last && joinLinkOn(last)).toBe(null);
    expect((await send('192.0.2.2')).status).toBe(200);
    // Looking at the form is free, for everyone.
    expect((await own.request(offer.path, { headers: { 'x-forwarded-for': '192.0.2.1' } })).status).toBe(200);
    // What a visitor writes in front of the proxy's own entry is not believed.
    expect((await send('198.51.100.7, 192.0.2.1')).status).toBe(429);
    // One home or office on IPv6 has a network of addresses.
    for (let count = 1; count <= 3; count++) await send(`2001:db8:1:2::${count}`);
    expect((await send('2001:db8:1:2::99')).status).toBe(429);
    expect((await send('2001:db8:1:3::1')).status).toBe(200);
  });

  test('are counted by connection where no proxy is trusted, whatever they say of themselves', async () => {
    await using own = await startTestServer({ environment: { SIGN_UP_LIMIT: '2' } });
    const acme = await own.createOrganization();
    const offer = await addOffer(own, acme);
    const statuses = [];
    for (let count = 0; count < 3; count++) {
      statuses.push((await sendForm(own, offer, {}, { 'x-forwarded-for': `192.0.2.${count}` })).status);
    }
    expect(statuses).toEqual([200, 200, 429]);
  });
});
