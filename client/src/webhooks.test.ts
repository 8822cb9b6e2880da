import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { WebhookVerificationError } from './errors.ts';
import { verifyWebhook } from './webhooks.ts';

const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const OTHER = `whsec_${Buffer.from('another secret of some length').toString('base64')}`;
const NOW = 1_614_265_330_000;
const body = '{"test": 2432232314}';

function sign(text: string, { secret = SECRET, id = 'msg_1', at = NOW } = {}) {
  const timestamp = String(Math.floor(at / 1000));
  const key = Buffer.from(secret.slice('whsec_'.length), 'base64');
  const signature = createHmac('sha256', key).update(`${id}.${timestamp}.${text}`).digest('base64');
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': `v1,${signature}` };
}

test('the sample of Standard Webhooks is accepted', async () => {
  const headers = {
    'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    'webhook-timestamp': '1614265330',
    'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  };
  expect(await verifyWebhook({ body, headers, secret: SECRET, now: NOW })).toEqual({ test: 2432232314 });
});

test('any body that was signed is accepted, as bytes and as text, whatever the case of the headers', async () => {
  await fc.assert(
    fc.asyncProperty(fc.jsonValue({ stringUnit: 'grapheme' }), async (value) => {
      const text = JSON.stringify(value);
      const headers = Object.fromEntries(
        Object.entries(sign(text)).map(([name, content]) => [name.toUpperCase(), content]),
      );
      const expected = JSON.parse(text);
      expect(await verifyWebhook({ body: text, headers, secret: SECRET, now: NOW })).toEqual(expected);
      const bytes = new TextEncoder().encode(text);
      expect(await verifyWebhook({ body: bytes, headers: new Headers(headers), secret: SECRET, now: NOW })).toEqual(
        expected,
      );
    }),
  );
});

test('while a secret is replaced, one signature of several and one secret of several suffice', async () => {
  const both = {
    ...sign(body),
    'webhook-signature': `v1a,AAAA ${sign(body, { secret: OTHER })['webhook-signature']} ${sign(body)['webhook-signature']}`,
  };
  expect(await verifyWebhook({ body, headers: both, secret: SECRET, now: NOW })).toEqual(JSON.parse(body));
  expect(await verifyWebhook({ body, headers: sign(body), secret: [OTHER, SECRET], now: NOW })).toEqual(
    JSON.parse(body),
  );
});

test.each([
  ['another body', { body: `${body} ` }, /No signature fits/],
  ['another secret', { secret: OTHER }, /No signature fits/],
  ['another id', { headers: { ...sign(body), 'webhook-id': 'msg_2' } }, /No signature fits/],
  ['another time', { headers: { ...sign(body), 'webhook-timestamp': '1614265331' } }, /No signature fits/],
  [
    'another version',
    { headers: { ...sign(body), 'webhook-signature': sign(body)['webhook-signature'].replace('v1,', 'v2,') } },
    /No signature fits/,
  ],
  ['a signature that is no base64', { headers: { ...sign(body), 'webhook-signature': 'v1,???' } }, /No signature fits/],
  ['an empty signature', { headers: { ...sign(body), 'webhook-signature': 'v1,' } }, /No signature fits/],
  ['one that is too old', { headers: sign(body, { at: NOW - 301_000 }) }, /301 seconds ago/],
  ['one from the future', { headers: sign(body, { at: NOW + 301_000 }) }, /301 seconds ahead/],
  ['a time that is none', { headers: { ...sign(body), 'webhook-timestamp': 'now' } }, /webhook-timestamp/],
  ['no signature', { headers: { ...sign(body), 'webhook-signature': undefined } }, /webhook-signature is missing/],
  ['no id', { headers: { ...sign(body), 'webhook-id': '' } }, /webhook-id is missing/],
  ['a secret without its beginning', { secret: SECRET.slice(6) }, /whsec_/],
  ['an empty secret', { secret: 'whsec_' }, /whsec_/],
  ['no secret', { secret: [] }, /No secret/],
])('%s is refused, in words that do not show the secret', async (_, changes, message) => {
  const refusal = await verifyWebhook<never>({ body, headers: sign(body), secret: SECRET, now: NOW, ...changes }).catch(
    (error: Error) => error,
  );
  expect(refusal).toBeInstanceOf(WebhookVerificationError);
  expect(refusal.message).toMatch(message);
  expect(refusal.message).not.toContain(SECRET.slice(6));
});

test('a signed body that is no JSON is said to be so', async () => {
  const refused = verifyWebhook({ body: 'hello', headers: sign('hello'), secret: SECRET, now: NOW });
  await expect(refused).rejects.toThrow('no JSON');
});
