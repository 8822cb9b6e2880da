import { Connection } from '../load/connection.ts';
import { headerOf, headerPattern } from '../load/head.ts';
import { compare, sampleRequests } from '../measure.ts';
import { pageRequest } from '../pages.ts';
import type { Target } from '../rollcall.ts';
import type { Bench, Row, Scenario } from '../scenario.ts';

/** P1: a client that asks again for a list which it has already, against node:http answering two bytes. */
export const notModified: Scenario = { id: 'P1', title: '304 on an unchanged list', run };

async function run(bench: Bench): Promise<Row[]> {
  const dataset = await bench.datasets.get({ users: bench.options.users });
  await using server = await bench.startServer(dataset, 'P1');
  await using floor = await bench.startHttpFloor('empty');
  const known = await entityTag(server, pageRequest(dataset, 0));
  const requests = [pageRequest(dataset, 0, { 'If-None-Match': known })];
  const result = await compare(
    bench,
    () => sampleRequests(bench, server, requests, { status: 304 }),
    () => sampleRequests(bench, floor, requests),
  );
  return [
    {
      id: 'P1',
      what: '304 on an unchanged list / 2 bytes',
      unit: 'answers/s',
      ...result,
      goal: { of: 'ratio', least: 0.7 },
    },
  ];
}

async function entityTag(server: Target, request: Buffer): Promise<string> {
  using connection = await Connection.open(server.address);
  const { head } = await connection.send(request);
  const tag = headerOf(head, headerPattern('etag'));
  if (tag === undefined) throw new Error('the list has no ETag');
  return tag;
}
